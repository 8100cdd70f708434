"""Asking a tenant's call hook while a call waits: outside any transaction, within the hook's deadline."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from apps.webhooks import wire
from apps.webhooks.circuit import Circuits
from apps.webhooks.decisions import BadDecision, Decision, read_decision
from apps.webhooks.models import CallHook, HookFallback
from tenants.ids import new_id, to_public
from tenants.models import Tenant
from tenants.standard_webhooks import signed

log = structlog.get_logger(__name__)

USER_AGENT = "Trunkline-Webhooks/1 (call hook)"
ANSWER_KEPT = 4_096
"""Characters of an answer that are shown to whoever tries the hook."""

_circuits = Circuits()


@dataclass(frozen=True, slots=True)
class Hook:
    """All that asking needs of a `CallHook`, so that no row is held meanwhile. `key`: another one after each
    change, which is also a new beginning for a hook that rested."""

    id: UUID
    tenant_id: UUID
    moment: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    secret: str = field(repr=False)
    deadline_ms: int
    fallback: str
    key: str
    troubled: bool

    @property
    def refuses(self) -> bool:
        """What becomes of the call when the hook does not help."""
        return self.fallback == HookFallback.REFUSE


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a question. Without a `decision` there is a `problem`, in words, and the hook's fallback
    decides. `asked`: whether it was asked at all. `answer`: the first of its body, as text."""

    hook: Hook
    at: datetime
    took_ms: int = 0
    decision: Decision | None = None
    problem: str = ""
    asked: bool = True
    status: int | None = None
    answer: str = ""


def hook_for(moment: str) -> Hook | None:
    """The hook that the tenant in force has for this moment, when it is on. One query."""
    row = CallHook.objects.filter(moment=moment, enabled=True).first()
    return None if row is None else as_hook(row)


def as_hook(row: CallHook) -> Hook:
    """`row` to be asked, with its secrets: never log or return it."""
    return Hook(
        id=row.pk,
        tenant_id=row.tenant_id,
        moment=row.moment,
        url=row.url,
        headers=headers_of(row),
        secret=str(row.secret),
        deadline_ms=row.deadline_ms,
        fallback=row.fallback,
        key=f"{row.pk}:{row.updated_at.timestamp()}",
        troubled=bool(row.trouble),
    )


def headers_of(row: CallHook) -> dict[str, str]:
    """The tenant's own headers, with their values: secrets."""
    stored: dict[str, str] = json.loads(str(row.headers)) if row.headers else {}
    return stored


def ask(hook: Hook, question: Mapping[str, Any]) -> Said:
    """Asks, unless the hook rests after failures. Outside any scope. Raises nothing that is the hook's."""
    refused = _circuits.begin(hook.key, now=time.monotonic())
    if refused:
        return Said(hook=hook, at=timezone.now(), asked=False, problem=refused)
    said: Said | None = None
    try:
        said = ask_once(hook, question)
    finally:
        ok = said is not None and said.decision is not None
        _circuits.end(hook.key, now=time.monotonic(), ok=ok)
    return said


def ask_once(hook: Hook, question: Mapping[str, Any]) -> Said:
    """Asks, whatever was before. Outside any scope."""
    if not connection.in_atomic_block:
        connection.close()  # back to the pool, which is small, while a tenant's server works
    at, began = timezone.now(), time.monotonic()
    body, headers = _message(hook, question, at)
    status, answer, decision, problem = None, b"", None, ""
    try:
        told = wire.exchange(hook.url, body=body, headers=headers, within_ms=hook.deadline_ms)
        status, answer = told.status, told.body
        if status == 200:
            decision = read_decision(hook.moment, answer)
        else:
            problem = _not_200(status)
    except (wire.NoAnswer, BadDecision) as error:
        status, problem = getattr(error, "status", None) or status, str(error)
    took_ms = round((time.monotonic() - began) * 1000)
    log.info("call_hook_asked", hook=str(hook.id), moment=hook.moment, took_ms=took_ms, problem=problem)
    return Said(
        hook=hook,
        at=at,
        took_ms=took_ms,
        decision=decision,
        problem=problem,
        status=status,
        answer=answer.decode("utf-8", "replace").replace("\x00", "")[:ANSWER_KEPT],
    )


def note(said: Said) -> None:
    """Keeps what was wrong last, in the tenant's scope; an answer that could be used forgets it.

    The same again within a minute is not written: a hook that is down fails many calls.
    """
    rows = CallHook.objects.filter(pk=said.hook.id)
    if said.problem:
        told = Q(trouble=said.problem[:500], trouble_at__gt=said.at - timedelta(minutes=1))
        if said.asked:
            rows.exclude(told).update(trouble=said.problem[:500], trouble_at=said.at)
    elif said.hook.troubled:
        rows.exclude(trouble="").update(trouble="", trouble_at=None)


def _message(hook: Hook, question: Mapping[str, Any], at: datetime) -> tuple[bytes, dict[str, str]]:
    message_id = f"msg_{new_id().hex}"
    told = {
        "id": message_id,
        "moment": hook.moment,
        "timestamp": at.isoformat().replace("+00:00", "Z"),
        "tenant": to_public(Tenant.id_prefix, hook.tenant_id),
        **question,
    }
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        **hook.headers,
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        **signed(hook.secret, id=message_id, at=at, body=body),
    }
    return body, headers


def _not_200(status: int) -> str:
    if 300 <= status < 400:
        return f"It answered {status}, a redirect: redirects are not followed."
    return f"It answered {status}, not 200."
