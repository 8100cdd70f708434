"""A line that answers every call and echoes it, until its standard input closes. Prints its port.

Arguments: the first RTP port; then, when it is not 127.0.0.1, its address; then its edge's host:port.
"""

from __future__ import annotations

import sys
from datetime import datetime

from media_workers.contract.events import LegInfo, MediaStats, SipMessage
from media_workers.sip.line import PjsuaLine
from media_workers.sip.types import Edge, Invite, Leg, LegEnd, LegHandler, LineConfig, LineHandler


class Echo:
    """Sends back the frame it heard last."""

    def __init__(self) -> None:
        self._last: bytes | None = None

    def on_ringing(self, sip_code: int) -> None: ...
    def on_answered(self, codec: str) -> None: ...
    def on_dtmf(self, digit: str) -> None: ...
    def on_hold(self, held: bool) -> None: ...
    def on_refer(self, target: str) -> bool:
        return False

    def on_transfer(self, sip_code: int, sip_reason: str, final: bool) -> None: ...
    def on_replace(self, caller: str) -> bool:
        return False

    def on_sip_message(self, message: SipMessage, at: datetime) -> None: ...
    def on_leg(self, info: LegInfo) -> None: ...
    def on_stats(self, stats: MediaStats) -> None: ...
    def packet_sink(self) -> None: ...
    def on_ended(self, end: LegEnd) -> None: ...

    def on_frame(self, pcm: bytes) -> None:
        self._last = pcm

    def next_frame(self) -> bytes | None:
        return self._last


class Answering:
    """Rings and answers at once."""

    def on_invite(self, leg: Leg, invite: Invite) -> LegHandler:
        leg.ring()
        leg.answer()
        return Echo()


def serve(handler: LineHandler) -> None:
    """A line with the arguments of the command, until standard input closes."""
    first_rtp_port = int(sys.argv[1])
    address, edge = (*sys.argv[2:], "", "")[:2]
    host, _, port = edge.rpartition(":")
    line = PjsuaLine(
        LineConfig(
            bind_address=address or "127.0.0.1",
            public_address=address or "127.0.0.1",
            port=0,
            transports=("udp",),
            rtp_ports=(first_rtp_port, first_rtp_port + 99),
            edge=Edge(((host, int(port)),), edge) if edge else None,
        ),
        handler,
    )
    line.start()
    print(line.port, flush=True)
    sys.stdin.read()
    line.stop()


if __name__ == "__main__":
    serve(Answering())
