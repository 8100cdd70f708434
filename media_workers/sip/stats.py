"""Turns pjsua2's stream figures into `MediaStats`, and adds up the streams of one call.

A re-INVITE may replace a call's stream; the figures of the old one must not be lost with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from media_workers.audio.pcm import FRAME_MS
from media_workers.contract.events import MediaStats
from media_workers.sip.emodel import mos

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

    rx_bytes: int = 0
    rx_reordered: int = 0
    rx_duplicated: int = 0
    rx_jitter_max_ms: float = 0.0
    rx_empty: int = 0
    rx_delay_ms: float | None = None
    tx_bytes: int = 0
    tx_jitter_max_ms: float | None = None
    rtt_max_ms: float | None = None


def read_stream(codec: str, stat: pjsua2.StreamStat) -> StreamFigures:
    """The figures of a living stream."""
    rx, tx, rtt, buffer = stat.rtcp.rxStat, stat.rtcp.txStat, stat.rtcp.rttUsec, stat.jbuf
    reported = tx.updateCount > 0
    return StreamFigures(
        codec=codec,
        rx_packets=rx.pkt,
        rx_bytes=rx.bytes,
        rx_lost=rx.loss,
        rx_reordered=rx.reorder,
        rx_duplicated=rx.dup,
        rx_jitter_ms=round(rx.jitterUsec.mean / 1000, 2),
        rx_jitter_max_ms=round(rx.jitterUsec.max / 1000, 2),
        rx_discarded=rx.discard + buffer.discard,
        rx_empty=buffer.empty,
        rx_delay_ms=float(buffer.avgDelayMsec) if rx.pkt else None,
        tx_packets=tx.pkt,
        tx_bytes=tx.bytes,
        tx_lost=tx.loss if reported else None,
        tx_jitter_ms=round(tx.jitterUsec.mean / 1000, 2) if reported else None,
        tx_jitter_max_ms=round(tx.jitterUsec.max / 1000, 2) if reported else None,
        rtt_ms=round(rtt.mean / 1000, 2) if rtt.n else None,
        rtt_max_ms=round(rtt.max / 1000, 2) if rtt.n else None,
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
        heard = [f for f in streams if f.rx_packets]
        total = MediaStats(
            codec=streams[-1].codec if streams else "",
            rx_packets=sum(f.rx_packets for f in streams),
            rx_bytes=sum(f.rx_bytes for f in streams),
            rx_lost=sum(f.rx_lost for f in streams),
            rx_reordered=sum(f.rx_reordered for f in streams),
            rx_duplicated=sum(f.rx_duplicated for f in streams),
            rx_jitter_ms=heard[-1].rx_jitter_ms if heard else 0.0,
            rx_jitter_max_ms=max((f.rx_jitter_max_ms for f in streams), default=0.0),
            rx_discarded=sum(f.rx_discarded for f in streams),
            rx_empty=sum(f.rx_empty for f in streams),
            rx_delay_ms=heard[-1].rx_delay_ms if heard else None,
            tx_packets=sum(f.tx_packets for f in streams),
            tx_bytes=sum(f.tx_bytes for f in streams),
            tx_lost=_sum(f.tx_lost for f in streams),
            tx_jitter_ms=_last(f.tx_jitter_ms for f in streams),
            tx_jitter_max_ms=_most(f.tx_jitter_max_ms for f in streams),
            rtt_ms=_last(f.rtt_ms for f in streams),
            rtt_max_ms=_most(f.rtt_max_ms for f in streams),
            reports=sum(f.reports for f in streams),
        )
        return total.model_copy(update={"rx_mos": received_mos(total), "tx_mos": sent_mos(total)})

    def _all(self) -> list[StreamFigures]:
        return [*self._ended, self._current] if self._current else list(self._ended)


def received_mos(stats: MediaStats) -> float | None:
    """How the far side sounds to us. What the jitter buffer threw away was not heard either."""
    return mos(
        played=stats.rx_packets - min(stats.rx_discarded, stats.rx_packets),
        missing=stats.rx_lost + min(stats.rx_discarded, stats.rx_packets),
        network_ms=(stats.rtt_ms or 0.0) / 2,
        buffer_ms=stats.rx_delay_ms or 0.0,
        ptime_ms=stats.ptime_ms or FRAME_MS,
    )


def sent_mos(stats: MediaStats) -> float | None:
    """How we sound to the far side, when it reports. Its jitter buffer is not known: taken for twice the
    jitter that it reports, and two packets at least."""
    if stats.tx_lost is None:
        return None
    ptime_ms = stats.ptime_ms or FRAME_MS
    lost = min(stats.tx_lost, stats.tx_packets)
    return mos(
        played=stats.tx_packets - lost,
        missing=lost,
        network_ms=(stats.rtt_ms or 0.0) / 2,
        buffer_ms=max(2.0 * ptime_ms, 2 * (stats.tx_jitter_ms or 0.0)),
        ptime_ms=ptime_ms,
    )


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _most(values: Iterable[float | None]) -> float | None:
    return max((value for value in values if value is not None), default=None)


def _last(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return known[-1] if known else None
