"""Numbers at Twilio: for sale, bought, ours.

https://www.twilio.com/docs/phone-numbers/api/availablephonenumber-resource and incomingphonenumber-resource.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import phonenumbers
from django.conf import settings
from twilio.base.exceptions import TwilioException

from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.money import price
from telephony.carriers.twilio.client import asking, client, status_of
from telephony.carriers.values import Available, CarrierTrunk, NumberPrice, NumberType, Owned, Search

_LISTS: dict[NumberType, str] = {
    "local": "local",
    "mobile": "mobile",
    "toll_free": "toll_free",
    "national": "national",
}
_PRICED: dict[NumberType, str] = {
    "local": "local",
    "mobile": "mobile",
    "toll_free": "toll free",
    "national": "national",
}
_NORTH_AMERICA = {"US", "CA"}
_PRICES_LAST_S = 60
"""Not longer: one process shows a price, and another one buys at the price that it knows."""

_prices: dict[tuple[str, str, str], tuple[float, dict[str, NumberPrice]]] = {}


def search(wish: Search) -> list[Available]:
    price = number_price(wish.country, wish.type)
    with asking("search for numbers"):
        country = client().available_phone_numbers(wish.country)
        rows = getattr(country, _LISTS[wish.type]).list(limit=wish.limit, **_filters(wish))
    found = [_available(row, wish, price) for row in rows]
    return [one for one in found if wish.capabilities <= one.capabilities and _is_wanted(one.e164, wish)]


def _filters(wish: Search) -> dict[str, Any]:
    """Of the request; an area code is one only in North America, elsewhere digits that the number holds."""
    filters: dict[str, Any] = {f"{one}_enabled": True for one in wish.capabilities}
    if wish.area and not wish.area.isdigit():
        filters["in_locality"] = wish.area
    elif wish.area and wish.country in _NORTH_AMERICA:
        filters["area_code"] = int(wish.area)
    elif wish.area and not wish.pattern:
        filters["contains"] = wish.area.lstrip("0")
    if wish.pattern:
        filters["contains"] = wish.pattern.removeprefix("+")
    return filters


def _is_wanted(e164: str, wish: Search) -> bool:
    """Whether it is the one that was named whole, and really begins with the area's digits: what a number
    `contains` may be anywhere in it."""
    if wish.pattern.startswith("+") and e164 != wish.pattern:
        return False
    if not wish.area.isdigit():
        return True
    national = str(phonenumbers.parse(e164).national_number)
    return national.startswith(wish.area.lstrip("0"))


def _available(row: Any, wish: Search, price: NumberPrice) -> Available:
    able = {name.lower() for name, can in (row.capabilities or {}).items() if can}
    return Available(
        e164=row.phone_number,
        country=row.iso_country or wish.country,
        type=wish.type,
        capabilities=frozenset(one for one in ("voice", "sms", "mms", "fax") if one in able),
        price=price,
        locality=row.locality or "",
        region=row.region or "",
        address=row.address_requirements or "none",
        beta=bool(row.beta),
    )


def number_price(country: str, type: NumberType) -> NumberPrice:
    price = _prices_in(country).get(_PRICED[type])
    if price is None:
        raise CarrierRefused(
            f"Twilio sells no numbers of this type in {country}.",
            code="not_sold",
            to_do="Choose another type or country.",
        )
    return price


def _prices_in(country: str) -> dict[str, NumberPrice]:
    """By Twilio's name of the type. Asked for once a minute: every search needs them."""
    key = (settings.TWILIO_ACCOUNT_SID, settings.TWILIO_API_BASE, country)
    until, prices = _prices.get(key, (0.0, {}))
    if time.monotonic() < until:
        return prices
    with asking("tell the price of numbers"):
        try:
            told = client().pricing.v1.phone_numbers.countries(country).fetch()
        except TwilioException as error:
            if status_of(error) != 404:
                raise
            return {}
    prices = {
        row["number_type"]: NumberPrice(price(row["current_price"]), 0, dollars(told.price_unit))
        for row in told.phone_number_prices or []
        if row.get("current_price") is not None  # one without a price is not sold
    }
    _prices[key] = (time.monotonic() + _PRICES_LAST_S, prices)
    return prices


def dollars(unit: str | None) -> str:
    """ "USD", the currency of the ledger; CarrierDown for an account that counts in another."""
    if (unit or "USD").upper() != "USD":
        raise CarrierDown(f"The platform's account at Twilio counts in {unit}, not in US dollars.")
    return "USD"


def owned(e164: str) -> Owned | None:
    with asking("look for the number"):
        rows = client().incoming_phone_numbers.list(phone_number=e164, limit=20)
    # Twilio takes what it is given for a part of a number.
    return next((_owned(row) for row in rows if row.phone_number == e164), None)


def all_owned() -> Iterator[Owned]:
    with asking("list our numbers"):
        for row in client().incoming_phone_numbers.stream(page_size=1000):
            yield _owned(row)


def _owned(row: Any) -> Owned:
    return Owned(
        id=row.sid,
        e164=row.phone_number,
        key=row.friendly_name or "",
        trunk=row.trunk_sid or "",
        bought_at=row.date_created,
    )


def buy(*, e164: str, key: str, address: str, bundle: str) -> Owned:
    present = owned(e164)
    if present is not None:
        return present
    wanted = {"address_sid": address, "bundle_sid": bundle}
    given = {name: sid for name, sid in wanted.items() if sid}
    try:
        with asking("buy the number"):
            return _owned(
                client().incoming_phone_numbers.create(phone_number=e164, friendly_name=key, **given)
            )
    except CarrierRefused as refused:
        # Somebody may be ourselves: another worker was faster with the same order.
        present = owned(e164) if refused.code == "unavailable" else None
        if present is None:
            raise
        return present


def attach(number: Owned, trunk: CarrierTrunk) -> None:
    with asking("connect the number"):
        client().incoming_phone_numbers(number.id).update(trunk_sid=trunk.id)


def release(id: str) -> None:
    with asking("give the number back"):
        try:
            client().incoming_phone_numbers(id).delete()
        except TwilioException as error:
            if status_of(error) != 404:  # it is gone already
                raise
