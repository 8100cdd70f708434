"""What Telnyx's records of calls and messages say. https://developers.telnyx.com/api-reference/detail-records"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from telephony.carriers.base import CarrierRefused
from telephony.carriers.money import micros
from telephony.carriers.telnyx import client
from telephony.carriers.telnyx.numbers import dollars
from telephony.carriers.values import CallPrice, CallRecord, UsageLine

_CALLS, _MESSAGES = "sip-trunking", "messaging"


def call_prices(country: str) -> list[CallPrice]:
    raise CarrierRefused(
        "Telnyx tells the prices of calls as a rate deck only.",
        code="not_sold",
        to_do="Download it in Telnyx's portal and import it (docs/guides/carriers.md).",
    )


def _records(what: str, kind: str, since: datetime, **also: str) -> Iterator[dict[str, Any]]:
    """From the day of `since` on: Telnyx's filter counts whole days back from now."""
    days = max((datetime.now(UTC) - since).days + 1, 1)
    filters = {"filter[record_type]": kind, "filter[date_range]": f"last_{days}_days"} | also
    yield from client.pages(what, "/detail_records", **filters)


def call_records(since: datetime, until: datetime) -> Iterator[CallRecord]:
    for row in _records("list the calls", _CALLS, since):
        record = _call(row)
        if since <= record.started_at < until:
            yield record


def _call(row: dict[str, Any]) -> CallRecord:
    direction: Literal["inbound", "outbound"] = "inbound" if row["direction"] == "inbound" else "outbound"
    return CallRecord(
        id=str(row["id"]),
        direction=direction,
        from_number=_number(row["cli"]),
        to_number=_number(row["cld"]),
        started_at=_moment(row["started_at"]),
        duration_s=int(row.get("call_sec") or 0),
        status=str(row.get("hangup_cause") or "completed"),
        cost_micros=None if row.get("cost") is None else micros(str(row["cost"])),
        currency=dollars(row.get("currency")),
        sip_call_id=str(row.get("call_id") or ""),
    )


def _number(text: str) -> str:
    return text if text.startswith("+") or not text.isdigit() else f"+{text}"


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def usage(day: date) -> list[UsageLine]:
    """Summed from the records of the day: calls in seconds, messages in parts."""
    since = datetime(day.year, day.month, day.day, tzinfo=UTC)
    until = since + timedelta(days=1)
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in _records("tell what was used", _CALLS, since):
        if since <= _moment(row["started_at"]) < until:
            _add(found[_CALLS, row["direction"]], int(row.get("billed_sec") or 0), row)
    for row in _records("tell what was used", _MESSAGES, since):
        if since <= _moment(row["created_at"]) < until:
            _add(found[_MESSAGES, row["direction"]], int(row.get("parts") or 1), row)
    return [
        UsageLine(
            day=day,
            category=f"{kind}-{direction}",
            words=f"{'Calls' if kind == _CALLS else 'Messages'}, {direction}",
            quantity=str(quantity),
            unit="seconds" if kind == _CALLS else "parts",
            cost_micros=cost,
        )
        for (kind, direction), (quantity, cost) in sorted(found.items())
    ]


def _add(line: list[int], quantity: int, row: dict[str, Any]) -> None:
    dollars(row.get("currency"))
    line[0] += quantity
    line[1] += micros(str(row.get("cost") or 0))


def was_sent(*, sender: str, to: str, since: datetime) -> str:
    """The id of a message from `sender` to `to` after `since`; "" when there is none."""
    also = {"filter[cli]": sender, "filter[cld]": to}
    for row in _records("look for the message", _MESSAGES, since, **also):
        ours = (row.get("direction"), row.get("cli"), row.get("cld")) == ("outbound", sender, to)
        if ours and _moment(row["created_at"]) >= since - timedelta(seconds=1):
            return str(row["uuid"])
    return ""
