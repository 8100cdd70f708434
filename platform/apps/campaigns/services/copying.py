"""A campaign's contacts over again in another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from apps.campaigns.models import Campaign, Contact, ContactState, Place
from apps.campaigns.outcomes import SetAside
from apps.campaigns.selectors import config_of
from apps.campaigns.services import counting

AT_ONCE = 2_000


def copy_contacts(source: Campaign, target: Campaign, *, now: datetime) -> int:
    """All of them but those that a person took out, due `now`, as if nobody had been called; how many. What
    may not be dialed stays set aside; every other reason is asked again when its turn comes."""
    places = _copy_places(source, target)
    first = ContactState.CHECKING if config_of(target).number_check else ContactState.WAITING
    counts: Counter[ContactState] = Counter()
    for rows in _batches(source):
        new = [_fresh(row, target, places[row.place_id], first, now) for row in rows]
        Contact.objects.bulk_create(new)
        counts.update(ContactState(row.state) for row in new)
    progress = counting.lock(target.pk)
    for state, n in counts.items():
        why = SetAside.NOT_DIALABLE if state == ContactState.SET_ASIDE else ""
        counting.added(progress, state=state, n=n, why=why)
    counting.save(progress)
    return counts.total()


def _copy_places(source: Campaign, target: Campaign) -> dict[UUID, UUID]:
    before = list(Place.objects.filter(campaign=source))
    new = [Place(campaign=target, zones=p.zones, country=p.country, region=p.region) for p in before]
    Place.objects.bulk_create(new)
    return {old.pk: copy.pk for old, copy in zip(before, new, strict=True)}


def _batches(source: Campaign) -> Iterator[list[Contact]]:
    """In order of their ids, so that no batch costs more than another."""
    rows = Contact.objects.filter(campaign=source).exclude(set_aside=SetAside.REMOVED).order_by("id")
    batch = list(rows[:AT_ONCE])
    while batch:
        yield batch
        batch = list(rows.filter(id__gt=batch[-1].pk)[:AT_ONCE])


def _fresh(contact: Contact, target: Campaign, place_id: UUID, first: ContactState, now: datetime) -> Contact:
    barred = contact.set_aside == SetAside.NOT_DIALABLE
    return Contact(
        campaign=target,
        place_id=place_id,
        e164=contact.e164,
        external_id=contact.external_id,
        variables=contact.variables,
        state=ContactState.SET_ASIDE if barred else first,
        next_at=now if first == ContactState.WAITING and not barred else None,
        set_aside=contact.set_aside if barred else "",
        detail=contact.detail if barred else "",
    )
