"""The SIP messages of each call, for the ladder: read from pjsip's own message log.

pjsip tells the call's transaction callbacks of some messages only (no ACK to a 200, no
retransmission, nothing before the call exists). Its message log at level 4 has every one, as it was
on the wire, so that is the source; a message longer than pjsip's log line (4000 bytes) is cut there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from media_workers.sip.message import mask_credentials

_ENTRY = re.compile(r"([RT]X) \d+ bytes [^\n]*?(?:from|to) (\w+) (\S+):\r?\n(.*)", re.DOTALL)
_CALL_ID = re.compile(r"^(?:call-id|i)[ \t]*:[ \t]*([^\r\n]+?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CSEQ = re.compile(r"^cseq[ \t]*:[ \t]*\d+[ \t]+(\w+)", re.IGNORECASE | re.MULTILINE)
_END = re.compile(r"\r?\n--end msg--\s*$")


@dataclass(frozen=True, slots=True)
class TracedMessage:
    """One message as it crossed the wire; `peer` is `host:port`, credentials are masked."""

    call_id: str
    direction: Literal["in", "out"]
    peer: str
    transport: str
    text: str

    @property
    def method(self) -> str:
        """The method of a request, or of the request that a response answers."""
        match = _CSEQ.search(self.text)
        return match.group(1).upper() if match else ""


def read_log_entry(entry: str) -> TracedMessage | None:
    """The SIP message in an entry of pjsip's log; None when the entry holds none, or no Call-ID."""
    if not entry.startswith(("RX ", "TX ")):
        return None
    match = _ENTRY.match(entry)
    if match is None:
        return None
    way, transport, peer, text = match.groups()
    call_id = _CALL_ID.search(text)
    if call_id is None:
        return None
    return TracedMessage(
        call_id=call_id.group(1),
        direction="in" if way == "RX" else "out",
        peer=peer,
        transport=transport.lower(),
        text=mask_credentials(_END.sub("", text)),
    )


class Trace:
    """Holds messages until the owner thread hands them on, in order, outside pjsip's callbacks.

    pjsip logs from within its own locks, so nothing is delivered from there.
    """

    def __init__(self) -> None:
        self._waiting: list[TracedMessage] = []

    def logged(self, entry: str) -> None:
        """Takes an entry of pjsip's log."""
        message = read_log_entry(entry)
        if message is not None:
            self._waiting.append(message)

    def drain(self, deliver: Callable[[TracedMessage], None]) -> None:
        """Hands on everything that waits, oldest first."""
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            deliver(message)
