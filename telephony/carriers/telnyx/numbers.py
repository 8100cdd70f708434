"""Numbers at Telnyx: for sale, ordered, ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, get_args

import phonenumbers

from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.money import micros, price
from telephony.carriers.telnyx import client
from telephony.carriers.values import (
    Available,
    CallerName,
    Capability,
    CarrierTrunk,
    NumberPrice,
    NumberType,
    Owned,
    Search,
)

_GONE = {"deleted", "ported-out", "purchase-failed", "port-failed", "port-pending"}
_WAITS = {
    "purchase-pending": "Telnyx is still working on the order.",
    "provision-pending": "Telnyx is still working on the order.",
    "requirement-info-pending": "Telnyx waits for the papers that the regulator asks for.",
    "requirement-info-under-review": "Telnyx looks at the papers that the regulator asks for.",
    "requirement-info-exception": "Telnyx has rejected the papers that the regulator asks for.",
}
_NAMES_MOST = 15


def search(wish: Search) -> list[Available]:
    whole = wish.pattern.startswith("+")
    filters: dict[str, Any] = {
        "filter[country_code]": wish.country,
        "filter[phone_number_type]": wish.type,
        "filter[features][]": sorted(wish.capabilities),
        "filter[limit]": wish.limit,
        "filter[best_effort]": "false",
    }
    if wish.area:
        name = "national_destination_code" if wish.area.isdigit() else "locality"
        filters[f"filter[{name}]"] = wish.area.lstrip("0")
    if wish.pattern:
        filters["filter[phone_number][contains]"] = wish.pattern.removeprefix("+")
    try:
        rows = client.get("search for numbers", "/available_phone_numbers", **filters)
    except CarrierRefused as refused:
        if refused.code != "unavailable":
            raise
        return []
    fitting = (row for row in rows if not whole or row["phone_number"] == wish.pattern)
    return [_available(row, wish) for row in fitting if _has_price(row)]


def _has_price(row: dict[str, Any]) -> bool:
    """One without a price is not sold: nothing is free."""
    return bool((row.get("cost_information") or {}).get("monthly_cost"))


def _available(row: dict[str, Any], wish: Search) -> Available:
    able = {feature["name"] for feature in row.get("features") or []}
    regions = {one["region_type"]: one["region_name"] for one in row.get("region_information") or []}
    return Available(
        e164=row["phone_number"],
        country=wish.country,
        type=wish.type,
        capabilities=frozenset(one for one in get_args(Capability) if one in able),
        price=_price(row.get("cost_information") or {}),
        locality=regions.get("rate_center") or regions.get("location") or "",
        region=regions.get("state") or "",
    )


def _price(told: dict[str, Any]) -> NumberPrice:
    currency = dollars(told.get("currency"))
    return NumberPrice(price(told.get("monthly_cost")), micros(told.get("upfront_cost")), currency)


def dollars(unit: str | None) -> str:
    """ "USD", the currency of the ledger; CarrierDown for an account that counts in another."""
    if (unit or "USD").upper() != "USD":
        raise CarrierDown(f"The platform's account at Telnyx counts in {unit}, not in US dollars.")
    return "USD"


def number_price(country: str, type: NumberType) -> NumberPrice:
    """Of one number for sale: Telnyx has no list."""
    found = search(Search(country, type, limit=1))
    if not found:
        raise CarrierRefused(
            f"Telnyx has no numbers of this type in {country} now.",
            code="not_sold",
            to_do="Choose another type or country.",
        )
    return found[0].price


def owned(e164: str) -> Owned | None:
    # Telnyx takes digits only, and for a part of a number.
    filters = {"filter[phone_number]": e164.removeprefix("+")}
    rows = client.pages("look for the number", "/phone_numbers", **filters)
    return next((_owned(row) for row in rows if row["phone_number"] == e164 and _is_ours(row)), None)


def all_owned() -> Iterator[Owned]:
    for row in client.pages("list our numbers", "/phone_numbers"):
        if _is_ours(row):
            yield _owned(row)


def _is_ours(row: dict[str, Any]) -> bool:
    return row.get("status") not in _GONE


def _owned(row: dict[str, Any]) -> Owned:
    bought_at = row.get("purchased_at") or row.get("created_at")
    return Owned(
        id=str(row["id"]),
        e164=row["phone_number"],
        key=row.get("customer_reference") or "",
        active=row.get("status") not in _WAITS,
        trunk=row.get("connection_id") or "",
        problem=_WAITS.get(row.get("status") or "", ""),
        bought_at=datetime.fromisoformat(bought_at) if bought_at else None,
    )


def buy(*, e164: str, key: str, bundle: str) -> Owned:
    """Telnyx orders: an order of ours that is still open is not given again."""
    present = owned(e164) or _ordered(e164, key)
    if present is not None:
        return present
    wanted = {"phone_number": e164} | ({"requirement_group_id": bundle} if bundle else {})
    try:
        order = client.post(
            "buy the number", "/number_orders", {"phone_numbers": [wanted], "customer_reference": key}
        )
    except CarrierRefused as refused:
        if refused.code == "account":
            raise
        # Somebody may be ourselves: another worker was faster with the same order.
        present = owned(e164) or _ordered(e164, key)
        if present is not None:
            return present
        raise refused if _is_for_sale(e164) else _taken() from None
    _check_papers(order)
    return owned(e164) or _of_order(order, e164, key)


def _taken() -> CarrierRefused:
    return CarrierRefused(
        "Somebody else has taken this number.",
        code="unavailable",
        to_do="Search again and choose another one.",
    )


def _is_for_sale(e164: str) -> bool:
    number = phonenumbers.parse(e164)
    filters = {
        "filter[country_code]": phonenumbers.region_code_for_number(number) or "",
        "filter[phone_number][contains]": str(number.national_number),
    }
    try:
        rows = client.get("search for numbers", "/available_phone_numbers", **filters)
    except CarrierRefused:
        return False
    return any(row["phone_number"] == e164 for row in rows)


def _check_papers(order: dict[str, Any]) -> None:
    """An order that waits for papers is taken back: they are handed in before."""
    if order["status"] != "pending" or order.get("requirements_met", True):
        return
    for part in order.get("sub_number_orders_ids") or []:
        client.patch("take the order back", f"/sub_number_orders/{part}/cancel", {})
    raise CarrierRefused(
        "The regulator of this country asks for papers that were looked at and accepted.",
        code="bundle_required",
        to_do="Hand in what the requirements of this kind of number name; then order again.",
    )


def _ordered(e164: str, key: str) -> Owned | None:
    filters = {"filter[customer_reference]": key, "filter[status]": "pending"}
    for order in client.pages("look for the order", "/number_orders", **filters):
        if order.get("customer_reference") == key and any(
            one["phone_number"] == e164 for one in order["phone_numbers"]
        ):
            _check_papers(order)
            return _of_order(order, e164, key)
    return None


def _of_order(order: dict[str, Any], e164: str, key: str) -> Owned:
    if order["status"] == "failure":
        raise _taken()
    return Owned(id="", e164=e164, key=key, active=False, problem=_WAITS["purchase-pending"])


def attach(number: Owned, trunk: CarrierTrunk, profile: str) -> None:
    """Calls to our connection; messages by our profile, where the number can send any."""
    client.patch("connect the number", f"/phone_numbers/{number.id}", {"connection_id": trunk.id})
    try:
        client.patch(
            "connect its messages",
            f"/phone_numbers/{number.id}/messaging",
            {"messaging_profile_id": profile},
        )
    except CarrierRefused:
        return  # it is for calls only


def release(id: str) -> None:
    client.delete("give the number back", f"/phone_numbers/{id}")


def set_name(number: Owned, name: str) -> CallerName:
    allowed = not name or (len(name) <= _NAMES_MOST and name.replace(" ", "").isalnum() and name.isascii())
    if not allowed:
        raise CarrierRefused(
            "A caller name has at most 15 characters.",
            code="bad_input",
            to_do="Use letters, digits and spaces only.",
        )
    listing: dict[str, Any] = {"cnam_listing_enabled": bool(name)}
    if name:
        listing["cnam_listing_details"] = name
    client.patch("set the caller name", f"/phone_numbers/{number.id}/voice", {"cnam_listing": listing})
    return CallerName(name, "active" if name else "off")
