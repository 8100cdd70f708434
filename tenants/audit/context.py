"""Who acts: put around every request, read by the triggers and by `services.record`.

The values travel in pghistory's context, which PostgreSQL sees as a setting of the transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import pghistory
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from tenants.accounts.client import as_address, client_ip
from tenants.ids import to_public
from tenants.impersonation import impersonator_in, impersonator_of
from tenants.principals import Person, Principal

AGENT_CHARS = 300


def acting(
    request: HttpRequest, *, actor: str, label: str, kind: str = "user"
) -> AbstractContextManager[Any]:
    """Changes inside the block are `actor`'s (``usr_...``, ``key_...``), called `label`.

    `kind` is one of `ActorKind`; who impersonates, from where and with what is read from the request.
    """
    staff = impersonator_of(request)
    return pghistory.context(
        actor=actor,
        label=label,
        kind=kind,
        impersonator=staff.email if staff else "",
        **from_where(request),
    )


def from_where(request: HttpRequest) -> dict[str, str]:
    """`ip` and `user_agent` of the request."""
    agent = request.headers.get("User-Agent", "").replace("\x00", "")
    return {"ip": client_ip(request), "user_agent": agent[:AGENT_CHARS]}


def acting_for(request: HttpRequest, principal: Principal | Person) -> AbstractContextManager[Any]:
    """Changes inside the block are made by whoever the request's credentials name."""
    if isinstance(principal, Principal) and principal.kind == "api_key":
        return acting(request, actor=principal.public_id, label=principal.label, kind="api_key")
    return acting(request, actor=principal.public_id, label=_email(request))


def acting_on_socket(scope: Mapping[str, Any], principal: Principal) -> AbstractContextManager[Any]:
    """Changes inside the block are made by whoever opened the socket of this ASGI scope."""
    user = scope.get("user")
    session = scope.get("session") or {}
    key = principal.kind == "api_key"
    return pghistory.context(
        actor=principal.public_id,
        label=principal.label if key else str(getattr(user, "email", "")),
        kind=principal.kind if key else "user",
        impersonator="" if key else _staff_behind(session),
        **_from_where_of(scope),
    )


def _staff_behind(session: Mapping[str, Any] | SessionBase) -> str:
    staff = impersonator_in(session)
    return staff.email if staff else ""


def _from_where_of(scope: Mapping[str, Any]) -> dict[str, str]:
    headers = dict(scope["headers"])
    agent = headers.get(b"user-agent", b"").decode("latin-1").replace("\x00", "")
    return {"ip": as_address((scope.get("client") or [""])[0]), "user_agent": agent[:AGENT_CHARS]}


def acting_for_visitor(request: HttpRequest) -> AbstractContextManager[Any]:
    """Changes inside the block are made by whoever is logged in, or by someone who is about to be."""
    if request.user.is_authenticated:
        return acting(request, actor=request.user.public_id, label=_email(request))
    return acting(request, actor="", label="", kind="system")


def acting_as_staff(request: HttpRequest) -> AbstractContextManager[Any]:
    """Changes inside the block are made by the staff member who is logged in."""
    actor = to_public("usr_", request.user.pk)  # type: ignore[arg-type]
    return acting(request, actor=actor, label=_email(request), kind="staff")


def _email(request: HttpRequest) -> str:
    return str(getattr(request.user, "email", ""))


def actor_now() -> dict[str, Any]:
    """The columns of an entry that say who acts now; the system's when nobody does."""
    with pghistory.context() as current:
        told = current.metadata
    return {
        "actor_kind": told.get("kind") or "system",
        "actor_id": told.get("actor") or "",
        "actor_label": told.get("label") or told.get("actor") or "Trunkline",
        "impersonator": told.get("impersonator") or "",
        "ip": told.get("ip") or None,
        "user_agent": told.get("user_agent") or "",
    }
