"""Contacts one by one, or some at a time: added, changed, taken out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from apps.campaigns.hours.windows import PlaceKey
from apps.campaigns.importing.numbers import NotANumber, Number, number_of
from apps.campaigns.importing.values import NO_CONTACT, BadValue, GivenConsent, place_of, staged_line
from apps.campaigns.live import progressed
from apps.campaigns.models import Campaign, Contact, ContactState
from apps.campaigns.outcomes import SetAside
from apps.campaigns.promises import drop_promises
from apps.campaigns.selectors import config_of
from apps.campaigns.services import counting
from apps.campaigns.services.places import key_of, place_for
from apps.campaigns.services.staging import ensure_takes_contacts, make_contacts, stage
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.ids import new_id

AT_ONCE = 1_000
"""Contacts in one request."""

TAKEN_OUT = "The contact was taken out of the campaign."


@dataclass(frozen=True, slots=True)
class NewContact:
    """As somebody wrote it. What is empty is told by the number, or not known."""

    number: str
    variables: Mapping[str, str] = field(default_factory=dict)
    external_id: str = ""
    time_zone: str = ""
    region: str = ""
    country: str = ""
    consent: GivenConsent | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """A contact of the campaign; `duplicate`: it was one before, and stays as it was."""

    e164: str
    contact_id: UUID
    state: str
    set_aside: str
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """What is no contact: a code as in the reports of imports, and words."""

    refused: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Read:
    found: Number
    place: PlaceKey
    new: NewContact


def add_contacts(
    *, campaign: Campaign, contacts: Sequence[NewContact], now: datetime
) -> list[Added | Refused]:
    """Adds them in the caller's transaction, in any state of the campaign but `stopped` (Conflict); the
    answer to each, in order. One that is refused keeps no other one out."""
    ensure_takes_contacts(campaign)
    country = config_of(campaign).default_country
    read = [_read(contact, country, now) for contact in contacts]
    good = _first_ones(read)
    made = {one.found.e164: new_id() for one in good}
    if good:
        keys = {key: n for n, key in enumerate(dict.fromkeys(one.place for one in good))}
        lines = [
            staged_line(
                one.found,
                row_id=made[one.found.e164],
                row=n,
                place=keys[one.place],
                external_id=one.new.external_id,
                variables=one.new.variables,
                consent=one.new.consent,
            )
            for n, one in enumerate(good)
        ]
        stage(["".join([*lines, *_only_consents(read, good)]).encode()])
        make_contacts(campaign, list(keys), now=now)
    return _answers(campaign, read, made)


def _read(new: NewContact, country: str, now: datetime) -> _Read | Refused:
    try:
        found = number_of(new.number, new.country.upper() or country)
        place = place_of(found, time_zone=new.time_zone, country=new.country, region=new.region)
    except NotANumber as error:
        return Refused("not_a_number", str(error))
    except BadValue as error:
        return Refused(error.code, error.detail)
    if new.consent is not None and new.consent.given_at > now:
        return Refused("not_a_time", "A consent was given in the past.")
    return _Read(found, place, new)


def _first_ones(read: Iterable[_Read | Refused]) -> list[_Read]:
    """Of each number the first that was given."""
    firsts: dict[str, _Read] = {}
    for one in read:
        if isinstance(one, _Read):
            firsts.setdefault(one.found.e164, one)
    return list(firsts.values())


def _only_consents(read: Iterable[_Read | Refused], good: Sequence[_Read]) -> Iterator[str]:
    """Of numbers that were given before: their consents all count."""
    firsts = {id(one) for one in good}
    for n, one in enumerate(read):
        if isinstance(one, _Read) and one.new.consent is not None and id(one) not in firsts:
            yield staged_line(
                one.found, row_id=new_id(), row=n, place=NO_CONTACT, variables={}, consent=one.new.consent
            )


def _answers(
    campaign: Campaign, read: Iterable[_Read | Refused], made: Mapping[str, UUID]
) -> list[Added | Refused]:
    rows = Contact.objects.filter(campaign=campaign, e164__in=list(made))
    kept = {row.e164: row for row in rows.only("id", "e164", "state", "set_aside")}
    answers: list[Added | Refused] = []
    shown = set[str]()
    for one in read:
        if isinstance(one, Refused):
            answers.append(one)
            continue
        row = kept[one.found.e164]
        again = row.e164 in shown or row.pk != made[row.e164]
        shown.add(row.e164)
        answers.append(Added(row.e164, row.pk, row.state, row.set_aside, again))
    return answers


def list_contacts(campaign: Campaign) -> QuerySet[Contact]:
    """The campaign's, with their places."""
    return Contact.objects.filter(campaign=campaign).select_related("place")


