"""Taking numbers over from other carriers. https://www.twilio.com/docs/phone-numbers/port-in"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
from django.conf import settings
from twilio.rest import Client
from twilio.rest.numbers.v1.porting_port_in import PortingPortInList

from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.twilio.client import asking, client, upload_url
from telephony.carriers.values import Port, Portability, PortState, PortWish

_STATES: dict[str, PortState] = {
    "in review": "in_review",
    "waiting for signature": "action_needed",
    "in progress": "in_review",
    "action required": "action_needed",
    "submitted": "in_review",
    "confirmed": "scheduled",
    "completed": "completed",
    "ported": "completed",
    "expired": "rejected",
    "rejected": "rejected",
    "canceled": "cancelled",
    "cancelled": "cancelled",
}
_WORDS = {
    "action required": "Twilio asks for something more about the number: its mail to the signer says what.",
    "expired": "The letter of authorization was not signed in time: ask for the number again.",
    "rejected": "The present carrier has rejected it and does not say why: ask it, then ask for it again.",
}
"""Where Twilio gives no reason."""

_SIGNATURE = "The letter of authorization waits for its signature: {email} was sent it."
_OVER: set[PortState] = {"completed", "rejected", "cancelled"}
_BILL = CarrierRefused(
    "Twilio asks for the newest bill of the present carrier.",
    code="bad_input",
    to_do="Hand in one of the last 30 days that names number and owner (PDF, JPEG or PNG, at most 10 MB).",
)
_MOST_BYTES = 10_000_000


def portability(e164: str) -> Portability:
    with asking("tell whether the number can be ported"):
        told = client().numbers.v1.porting_portabilities(e164).fetch()
    return Portability(
        e164=e164,
        portable=bool(told.portable),
        problem="" if told.portable else (told.not_portable_reason or "Twilio cannot take this number over."),
        pin=bool(told.pin_and_account_number_required),
        type=str(told.number_type or "").lower(),
    )


def port_in(*, wish: PortWish) -> Port:
    """A number has one open request at a time, which is found again by the number."""
    with asking("ask for the port"):
        ours = client()
        if (open_one := _open(ours, set(wish.e164s))) is not None:
            return _port(open_one)
        if not wish.bill or len(wish.bill) > _MOST_BYTES:
            raise _BILL
        document = _upload(wish)
        body = PortingPortInList.NumbersV1PortingPortInCreate(_request(wish, document))
        return _port(ours.numbers.v1.porting_port_ins.create(numbers_v1_porting_port_in_create=body))


def find(e164: str) -> Port | None:
    """Twilio knows no keys of ours, but a number has one open request at a time."""
    with asking("look for the port"):
        found = _open(client(), {e164})
    return None if found is None else _port(found)


def _request(wish: PortWish, document: str) -> dict[str, Any]:
    place = wish.address
    return {
        "account_sid": settings.TWILIO_ACCOUNT_SID,
        "documents": [document],
        "phone_numbers": [{"phone_number": e164, "pin": wish.pin or None} for e164 in wish.e164s],
        "losing_carrier_information": {
            "customer_name": wish.customer_name,
            "customer_type": "Business" if wish.business else "Individual",
            "account_number": wish.account_number or None,
            "account_telephone_number": wish.account_telephone_number or wish.e164s[0],
            "authorized_representative": wish.signer,
            "authorized_representative_email": wish.signer_email,
            "address": {
                "street": place.street,
                "street_2": place.street_2 or None,
                "city": place.city,
                "state": place.region,
                "zip": place.postal_code,
                "country": place.country,
            },
        },
        "notification_emails": [wish.signer_email],
        "target_port_in_date": wish.target_date.isoformat() if wish.target_date else None,
    }


def _upload(wish: PortWish) -> str:
    """The id of the bill at Twilio."""
    suffix = wish.bill_type.rpartition("/")[2]
    try:
        answer = httpx.post(
            upload_url(),
            auth=(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN),
            data={"document_type": "utility_bill", "friendly_name": f"Bill of {wish.e164s[0]}"},
            files={"File": (f"bill.{suffix}", wish.bill, wish.bill_type)},
            timeout=settings.CARRIER_TIMEOUT_S,
        )
    except httpx.HTTPError as error:
        raise CarrierDown(f"Twilio could not take the bill: {type(error).__name__}.") from None
    if answer.status_code >= 500 or answer.status_code in (401, 403, 429):
        raise CarrierDown(f"Twilio could not take the bill: it answered {answer.status_code}.")
    told = answer.json() if answer.headers.get("content-type", "").startswith("application/json") else {}
    if answer.status_code >= 400 or not told.get("mime_type"):
        raise _BILL
    return str(told["sid"])


def _open(ours: Client, e164s: set[str]) -> Any:
    """A request for one of these numbers that is not over yet."""
    v1 = ours.numbers.v1
    for row in v1.porting_all_port_ins.stream(page_size=50):
        if _state(row.port_in_request_status) not in _OVER:
            told = v1.porting_port_ins(row.port_in_request_sid).fetch()
            if e164s & {one.get("phone_number") for one in told.phone_numbers or []}:
                return told
    return None


def port(id: str) -> Port:
    with asking("tell how the port is getting on"):
        return _port(client().numbers.v1.porting_port_ins(id).fetch())


def cancel(id: str) -> Port:
    with asking("cancel the port"):
        ours = client().numbers.v1.porting_port_ins(id)
        told = _port(ours.fetch())
        if told.state in _OVER:
            return told
        ours.delete()
        return _port(ours.fetch())


def _port(told: Any) -> Port:
    state = _state(told.port_in_request_status)
    numbers = told.phone_numbers or []
    day = _day(told.target_port_in_date)
    if state == "in_review" and day and all(n.get("phone_number_status") == "confirmed" for n in numbers):
        state = "scheduled" if numbers else state
    return Port(
        id=told.port_in_request_sid,
        state=state,
        states=tuple((n["phone_number"], _state(n.get("phone_number_status"))) for n in numbers),
        problem=" ".join(_problems(told, numbers)) or _WORDS.get(_words(told.port_in_request_status), ""),
        due_on=day,
    )


def _problems(told: Any, numbers: list[dict[str, Any]]) -> Iterator[str]:
    carrier = told.losing_carrier_information or {}
    if _words(told.port_in_request_status) == "waiting for signature":
        yield _SIGNATURE.format(email=carrier.get("authorized_representative_email") or "The owner")
    if told.order_cancellation_reason:
        yield str(told.order_cancellation_reason)
    for number in numbers:
        if number.get("rejection_reason"):
            yield f"{number['phone_number']}: {number['rejection_reason']}"


def _state(status: str | None) -> PortState:
    return _STATES.get(_words(status), "in_review")


def _words(status: str | None) -> str:
    """ "In Review", "in_review" and "In-Review" are one: Twilio writes all of them."""
    return re.sub(r"[^a-z]+", " ", (status or "").lower()).strip()


def _day(told: date | str | None) -> date | None:
    return date.fromisoformat(told[:10]) if isinstance(told, str) else told
