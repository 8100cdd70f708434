"""The SIP messages of each call, for the ladder: read from pjsip's own message log.

pjsip tells the call's transaction callbacks of some messages only (no ACK to a 200, no
retransmission, nothing before the call exists). Its message log at level 4 has every one, as it was
on the wire, so that is the source. A message that is longer than pjsip's log line (4000 bytes with the
line that introduces it) is cut there, which is told.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from media_workers.sip.message import mask_credentials

_ENTRY = re.compile(r"([RT]X) \d+ bytes [^\n]*?(?:from|to) (\w+) (\S+):\r?\n(.*)", re.DOTALL)
_CALL_ID = re.compile(r"^(?:call-id|i)[ \t]*:[ \t]*([^\r\n]+?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CSEQ = re.compile(r"^cseq[ \t]*:[ \t]*\d+[ \t]+(\w+)", re.IGNORECASE | re.MULTILINE)
_END = re.compile(r"\r?\n--end msg--\s*$")

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class TracedMessage:
    """One message as it crossed the wire, at `at` (UTC) and `clock` (s, monotonic); `local` and `peer` are
    `host:port`, secrets are masked. `cut`: its end is missing."""

    call_id: str
    direction: Literal["in", "out"]
    peer: str
    transport: str
    text: str
    local: str
    at: datetime
    clock: float
    cut: bool = False

    @property
    def first_line(self) -> str:
        return self.text.partition("\n")[0].strip()

    @property
    def method(self) -> str:
        """The method of a request, or of the request that a response answers."""
        match = _CSEQ.search(self.text)
        return match.group(1).upper() if match else ""

    @property
    def status(self) -> int | None:
        """The code of a response; None: it is a request."""
        words = self.first_line.split(" ", 2)
        return int(words[1]) if words[0].startswith("SIP/") and words[1:] and words[1].isdigit() else None


LocalAddress = Callable[[str, str], str]
"""Our end (host:port) of what goes over a transport to a peer."""


def read_log_entry(entry: str, local: LocalAddress, *, clock: Clock = time.monotonic) -> TracedMessage | None:
    """The SIP message in an entry of pjsip's log; None when the entry holds none, or no Call-ID."""
    if not entry.startswith(("RX ", "TX ")):
        return None
    match = _ENTRY.match(entry)
    if match is None:
        return None
    way, transport, peer, logged = match.groups()
    call_id = _CALL_ID.search(logged)
    if call_id is None:
        return None
    text, ends = _END.subn("", logged)
    return TracedMessage(
        call_id=call_id.group(1),
        direction="in" if way == "RX" else "out",
        peer=peer,
        transport=transport.lower(),
        text=mask_credentials(text),
        local=local(transport.lower(), peer),
        at=datetime.now(UTC),
        clock=clock(),
        cut=not ends,
    )


class Trace:
    """Holds messages until the owner thread hands them on, in order, outside pjsip's callbacks.

    pjsip logs from within its own locks, so nothing is delivered from there.
    """

    def __init__(self, local: LocalAddress) -> None:
        self._local = local
        self._waiting: list[TracedMessage] = []

    def logged(self, entry: str) -> None:
        """Takes an entry of pjsip's log."""
        message = read_log_entry(entry, self._local)
        if message is not None:
            self._waiting.append(message)

    def drain(self, deliver: Callable[[TracedMessage], None]) -> None:
        """Hands on everything that waits, oldest first."""
        waiting, self._waiting = self._waiting, []
        for message in waiting:
            deliver(message)
