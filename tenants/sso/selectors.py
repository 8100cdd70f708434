"""Reads of identity providers and of the domains they may vouch for."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from tenants.models import ClaimedDomain, SingleSignOn, Tenant
from tenants.scope import platform_scope


@dataclass(frozen=True, slots=True)
class Connection:
    """A tenant's identity provider with everything a login needs; read once, used outside any scope."""

    tenant: Tenant
    settings: SingleSignOn
    domains: frozenset[str]

    def may_vouch_for(self, email: str) -> bool:
        return domain_of(email) in self.domains


def domain_of(email: str) -> str:
    """What stands behind the last @, in lower case."""
    return email.rpartition("@")[2].lower()


def connection_of(tenant_id: UUID) -> Connection | None:
    """The identity provider of a tenant, from outside its scope; none of one that is being deleted."""
    with platform_scope():
        rows = SingleSignOn.objects.filter(tenant_id=tenant_id, tenant__deleting_at=None)
        row = rows.select_related("tenant").first()
        if row is None:
            return None
        domains = ClaimedDomain.objects.filter(tenant_id=tenant_id).values_list("domain", flat=True)
        return Connection(tenant=row.tenant, settings=row, domains=frozenset(domains))


def connection_by_slug(slug: str) -> Connection | None:
    """The identity provider of the tenant `slug`."""
    with platform_scope():
        tenant_id = Tenant.objects.filter(slug=slug).values_list("pk", flat=True).first()
    return connection_of(tenant_id) if tenant_id is not None else None


def own_single_sign_on(*, lock: bool = False) -> SingleSignOn | None:
    """That of the tenant in force."""
    rows = SingleSignOn.objects.all()
    return (rows.select_for_update() if lock else rows).first()


def own_domains() -> list[str]:
    """The domains claimed by the tenant in force, sorted."""
    return list(ClaimedDomain.objects.values_list("domain", flat=True))


def tenants_that_claim(email: str) -> QuerySet[ClaimedDomain]:
    """Who has claimed the domain of `email`; one row at most in the platform scope."""
    return ClaimedDomain.objects.filter(domain=domain_of(email))


def must_use_sso(email: str) -> Exists:
    """For a query on memberships: the tenant insists on its identity provider for `email`.

    Only in the platform scope.
    """
    claimed = tenants_that_claim(email).filter(tenant=OuterRef("tenant"))
    enforced = SingleSignOn.objects.filter(tenant=OuterRef("tenant"), enforced=True)
    return Exists(claimed.filter(Exists(enforced)))
