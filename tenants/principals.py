"""Who is asking: an API key or a person in one of their tenants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from tenants.ids import to_public

if TYPE_CHECKING:
    from tenants.models import User


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever a request or a socket acts for, in one tenant.

    `mode` is "test" for test keys: they reach the sandbox only. `role` is a person's; a key has none.
    `label` is the name of a key, for the audit log. `suspended`: the tenant may read only.
    `expires_at` is a key's end, which none that it makes outlives.
    Django's permission code asks `is_authenticated`.
    """

    kind: Literal["api_key", "session"]
    id: UUID
    tenant_id: UUID
    permissions: frozenset[str]
    user_id: UUID | None
    mode: Literal["live", "test"] = "live"
    role: str | None = None
    label: str = ""
    suspended: bool = False
    expires_at: datetime | None = None

    is_authenticated = True
    is_anonymous = False

    @property
    def public_id(self) -> str:
        return to_public("key_" if self.kind == "api_key" else "usr_", self.id)

    @property
    def pk(self) -> UUID:
        return self.id

    def may(self, permission: str) -> bool:
        return permission in self.permissions


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who is logged in, outside any tenant: for what is their own, and for making or joining one."""

    user: User

    kind = "session"
    is_authenticated = True
    is_anonymous = False

    @property
    def id(self) -> UUID:
        return self.user.pk

    @property
    def pk(self) -> UUID:
        return self.user.pk

    @property
    def public_id(self) -> str:
        return self.user.public_id


class AuthenticationRefused(Exception):
    """The credentials do not open anything; `code` for programs, `detail` for people."""

    def __init__(self, detail: str, code: str = "authentication_failed") -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code
