"""Our registrations at trunks' carriers: which node holds each, and how it stands. Platform scope.

Exactly one node holds a registration, by a lease that it renews with every report. When the lease runs
out, the next node that reports takes over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_network

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from media_workers.contract.calls import Gateway
from media_workers.contract.signalling import LEASE_S, RegistrationStatus, RegistrationTask
from telephony.edge.models import MediaNode
from telephony.edge.selectors import live_nodes
from telephony.trunks.models import (
    Registration,
    RegistrationState,
    Trunk,
    TrunkAddress,
    TrunkGateway,
    TrunkRegistration,
)
from telephony.trunks.news import News, tell

LEASE = timedelta(seconds=LEASE_S)

_WANTED = Q(
    trunk__registration=Registration.OUTBOUND,
    trunk__archived_at=None,
    trunk__tenant__suspended_at=None,
)


def take_registrations(node: MediaNode, *, now: datetime | None = None) -> list[RegistrationTask]:
    """All that `node` holds from now on: what it has, and its share of what nobody holds.

    A node that drains holds none: the others take over at once, before calls to it are refused. With
    `expires_s` 0: registrations that are not wanted any more, to be taken back.
    """
    now = now or timezone.now()
    if node.draining:
        TrunkRegistration.objects.filter(node=node).update(node=None, lease_until=None)
        return []
    _make_missing()
    held = list(_rows().filter(node=node).filter(_WANTED | ~Q(state=RegistrationState.NONE)))
    held += _take_free(len(held), now)
    TrunkRegistration.objects.filter(pk__in=[row.pk for row in held]).update(
        node=node, lease_until=now + LEASE
    )
    return [task for row in held if (task := _task(row.trunk)) is not None]


def _take_free(has: int, now: datetime) -> list[TrunkRegistration]:
    """At most an even share among the nodes that live, so that one does not hold all of them."""
    wanted = TrunkRegistration.objects.filter(_WANTED).count()
    share = -(-wanted // max(1, live_nodes(now=now).filter(draining=False).count()))
    free = Q(node=None) | Q(lease_until=None) | Q(lease_until__lt=now)
    due = Q(retry_at=None) | Q(retry_at__lte=now)
    rows = _rows().filter(free, due).filter(_WANTED | Q(state=RegistrationState.REGISTERED))
    return list(rows[: max(0, share - has)])


def _rows() -> QuerySet[TrunkRegistration]:
    """Locked, but for those that another node is taking at this moment."""
    rows = TrunkRegistration.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
    return rows.select_related("trunk__tenant").order_by("pk")


def _make_missing() -> None:
    """The row of each trunk that has come to want a registration."""
    known = TrunkRegistration.objects.filter(trunk=OuterRef("pk"))
    trunks = Trunk.objects.filter(registration=Registration.OUTBOUND, archived_at=None)
    missing = trunks.filter(~Exists(known))
    TrunkRegistration.objects.bulk_create(
        (TrunkRegistration(tenant_id=trunk.tenant_id, trunk=trunk) for trunk in missing),
        ignore_conflicts=True,
    )


def _task(trunk: Trunk) -> RegistrationTask | None:
    registrar = _registrar(trunk)
    if registrar is None:
        return None
    wanted = trunk.registration == Registration.OUTBOUND and trunk.archived_at is None
    wanted = wanted and not trunk.tenant.suspended
    return RegistrationTask(
        trunk_id=trunk.pk,
        registrar=registrar,
        user=trunk.username,
        username=trunk.username,
        password=trunk.password,
        contact_user=trunk.slug,
        expires_s=trunk.registration_expires_s if wanted else 0,
    )


def _registrar(trunk: Trunk) -> Gateway | None:
    """The registrar named, else the first gateway; None when there is neither."""
    if trunk.registrar:
        return Gateway.model_validate(trunk.registrar)
    first = TrunkGateway.objects.filter(trunk=trunk, enabled=True).order_by("priority", "pk").first()
    return _gateway(first) if first is not None else None


def record_registrations(
    node: MediaNode, statuses: Iterable[RegistrationStatus], *, now: datetime | None = None
) -> None:
    """What `node` says of registrations that it holds; of others it is passed over."""
    now = now or timezone.now()
    for status in statuses:
        row = TrunkRegistration.objects.select_for_update(no_key=True).filter(
            trunk=status.trunk_id, node=node
        )
        known = row.first()
        if known is None:
            continue
        before = _standing(known, now)
        if known.state != status.state:
            known.state, known.changed_at = status.state, now
        known.expires_at = status.expires_at
        known.last_error = status.last_error.replace("\x00", "")[:300]
        known.failures = min(status.failures, 1_000)
        known.retry_at = status.retry_at
        known.save()
        _learn(known, status.addresses)
        _tell(known, before, now)


def _standing(row: TrunkRegistration, now: datetime) -> str:
    """registered, failed, or none: that a standing one is being refreshed, or a failed one tried again, is no
    news."""
    if row.state in (RegistrationState.FAILED, RegistrationState.BACKING_OFF):
        return "failed"
    if row.state == RegistrationState.NONE:
        return "none"
    if row.expires_at is not None and row.expires_at > now:
        return "registered"
    return "failed" if row.failures else "none"


def _tell(row: TrunkRegistration, before: str, now: datetime) -> None:
    state = _standing(row, now)
    if state not in (before, "none"):
        tell(
            News(
                trunk_id=row.trunk_id,
                tenant_id=row.tenant_id,
                gateway=None,
                state=state,
                before=before,
                error=row.last_error if state == "failed" else "",
                at=now,
            )
        )


def _learn(row: TrunkRegistration, addresses: Sequence[IPv4Address | IPv6Address]) -> None:
    """Calls are taken from where the registration was, as long as it stands."""
    networks = {ip_network(address) for address in addresses}
    rows = TrunkAddress.objects.filter(trunk=row.trunk_id, learned=True)
    rows.exclude(network__in=networks).delete()
    TrunkAddress.objects.bulk_create(
        [
            TrunkAddress(tenant_id=row.tenant_id, trunk_id=row.trunk_id, network=network, learned=True)
            for network in networks
        ],
        ignore_conflicts=True,
    )


def gateways_to_ask(node: MediaNode, *, now: datetime | None = None) -> list[Gateway]:
    """The gateways that `node` sends OPTIONS to: each is asked by one of the nodes that live."""
    nodes = list(live_nodes(now=now).filter(draining=False).order_by("pk").values_list("pk", flat=True))
    if node.pk not in nodes:
        return []
    gateways = TrunkGateway.objects.filter(
        enabled=True, trunk__archived_at=None, trunk__tenant__suspended_at=None
    )
    sending = gateways.exclude(trunk__direction="inbound").order_by("pk")
    mine = (g for g in sending if g.pk.int % len(nodes) == nodes.index(node.pk))
    return [_gateway(g) for g in mine]


def _gateway(row: TrunkGateway) -> Gateway:
    return Gateway.model_validate(
        {"id": row.pk, "host": row.host, "port": row.port, "transport": row.transport}
    )
