"""Taking numbers over from other carriers. https://developers.telnyx.com/docs/numbers/porting

Telnyx asks for a letter of authorization that is signed already: the operator adds it in Telnyx's portal,
and until then the request needs something.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from telephony.carriers.base import CarrierRefused
from telephony.carriers.telnyx import client
from telephony.carriers.values import Port, Portability, PortState, PortWish

_STATES: dict[str, PortState] = {
    "draft": "action_needed",
    "in-process": "in_review",
    "submitted": "submitted",
    "exception": "action_needed",
    "foc-date-confirmed": "scheduled",
    "ported": "completed",
    "cancel-pending": "in_review",
    "cancelled": "cancelled",
}
_LETTER = (
    "Telnyx waits for papers: the operator of this installation adds the signed letter of authorization in "
    "Telnyx's portal."
)
_EXCEPTION = (
    "Something is wrong with the request, and Telnyx does not say what: the operator of this installation "
    "finds out in Telnyx's portal."
)
_WITHDRAWING = "Telnyx is withdrawing it; the present carrier may be faster."
_OVER = {"ported", "cancelled", "cancel-pending"}


def portability(e164: str) -> Portability:
    told = client.post(
        "tell whether the number can be ported", "/portability_checks", {"phone_numbers": [e164]}
    )
    row: dict[str, Any] = next((one for one in told if one["phone_number"] == e164), {})
    if row.get("portable"):
        return Portability(e164=e164, portable=True)
    why = row.get("not_portable_reason") or "Telnyx cannot take this number over."
    return Portability(e164=e164, portable=False, problem=why)


def port_in(*, key: str, wish: PortWish) -> Port:
    """Telnyx makes a request for each losing carrier; ours are of one. Goes on with one that broke off."""
    what = "ask for the port"
    found = _found(what, key)
    if found is None:
        body = {"phone_numbers": list(wish.e164s), "customer_reference": key}
        found = client.post(what, "/porting_orders", body)[0]
    if found["status"]["value"] != "draft":
        return _port(found)
    if not (found.get("documents") or {}).get("invoice"):
        found = client.patch(what, f"/porting_orders/{found['id']}", _told(wish, what))
    return _port(_confirmed(what, found))


def find(key: str) -> Port | None:
    """The one of that key that is not over."""
    found = _found("look for the port", key)
    return None if found is None else _port(found)


def _found(what: str, key: str) -> dict[str, Any] | None:
    rows = client.pages(what, "/porting_orders", **{"filter[customer_reference]": key})
    mine = (row for row in rows if row.get("customer_reference") == key)
    return next((row for row in mine if row["status"]["value"] not in _OVER), None)


def _told(wish: PortWish, what: str) -> dict[str, Any]:
    if not wish.bill:
        raise CarrierRefused(
            "Telnyx asks for the newest bill of the present carrier.",
            code="bad_input",
            to_do="Hand in one of the last 30 days that names number and owner (PDF, JPEG or PNG).",
        )
    suffix, place = wish.bill_type.rpartition("/")[2], wish.address
    admin = {
        "entity_name": wish.customer_name,
        "auth_person_name": wish.signer,
        "billing_phone_number": wish.account_telephone_number or wish.e164s[0],
        "account_number": wish.account_number,
        "pin_passcode": wish.pin,
    }
    body: dict[str, Any] = {
        "documents": {"invoice": client.upload(what, f"bill.{suffix}", wish.bill, wish.bill_type)},
        "end_user": {
            "admin": {name: text for name, text in admin.items() if text},
            "location": {
                "street_address": place.street,
                "extended_address": place.street_2,
                "locality": place.city,
                "administrative_area": place.region,
                "postal_code": place.postal_code,
                "country_code": place.country,
            },
        },
    }
    if wish.target_date:
        at = f"{wish.target_date.isoformat()}T15:00:00Z"
        body["activation_settings"] = {"foc_datetime_requested": at}
    return body


def _confirmed(what: str, row: dict[str, Any]) -> dict[str, Any]:
    """Handed in as soon as nothing is missing."""
    if row["status"]["value"] != "draft" or not row.get("requirements_met"):
        return row
    confirmed: dict[str, Any] = client.post(what, f"/porting_orders/{row['id']}/actions/confirm")
    return confirmed


def port(id: str) -> Port:
    what = "tell how the port is getting on"
    return _port(_confirmed(what, client.get(what, f"/porting_orders/{id}")))


def cancel(id: str) -> Port:
    """A draft is deleted; what was handed in is withdrawn."""
    what = "cancel the port"
    row = client.get(what, f"/porting_orders/{id}")
    if row["status"]["value"] in _OVER:
        return _port(row)
    if row["status"]["value"] == "draft":
        client.delete(what, f"/porting_orders/{id}")
        return Port(id=id, state="cancelled")
    return _port(client.post(what, f"/porting_orders/{id}/actions/cancel"))


def _port(row: dict[str, Any]) -> Port:
    state = _STATES.get(row["status"]["value"], "in_review")
    settings = row.get("activation_settings") or {}
    at = settings.get("foc_datetime_actual") or settings.get("foc_datetime_requested")
    return Port(
        id=str(row["id"]),
        state=state,
        problem=" ".join(_problems(row)),
        due_on=datetime.fromisoformat(at).date() if at else None,
    )


def _problems(row: dict[str, Any]) -> Iterator[str]:
    if row["status"]["value"] == "draft" and not row.get("requirements_met"):
        yield _LETTER
    if row["status"]["value"] == "cancel-pending":
        yield _WITHDRAWING
    details = [
        str(one["description"]) for one in row["status"].get("details") or [] if one.get("description")
    ]
    yield from details
    if row["status"]["value"] == "exception" and not details:
        yield _EXCEPTION
