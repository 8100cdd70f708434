"""All changes of a campaign's `Progress` and `Minute`.

Whoever moves contacts locks the row first (`lock`), tells here what it moved, and writes it once at the end
of its transaction (`save`). The row is the lock of the campaign: after the tenant's advisory lock, before the
campaign's own row, contacts, attempts and calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from apps.campaigns.models import ContactState, Minute, Progress
from apps.campaigns.outcomes import CONNECTED, HUMAN, TRUNK_TROUBLE, Outcome
from tenants.errors import NotFound
from tenants.ids import to_public

MACHINE = frozenset({Outcome.VOICEMAIL, Outcome.SCREENING})
FINISHED = frozenset({ContactState.DONE, ContactState.SET_ASIDE})


@dataclass(frozen=True, slots=True)
class Settled:
    """An attempt that ended and where its contact went. `converted` and `opted_out`: the contact is so now,
    and was not before. `why`: a `SetAside`, when the contact is set aside. Money in micro-units of the
    wallet's currency; what was held for the attempt is no longer."""

    outcome: Outcome
    after: ContactState
    version_id: UUID
    talk_ms: int = 0
    held_micros: int = 0
    cost_micros: int = 0
    converted: bool = False
    opted_out: bool = False
    why: str = ""


def lock(campaign_id: UUID) -> Progress:
    """The campaign's progress, locked until the transaction ends. NotFound."""
    progress = Progress.objects.select_for_update(of=("self",)).filter(campaign_id=campaign_id).first()
    if progress is None:
        raise NotFound("There is no such campaign.")
    return progress


def added(progress: Progress, *, state: ContactState, n: int = 1, why: str = "") -> None:
    """`n` new contacts in `state`; of those set aside, `why` (`SetAside`)."""
    progress.contacts += n
    _count(progress, state, n, why)


def removed(
    progress: Progress, *, state: ContactState, n: int = 1, why: str = "", converted: int = 0
) -> None:
    """`n` contacts that were in `state` are no longer the campaign's; `converted` of them were."""
    progress.contacts -= n
    progress.converted -= converted
    _count(progress, state, -n, why)


def moved(
    progress: Progress,
    *,
    before: ContactState,
    after: ContactState,
    n: int = 1,
    why: str = "",
    left: str = "",
    now: datetime | None = None,
) -> None:
    """`n` contacts from `before` to `after`. `why`: they are set aside for it now; `left`: they were. With
    `now` those that are finished by it are counted in that minute."""
    _count(progress, before, -n, left)
    _count(progress, after, n, why)
    if now is not None and after in FINISHED and before not in FINISHED and n:
        in_minute(progress, now, finished=n)


def decided(progress: Progress, *, n: int, held_micros: int, now: datetime) -> None:
    """`n` waiting contacts are being called from now on, at most for `held_micros` together."""
    if not n:
        return
    moved(progress, before=ContactState.WAITING, after=ContactState.CALLING, n=n)
    progress.held_micros += held_micros
    progress.granted = max(0, progress.granted - n)
    in_minute(progress, now, started=n)


def settled(progress: Progress, ended: list[Settled], *, now: datetime) -> None:
    """Attempts whose calls have ended. Those that were not dialed count nowhere but in what was held."""
    tally: dict[str, int] = {}
    for one in ended:
        moved(progress, before=ContactState.CALLING, after=one.after, why=one.why)
        progress.held_micros -= one.held_micros
        counts = _counts(one)
        if one.outcome != Outcome.NOT_DIALED:
            progress.talk_ms += one.talk_ms
            _add_up(progress, one, counts)
        _sum(tally, counts | _trouble(one))
    if any(tally.values()):
        in_minute(progress, now, **{k: n for k, n in tally.items() if k != "opted_out"})


def known_afterwards(
    progress: Progress, *, version_id: UUID, converted: bool, opted_out: bool, now: datetime
) -> None:
    """Of an attempt that was settled before: its contact is converted, or opted out, after all."""
    counts = {"converted": int(converted), "opted_out": int(opted_out)}
    for name, n in counts.items():
        setattr(progress, name, getattr(progress, name) + n)
    _sum(progress.by_version.setdefault(to_public("agv_", version_id), {}), counts)
    if converted:
        in_minute(progress, now, converted=1)


def in_minute(progress: Progress, now: datetime, **counts: int) -> None:
    """Adds to the minute of `now`, which is made when it is missing."""
    begins = now.replace(second=0, microsecond=0)
    minute, new = Minute.objects.get_or_create(
        campaign_id=progress.campaign_id,
        begins=begins,
        defaults={"tenant_id": progress.tenant_id, **counts},
    )
    if not new:
        sums = {name: F(name) + n for name, n in counts.items()}
        Minute.objects.filter(pk=minute.pk).update(**sums)


def save(progress: Progress) -> None:
    """Writes what has been told; the grant's end is the allotment's own."""
    progress.save(update_fields=[*_WRITTEN, "updated_at"])


_WRITTEN = [
    "contacts",
    "waiting",
    "checking",
    "calling",
    "done",
    "set_aside",
    "attempts",
    "connected",
    "human",
    "machine",
    "converted",
    "opted_out",
    "talk_ms",
    "cost_micros",
    "held_micros",
    "outcomes",
    "set_asides",
    "by_version",
    "granted",
]


def _count(progress: Progress, state: ContactState, n: int, why: str) -> None:
    name = str(ContactState(state).value)
    setattr(progress, name, getattr(progress, name) + n)
    if state == ContactState.SET_ASIDE:
        _sum(progress.set_asides, {str(why): n})


def _counts(one: Settled) -> dict[str, int]:
    dialed = one.outcome != Outcome.NOT_DIALED
    return {
        "attempts": int(dialed),
        "connected": int(one.outcome in CONNECTED),
        "human": int(one.outcome in HUMAN),
        "machine": int(one.outcome in MACHINE),
        "converted": int(one.converted),
        "opted_out": int(one.opted_out),
        "cost_micros": one.cost_micros,
    }


def _trouble(one: Settled) -> dict[str, int]:
    return {
        "hung_up_early": int(one.outcome == Outcome.HUNG_UP_EARLY),
        "failed": int(one.outcome == Outcome.FAILED),
        "trunk_trouble": int(one.outcome in TRUNK_TROUBLE),
        "finished": int(one.after in FINISHED),
    }


def _add_up(progress: Progress, one: Settled, counts: Mapping[str, int]) -> None:
    for name, n in counts.items():
        setattr(progress, name, getattr(progress, name) + n)
    _sum(progress.outcomes, {str(one.outcome): 1})
    version: dict[str, Any] = progress.by_version.setdefault(to_public("agv_", one.version_id), {})
    _sum(version, {**counts, "talk_ms": one.talk_ms})
    _sum(version.setdefault("outcomes", {}), {str(one.outcome): 1})


def _sum(into: dict[str, int], counts: Mapping[str, int]) -> None:
    """Nothing is kept of what comes to nothing, but for the figures of a version."""
    for name, n in counts.items():
        into[name] = into.get(name, 0) + n
