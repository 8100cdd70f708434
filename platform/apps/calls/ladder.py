"""The SIP messages of a call, taken apart: what `GET /calls/{id}/sip` shows and `pcap` wraps."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from apps.calls.models import Call, CallEvent

_CSEQ = re.compile(r"\d+\s+(\w+)")


@dataclass(frozen=True, slots=True)
class LadderMessage:
    """One message; `status` None: a request. `local` and `peer` are host:port; `text` is all of it, as it
    was on the wire but for what is masked."""

    seq: int
    at: datetime
    leg: int
    direction: str
    local: str
    peer: str
    transport: str
    method: str
    status: int | None
    first_line: str
    headers: list[tuple[str, str]]
    body: str
    text: str
    retransmission: bool
    cut: bool


def sip_events(call: Call) -> QuerySet[CallEvent]:
    """The events of `call` that are SIP messages, in order."""
    return CallEvent.objects.filter(call=call, type="sip").order_by("seq")


def ladder(events: Iterable[CallEvent]) -> list[LadderMessage]:
    """The messages of these events."""
    return [message_of(event) for event in events]


def message_of(event: CallEvent) -> LadderMessage:
    """The message that an event of type `sip` holds."""
    told: dict[str, Any] = event.body
    text: str = told["text"]
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    headers = _headers(head)
    words = told["first_line"].split(" ", 2)
    answers = words[0].startswith("SIP/") and len(words) > 1 and words[1].isdigit()
    return LadderMessage(
        seq=event.seq,
        at=event.at,
        leg=told.get("leg", 0),
        direction=told["direction"],
        local=told.get("local", ""),
        peer=told["peer"],
        transport=told["transport"],
        method=_method(headers) if answers else words[0],
        status=int(words[1]) if answers else None,
        first_line=told["first_line"],
        headers=headers,
        body=body,
        text=text,
        retransmission=told.get("retransmission", False),
        cut=told.get("cut", False),
    )


def _headers(head: str) -> list[tuple[str, str]]:
    """The header fields in their order, folding undone (RFC 3261, 7.3.1)."""
    unfolded = re.sub(r"\n[ \t]+", " ", head)
    fields = (line.partition(":") for line in unfolded.split("\n")[1:])
    return [(name.strip(), value.strip()) for name, colon, value in fields if colon]


def _method(headers: list[tuple[str, str]]) -> str:
    """What a response answers."""
    cseq = next((value for name, value in headers if name.lower() == "cseq"), "")
    match = _CSEQ.match(cseq)
    return match[1].upper() if match else ""
