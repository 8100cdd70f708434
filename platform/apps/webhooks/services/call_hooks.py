"""A tenant's call hooks, in its scope."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from apps.webhooks.models import CallHook, HookFallback, HookMoment
from apps.webhooks.services.asking import headers_of
from apps.webhooks.targets import check_headers, check_url
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.ids import new_id
from tenants.standard_webhooks import new_secret

SHORTEST_MS, LONGEST_MS = 100, 5_000
DEADLINE_MS = 1_000

_NUMBERS = {"from": "+12025550123", "to": "+12025550100"}


def list_hooks() -> QuerySet[CallHook]:
    """One for each moment at most."""
    return CallHook.objects.all()


def find_hook(moment: str, *, lock: bool = False) -> CallHook | None:
    """The hook of this moment; `lock` holds it until the transaction ends."""
    rows = CallHook.objects.select_for_update(of=("self",)) if lock else list_hooks()
    return rows.filter(moment=moment).first()


def get_hook(moment: str, *, lock: bool = False) -> CallHook:
    """The same. NotFound when there is none."""
    hook = find_hook(moment, lock=lock)
    if hook is None:
        raise NotFound("There is no call hook of this moment.")
    return hook


def put_hook(
    *,
    moment: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    deadline_ms: int = DEADLINE_MS,
    fallback: str = HookFallback.GO_ON,
    enabled: bool = True,
) -> tuple[CallHook, str | None]:
    """The tenant's hook of `moment` from now on; and its secret when it is a new one, shown this once.

    A header whose value is empty keeps the one that is stored, unless it would go to another server; one
    that is left out is gone. InvalidInput names what cannot be used.
    """
    url = check_url(url)
    if not SHORTEST_MS <= deadline_ms <= LONGEST_MS:
        raise InvalidInput(f"Give {SHORTEST_MS} to {LONGEST_MS} ms.", field="deadline_ms")
    hook = find_hook(moment, lock=True)
    values = check_headers(_filled(hook, url, headers or {}))
    secret = None
    if hook is None:
        secret = new_secret()
        hook = CallHook(moment=moment, secret=secret)
    hook.url, hook.deadline_ms, hook.fallback, hook.enabled = url, deadline_ms, fallback, enabled
    hook.headers = json.dumps(values) if values else ""
    hook.trouble, hook.trouble_at = "", None
    try:
        with transaction.atomic():
            hook.save()
    except IntegrityError:
        raise Conflict("Somebody else has just set this hook: read it, then repeat your change.") from None
    return hook, secret


def delete_hook(hook: CallHook) -> None:
    """Calls that begin from now on ask nobody."""
    hook.delete()


def rotate_secret(hook: CallHook) -> str:
    """A new secret, shown this once; the one before is forgotten."""
    hook.secret = secret = new_secret()
    hook.save()
    return secret


def example_of(moment: str) -> dict[str, Any]:
    """A question as a hook gets it, of a call that there is not."""
    call: dict[str, Any] = {**_NUMBERS, "test": True}
    if moment == HookMoment.BEFORE_ANSWER:
        call |= {"number": None, "trunk": None, "headers": {}}
        return {"call": call, "agent": None}
    call |= {"id": f"call_{new_id().hex}", "agent": None, "variables": {}, "metadata": {}, "campaign": None}
    return {"call": call}


def _filled(hook: CallHook | None, url: str, headers: Mapping[str, str]) -> dict[str, str]:
    stored = headers_of(hook) if hook else {}
    if hook is None or _server(hook.url) != _server(url):
        for name, value in headers.items():
            if not value and name in stored:
                raise InvalidInput(
                    "It would be sent to another server than before: give its value again.",
                    field=f"headers.{name}",
                    code="secret_moves",
                )
    return {name: value or stored.get(name, "") for name, value in headers.items()}


def _server(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
