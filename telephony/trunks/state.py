"""What goes on at trunks now: registration, devices, calls. Few queries, however many trunks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from telephony.edge.models import EdgeDevice
from telephony.trunks.models import Registration, RegistrationState, Trunk, TrunkRegistration


@dataclass(frozen=True, slots=True)
class Usage:
    """The calls of a trunk on the wire by direction, and how many were new in the last second; the first
    of the new outbound ones was dialed at `dialed_from`."""

    inbound: int = 0
    outbound: int = 0
    new_inbound: int = 0
    new_outbound: int = 0
    dialed_from: datetime | None = None


UsageSource = Callable[[Collection[UUID]], Mapping[UUID, Usage]]
_sources: list[UsageSource] = []


def count_calls_with(source: UsageSource) -> None:
    """Who knows of calls says here how many each trunk has; called once, when the program starts."""
    _sources[:] = [source]


@dataclass(frozen=True, slots=True)
class TrunkState:
    """The live state of one trunk."""

    registration: TrunkRegistration | None
    devices: list[EdgeDevice] = field(default_factory=list)
    usage: Usage = Usage()


def live_states(trunks: Sequence[Trunk], *, now: datetime | None = None) -> dict[UUID, TrunkState]:
    """The state of each of `trunks` (of `selectors.list_trunks`), in two queries at most."""
    now = now or timezone.now()
    usage = _sources[0]([t.pk for t in trunks]) if _sources and trunks else {}
    devices = _devices(trunks, now)
    return {
        t.pk: TrunkState(_registration(t, now), devices.get(t.slug, []), usage.get(t.pk, Usage()))
        for t in trunks
    }


def _registration(trunk: Trunk, now: datetime) -> TrunkRegistration | None:
    """The state as it holds now: a registration that nobody refreshed is none any more."""
    if trunk.registration != Registration.OUTBOUND:
        return None
    row: TrunkRegistration | None = getattr(trunk, "registration_state", None)
    if (
        row is not None
        and row.state == RegistrationState.REGISTERED
        and row.expires_at
        and row.expires_at <= now
    ):
        row.state, row.changed_at = RegistrationState.FAILED, row.expires_at
        row.last_error = row.last_error or "It was not refreshed in time."
    return row


def _devices(trunks: Sequence[Trunk], now: datetime) -> Mapping[str, list[EdgeDevice]]:
    slugs = [t.slug for t in trunks if t.registration == Registration.INBOUND]
    found: dict[str, list[EdgeDevice]] = defaultdict(list)
    if slugs:
        for device in EdgeDevice.objects.filter(trunk_slug__in=slugs, expires_at__gt=now):
            found[device.trunk_slug].append(device)
    return found
