"""Turns pjsua2's stream figures into `MediaStats`, and adds up the streams of one call.

A re-INVITE may replace a call's stream; the figures of the old one must not be lost with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_workers.contract.events import MediaStats

if TYPE_CHECKING:
    import pjsua2


@dataclass(frozen=True, slots=True)
class StreamFigures:
    """One stream's counters. Jitter and round trip in ms; None when the peer has not reported."""

    codec: str
    rx_packets: int
    rx_lost: int
    rx_jitter_ms: float
    rx_discarded: int
    tx_packets: int
    tx_lost: int | None
    tx_jitter_ms: float | None
    rtt_ms: float | None
    reports: int
    """RTCP reports received: a peer that hears us is alive, even when it says nothing."""


def read_stream(codec: str, stat: pjsua2.StreamStat) -> StreamFigures:
    """The figures of a living stream."""
    rx, tx, rtt = stat.rtcp.rxStat, stat.rtcp.txStat, stat.rtcp.rttUsec
    reported = tx.updateCount > 0
    return StreamFigures(
        codec=codec,
        rx_packets=rx.pkt,
        rx_lost=rx.loss,
        rx_jitter_ms=round(rx.jitterUsec.mean / 1000, 2),
        rx_discarded=rx.discard + stat.jbuf.discard,
        tx_packets=tx.pkt,
        tx_lost=tx.loss if reported else None,
        tx_jitter_ms=round(tx.jitterUsec.mean / 1000, 2) if reported else None,
        rtt_ms=round(rtt.mean / 1000, 2) if rtt.n else None,
        reports=tx.updateCount,
    )


class CallFigures:
    """The streams of one call: those that ended, and the latest reading of the present one."""

    def __init__(self) -> None:
        self._ended: list[StreamFigures] = []
        self._current: StreamFigures | None = None

    def update(self, figures: StreamFigures) -> None:
        """A new reading of the present stream."""
        self._current = figures

    def stream_ended(self) -> None:
        """The present stream is gone; its last reading counts."""
        if self._current is not None:
            self._ended.append(self._current)
            self._current = None

    def signs_of_life(self) -> int:
        """A number that grows as long as anything arrives from the peer, RTP or RTCP."""
        return self.packets() + self.reports()

    def packets(self) -> int:
        """RTP packets received so far."""
        return sum(f.rx_packets for f in self._all())

    def reports(self) -> int:
        """RTCP reports received so far."""
        return sum(f.reports for f in self._all())

    def total(self) -> MediaStats:
        """All streams together: counters added, jitter and round trip of the latest that has them."""
        streams = self._all()
        tx_lost = [f.tx_lost for f in streams if f.tx_lost is not None]
        tx_jitter = [f.tx_jitter_ms for f in streams if f.tx_jitter_ms is not None]
        rtt = [f.rtt_ms for f in streams if f.rtt_ms is not None]
        heard = [f for f in streams if f.rx_packets]
        return MediaStats(
            codec=streams[-1].codec if streams else "",
            rx_packets=sum(f.rx_packets for f in streams),
            rx_lost=sum(f.rx_lost for f in streams),
            rx_jitter_ms=heard[-1].rx_jitter_ms if heard else 0.0,
            rx_discarded=sum(f.rx_discarded for f in streams),
            tx_packets=sum(f.tx_packets for f in streams),
            tx_lost=sum(tx_lost) if tx_lost else None,
            tx_jitter_ms=tx_jitter[-1] if tx_jitter else None,
            rtt_ms=rtt[-1] if rtt else None,
        )

    def _all(self) -> list[StreamFigures]:
        return [*self._ended, self._current] if self._current else list(self._ended)
