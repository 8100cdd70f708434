"""What Twilio says that calls cost, cost us, and were.

https://www.twilio.com/docs/sip-trunking/api (prices), voice/api/call-resource, usage/api/usage-record.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, Literal

import phonenumbers
from twilio.base.exceptions import TwilioException

from telephony.carriers.money import micros, price
from telephony.carriers.twilio.client import asking, client, status_of
from telephony.carriers.twilio.numbers import dollars
from telephony.carriers.values import CallPrice, CallRecord, NumberType, UsageLine

_DIRECTIONS: dict[str, Literal["outbound", "inbound"]] = {
    "trunking-terminating": "outbound",
    "trunking-originating": "inbound",
}
_TYPES: dict[str, NumberType] = {
    "local": "local",
    "mobile": "mobile",
    "toll free": "toll_free",
    "national": "national",
}
_PAGE = 1000


def call_prices(country: str) -> list[CallPrice]:
    """Of a SIP trunk. Prefixes as Twilio lists them; empty for a country that it does not know."""
    with asking("tell the prices of calls"):
        try:
            told = client().pricing.v2.countries(country).fetch()
        except TwilioException as error:
            if status_of(error) != 404:
                raise
            return []
    currency = dollars(told.price_unit)
    return [*_outbound(told, currency), *_inbound(told, country, currency)]


def _outbound(told: Any, currency: str) -> Iterator[CallPrice]:
    for row in told.terminating_prefix_prices or []:
        origins = tuple(f"+{one}" for one in row.get("origination_prefixes") or [] if one != "ALL")
        for prefix in row["destination_prefixes"]:
            yield CallPrice(
                direction="outbound",
                prefix=f"+{prefix}",
                micros_per_minute=price(row["current_price"]),
                words=row.get("friendly_name") or "",
                origins=origins,
                currency=currency,
            )


def _inbound(told: Any, country: str, currency: str) -> Iterator[CallPrice]:
    for row in told.originating_call_prices or []:
        yield CallPrice(
            direction="inbound",
            prefix=f"+{phonenumbers.country_code_for_region(country)}",
            micros_per_minute=price(row["current_price"]),
            words=f"Calls to {row['number_type']} numbers",
            type=_TYPES.get(row["number_type"]),
            currency=currency,
        )


def usage(day: date) -> list[UsageLine]:
    with asking("tell what was used"):
        rows = client().usage.records.daily.list(start_date=day, end_date=day)
    return [_line(day, row) for row in rows if row.price or (row.usage or "0") != "0"]


def _line(day: date, row: Any) -> UsageLine:
    return UsageLine(
        day=day,
        category=str(row.category),
        words=row.description or "",
        quantity=str(row.usage or "0"),
        unit=row.usage_unit or "",
        cost_micros=micros(f"{row.price or 0:.6f}"),
        currency=dollars(row.price_unit),
    )


def call_records(since: datetime, until: datetime) -> Iterator[CallRecord]:
    """Of calls over trunks; Twilio's filter is by its start of the call."""
    with asking("list the calls"):
        rows = client().calls.stream(
            start_time_after=since.astimezone(UTC), start_time_before=until.astimezone(UTC), page_size=_PAGE
        )
        for row in rows:
            if row.direction in _DIRECTIONS and row.start_time and since <= row.start_time < until:
                yield _record(row)


def _record(row: Any) -> CallRecord:
    return CallRecord(
        id=row.sid,
        direction=_DIRECTIONS[row.direction],
        from_number=_number(row._from),
        to_number=_number(row.to),
        started_at=row.start_time,
        duration_s=int(row.duration or 0),
        status=str(row.status),
        # What was paid is negative.
        cost_micros=None if row.price is None else micros(row.price.lstrip("-")),
        currency=dollars(row.price_unit),
    )


def _number(text: str | None) -> str:
    """ "+1..." of it, also where Twilio writes a SIP address."""
    return (text or "").removeprefix("sip:").partition("@")[0]
