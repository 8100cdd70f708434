"""Who may do what: one table from role to permissions. An API key's scopes are the same strings."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    DEVELOPER = "developer"
    ANALYST = "analyst"
    BILLING = "billing"


READ = frozenset({"agents.read", "numbers.read", "trunks.read", "calls.read"})
BUILD = READ | {"agents.write", "numbers.write", "trunks.write", "calls.place", "calls.control"}
TEAM = frozenset({"team.read", "team.write", "keys.read", "keys.write", "audit.read"})
MONEY = frozenset({"billing.read", "billing.write"})

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.OWNER: BUILD | TEAM | MONEY | {"tenant.write"},
    Role.ADMIN: BUILD | TEAM | {"billing.read"},
    Role.DEVELOPER: BUILD | {"team.read", "keys.read", "keys.write"},
    Role.ANALYST: READ | {"team.read"},
    Role.BILLING: MONEY | {"team.read"},
}

ALL_PERMISSIONS: frozenset[str] = frozenset().union(*PERMISSIONS.values())


def permissions_of(role: str) -> frozenset[str]:
    """The permissions of `role`. ValueError when there is no such role."""
    return PERMISSIONS[Role(role)]
