"""Whoever answers a person's request holds a lease on it, so that nobody else does at the same time."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from apps.privacy.models import PersonRequest, RequestState
from tenants.scope import tenant_scope

LEASE = timedelta(minutes=10)


class LeaseLost(RuntimeError):
    """Somebody else answers the request now: this one took too long."""


def take_lease(tenant_id: UUID, request_id: UUID) -> PersonRequest | None:
    """The request, running and leased; None when there is nothing to do, or somebody does it."""
    now = timezone.now()
    with tenant_scope(tenant_id):
        free = Q(state__in=[RequestState.WAITING, RequestState.HELD])
        free |= Q(state=RequestState.RUNNING) & (Q(leased_until=None) | Q(leased_until__lt=now))
        rows = PersonRequest.objects.select_for_update(of=("self",), skip_locked=True)
        request = rows.filter(free, pk=request_id).first()
        if request is None or (request.leased_until and request.leased_until > now):
            return None
        request.state, request.leased_until = RequestState.RUNNING, now + LEASE
        request.save(update_fields=["state", "leased_until", "updated_at"])
        return request


def renew(request: PersonRequest, *, progress: float | None = None) -> None:
    """Holds the lease for longer. Raises LeaseLost."""
    until = timezone.now() + LEASE
    with tenant_scope(request.tenant_id):
        rows = PersonRequest.objects.filter(
            pk=request.pk, state=RequestState.RUNNING, leased_until=request.leased_until
        )
        changes = {"leased_until": until} | ({} if progress is None else {"progress": progress})
        if not rows.update(**changes):
            raise LeaseLost
    request.leased_until = until
