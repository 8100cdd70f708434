"""What regulators ask for, through Twilio: requirements, addresses, bundles of papers.

https://www.twilio.com/docs/phone-numbers/regulatory/api
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from twilio.base import values
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from telephony.carriers.base import CarrierRefused
from telephony.carriers.twilio.client import asking, client, status_of
from telephony.carriers.values import (
    Address,
    AddressNeed,
    Bundle,
    BundleWish,
    NumberType,
    Requirement,
    Requirements,
)

_TYPES: dict[NumberType, str] = {
    "local": "local",
    "mobile": "mobile",
    "toll_free": "toll-free",
    "national": "national",
}
_LISTS = {"local": "local", "mobile": "mobile", "toll_free": "toll_free", "national": "national"}
_NOT_FOUND = 404
_STATES: dict[str, Literal["draft", "pending", "approved", "rejected"]] = {
    "draft": "draft",
    "pending-review": "pending",
    "in-review": "pending",
    "provisionally-approved": "approved",
    "twilio-approved": "approved",
    "twilio-rejected": "rejected",
}


def requirements(country: str, type: NumberType, *, business: bool) -> Requirements:
    with asking("tell the requirements"):
        ours = client()
        regulation = _regulation(ours, country, type, business=business)
        address = _address_need(ours, country, type)
    wanted = tuple(_wanted(regulation.requirements or {})) if regulation else ()
    return Requirements(
        country=country, type=type, address=address, bundle=regulation is not None, wanted=wanted
    )


def _regulation(ours: Client, country: str, type: NumberType, *, business: bool) -> Any:
    rows = ours.numbers.v2.regulatory_compliance.regulations.list(
        iso_country=country,
        number_type=_TYPES[type],
        end_user_type="business" if business else "individual",
        limit=1,
    )
    return rows[0] if rows else None


def _address_need(ours: Client, country: str, type: NumberType) -> AddressNeed:
    """As one number for sale says it: Twilio has no other place for it."""
    try:
        rows = getattr(ours.available_phone_numbers(country), _LISTS[type]).list(limit=1)
    except TwilioException as error:
        if status_of(error) != _NOT_FOUND:
            raise
        rows = []  # none of this type are sold there
    need: AddressNeed = (rows[0].address_requirements or "none") if rows else "none"
    return need


def _wanted(told: dict[str, Any]) -> Iterator[Requirement]:
    for row in told.get("end_user") or []:
        yield Requirement(kind="identity", name=row["type"], words=row["name"], fields=tuple(_fields(row)))
    for group in told.get("supporting_document") or []:
        for row in group if isinstance(group, list) else [group]:
            accepted = row.get("accepted_documents") or []
            yield Requirement(
                kind="document",
                name=row.get("requirement_name") or row["type"],
                words=row.get("description") or row["name"],
                accepted=tuple((one["type"], one["name"]) for one in accepted),
                fields=tuple(field for one in accepted for field in _fields(one)),
            )


def _fields(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for field in row.get("detailed_fields") or []:
        words = field.get("description") or field.get("friendly_name") or ""
        yield field["machine_name"], words


def create_address(*, key: str, address: Address) -> str:
    with asking("take the address"):
        addresses = client().addresses
        present = addresses.list(friendly_name=key, iso_country=address.country, limit=1)
        if present:
            return str(present[0].sid)
        made = addresses.create(
            friendly_name=key,
            customer_name=address.customer_name,
            street=address.street,
            street_secondary=address.street_2 or values.unset,
            city=address.city,
            region=address.region,
            postal_code=address.postal_code,
            iso_country=address.country,
            auto_correct_address=True,
        )
    return str(made.sid)


def create_bundle(*, key: str, wish: BundleWish) -> Bundle:
    """Made, filled, evaluated and handed in. Goes on with an attempt that broke off."""
    with asking("take the papers"):
        ours = client()
        regulation = _regulation(ours, wish.country, wish.type, business=wish.business)
        if regulation is None:
            raise CarrierRefused(
                f"No papers are asked for in {wish.country}.", code="bad_input", to_do="Order without them."
            )
        papers = ours.numbers.v2.regulatory_compliance
        present = papers.bundles.list(friendly_name=key, limit=1)
        made = present[0] if present else _new_bundle(papers, key, wish, regulation.sid)
        if str(made.status) != "draft":
            return _bundle(made)
        _fill(papers, made.sid, key, wish)
        return _hand_in(papers, made)


def _new_bundle(papers: Any, key: str, wish: BundleWish, regulation: str) -> Any:
    return papers.bundles.create(friendly_name=key, email=wish.email, regulation_sid=regulation)


def _fill(papers: Any, bundle: str, key: str, wish: BundleWish) -> None:
    """A bundle that holds something was filled by the attempt before up to where it broke off: once more."""
    items = papers.bundles(bundle).item_assignments
    for row in items.list():
        items(row.sid).delete()
    owner = papers.end_users.create(
        friendly_name=wish.owner,
        type="business" if wish.business else "individual",
        attributes=wish.attributes,
    )
    items.create(object_sid=owner.sid)
    for paper in wish.papers:
        attributes: dict[str, Any] = dict(paper.attributes)
        if paper.address:
            attributes["address_sids"] = [paper.address]
        made = papers.supporting_documents.create(
            friendly_name=f"{key} {paper.type}"[:64], type=paper.type, attributes=attributes
        )
        items.create(object_sid=made.sid)


def _hand_in(papers: Any, made: Any) -> Bundle:
    evaluation = papers.bundles(made.sid).evaluations.create()
    if str(evaluation.status) != "compliant":
        return Bundle(id=made.sid, state="draft", problem=" ".join(_lacks(evaluation.results or [])))
    return _bundle(papers.bundles(made.sid).update(status="pending-review"))


def _lacks(results: list[Any]) -> Iterator[str]:
    for result in results:
        if not result.get("passed"):
            reasons = [one.get("failure_reason") or "" for one in result.get("invalid") or []]
            yield f"{result.get('friendly_name')}: {' '.join(filter(None, reasons)) or 'missing.'}"


def bundle(id: str) -> Bundle:
    with asking("look at the papers"):
        return _bundle(client().numbers.v2.regulatory_compliance.bundles(id).fetch())


def _bundle(row: Any) -> Bundle:
    state = _STATES.get(str(row.status), "draft")
    problem = "Twilio has rejected the papers; its mail says why." if state == "rejected" else ""
    return Bundle(id=row.sid, state=state, problem=problem)