def get_contact(campaign: Campaign, contact_id: UUID) -> Contact:
    """NotFound when the campaign has none of that id."""
    row = list_contacts(campaign).filter(pk=contact_id).first()
    if row is None:
        raise NotFound("There is no such contact.")
    return row


def change_contact(
    *,
    contact: Contact,
    now: datetime,
    variables: Mapping[str, str] | None = None,
    external_id: str | None = None,
    time_zone: str | None = None,
    country: str | None = None,
    region: str | None = None,
) -> Contact:
    """Changes what is given; an empty `time_zone`, `country` or `region` goes back to what the number tells.
    One that was set aside because its time zone was not known waits when it is known now."""
    campaign = contact.campaign
    place = contact.place
    if not (time_zone is country is region is None):
        key = _moved(contact, time_zone, country, region)
        place = place_for(campaign, [key])[key]
    progress = counting.lock(campaign.pk)
    fresh = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if variables is not None:
        fresh.variables = {name: value for name, value in variables.items() if value}
    if external_id is not None:
        fresh.external_id = external_id
    fresh.place = place
    somewhere = place.zones or config_of(campaign).hours.default_time_zone
    if fresh.set_aside == SetAside.NO_TIME_ZONE and somewhere:
        left, fresh.set_aside, fresh.detail = fresh.set_aside, "", ""
        fresh.state, fresh.next_at = ContactState.WAITING, now
        counting.moved(
            progress, before=ContactState.SET_ASIDE, after=ContactState.WAITING, left=left, now=now
        )
        counting.save(progress)
        progressed(campaign)
    fresh.save()
    return fresh


def _moved(contact: Contact, time_zone: str | None, country: str | None, region: str | None) -> PlaceKey:
    found, before = number_of(contact.e164, ""), key_of(contact.place)
    try:
        key = place_of(found, time_zone=time_zone or "", country=country or "", region=region or "")
    except BadValue as error:
        raise InvalidInput(error.detail, field=error.name, code=error.code) from None
    return PlaceKey(
        before.zones if time_zone is None else key.zones,
        before.country if country is None else key.country,
        before.region if region is None and country is None else key.region,
    )


def zones_became_known(campaign: Campaign, *, checked_first: bool, now: datetime) -> int:
    """The campaign has a time zone for contacts whose own is not known: those that were set aside for that
    wait now, as new ones do; how many. In the transaction that changes the configuration."""
    progress = counting.lock(campaign.pk)
    rows = Contact.objects.filter(
        campaign=campaign, state=ContactState.SET_ASIDE, set_aside=SetAside.NO_TIME_ZONE
    )
    checking = rows.filter(attempts=0) if checked_first else rows.none()
    moves = (
        (checking, ContactState.CHECKING, None),
        (rows, ContactState.WAITING, now),
    )
    moved = 0
    for some, after, next_at in moves:
        n = some.update(state=after, next_at=next_at, set_aside="", detail="")
        counting.moved(progress, before=ContactState.SET_ASIDE, after=after, n=n, left=SetAside.NO_TIME_ZONE)
        moved += n
    counting.save(progress)
    return moved


def take_out(*, contact: Contact, now: datetime) -> None:
    """It is not called any more: set aside as `removed`, so that no import brings it back. Done twice it does
    nothing more. Conflict while it is being called, or when it is done."""
    progress = counting.lock(contact.campaign_id)
    fresh = Contact.objects.select_for_update(of=("self",)).get(pk=contact.pk)
    if fresh.set_aside == SetAside.REMOVED:
        return
    if fresh.state in (ContactState.CALLING, ContactState.DONE):
        words = {"calling": "It is being called now.", "done": "Nobody will call it again."}
        raise Conflict(words[fresh.state], code=f"is_{fresh.state}")
    counting.moved(
        progress,
        before=ContactState(fresh.state),
        after=ContactState.SET_ASIDE,
        left=fresh.set_aside,
        why=SetAside.REMOVED,
        now=now,
    )
    counting.save(progress)
    if fresh.promised:
        drop_promises([fresh.pk], why=TAKEN_OUT)
    fresh.state, fresh.set_aside, fresh.detail = ContactState.SET_ASIDE, SetAside.REMOVED, ""
    fresh.next_at, fresh.promised = None, False
    fresh.save()
    progressed(contact.campaign)
