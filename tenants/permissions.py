"""Who may do what: one table from role to permissions. An API key's scopes are the same strings."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    DEVELOPER = "developer"
    ANALYST = "analyst"
    BILLING = "billing"


READ = frozenset({"agents.read", "numbers.read", "trunks.read", "calls.read", "campaigns.read"})
BUILD = READ | {
    "agents.write",
    "numbers.write",
    "trunks.write",
    "calls.place",
    "calls.control",
    "calls.listen",
    "campaigns.write",
    "campaigns.run",
    "calls.annotate",
    "webhooks.read",
    "webhooks.write",
}
TEAM = frozenset({"team.read", "team.write", "keys.read", "keys.write", "audit.read"})
MONEY = frozenset({"billing.read", "billing.write"})
PRIVACY = frozenset({"privacy.read", "privacy.write"})

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.OWNER: BUILD | TEAM | MONEY | PRIVACY | {"tenant.write"},
    Role.ADMIN: BUILD | TEAM | PRIVACY | {"billing.read"},
    Role.DEVELOPER: BUILD | {"team.read", "keys.read", "keys.write"},
    Role.ANALYST: READ | {"team.read", "calls.annotate"},
    Role.BILLING: MONEY | {"team.read"},
}

DESCRIPTIONS: dict[str, str] = {
    "agents.read": "See agents, their drafts and versions.",
    "agents.write": "Make, change, publish and delete agents.",
    "numbers.read": "See phone numbers and the agents they reach.",
    "numbers.write": "Get, assign and release phone numbers.",
    "trunks.read": "See SIP trunks, without their passwords.",
    "trunks.write": "Connect, change and delete SIP trunks.",
    "calls.read": "See calls, transcripts, recordings and statistics.",
    "calls.place": "Place calls, also to an agent from the browser.",
    "calls.control": "End running calls and make the agent say something.",
    "calls.listen": "Listen in on running calls.",
    "calls.annotate": "Tag calls, write notes, share them by a link, and redact what was said.",
    "campaigns.read": "See campaigns, their contacts and results, and do-not-call lists.",
    "campaigns.write": "Make and change campaigns, contacts, and do-not-call lists.",
    "campaigns.run": "Start, pause and stop campaigns.",
    "webhooks.read": "See webhooks, call hooks and their deliveries, without their secrets.",
    "webhooks.write": "Make, change, try and delete webhooks and call hooks; replay deliveries.",
    "privacy.read": "See how long data are kept, legal holds, and people's requests about their data.",
    "privacy.write": "Change how long data are kept, hold them, and answer people's requests.",
    "team.read": "See members and invitations.",
    "team.write": "Invite and remove members and change their roles, up to one's own role.",
    "keys.read": "See API keys and vendors' keys, without their secrets.",
    "keys.write": "Make, rotate and revoke API keys, within one's own permissions; keep vendors' keys.",
    "audit.read": "Search and export the audit log.",
    "billing.read": "See usage, balance and invoices.",
    "billing.write": "Add credit and change how the tenant pays.",
    "tenant.write": "Rename, transfer, export and delete the tenant; change its single sign-on.",
}
"""What each permission allows, in words, in the order in which people read them."""


class Access(StrEnum):
    """What a view may ask for instead of a permission."""

    MEMBER = "any member"
    """Any person or API key of the tenant."""
    PERSON = "a person"
    """Anybody who is logged in, in no tenant; see `tenants.rest.PersonViewSet`."""
    ANYBODY = "anybody"
    """Also without credentials."""


LIVE_ONLY = frozenset({"team.write", "tenant.write", "webhooks.write", "privacy.write", "billing.write"})
"""What a test key never may, whatever its scopes: the team and the tenant, whom real calls are told to, what
is kept of real people, and real money."""

ALL_PERMISSIONS: frozenset[str] = frozenset().union(*PERMISSIONS.values())


def permissions_of(role: str) -> frozenset[str]:
    """The permissions of `role`. ValueError when there is no such role."""
    return PERMISSIONS[Role(role)]


def role_outranks(role: str, other: str) -> bool:
    """Whether `role` stands above `other`: owners above admins, admins above the rest."""
    ladder = [Role.ADMIN, Role.OWNER]

    def rung(name: str) -> int:
        return ladder.index(Role(name)) if name in ladder else -1

    return rung(role) > rung(other)
