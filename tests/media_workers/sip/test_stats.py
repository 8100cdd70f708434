"""A call's figures: read from real pjsua2 objects, added up over the streams of a call."""

from __future__ import annotations

from dataclasses import replace

import pjsua2

from media_workers.sip.stats import CallFigures, StreamFigures, read_stream

FIRST = StreamFigures(
    codec="PCMU",
    rx_packets=100,
    rx_lost=2,
    rx_jitter_ms=1.5,
    rx_discarded=1,
    tx_packets=110,
    tx_lost=3,
    tx_jitter_ms=2.5,
    rtt_ms=40.0,
    reports=4,
)


def real_stat() -> pjsua2.StreamStat:
    stat = pjsua2.StreamStat()
    for side, packets in ((stat.rtcp.rxStat, 500), (stat.rtcp.txStat, 510)):
        side.pkt, side.loss, side.discard, side.updateCount = packets, 5, 2, 0
        side.jitterUsec.mean = 1_250
    stat.rtcp.rttUsec.n = 0
    stat.jbuf.discard = 7
    return stat


def test_figures_of_a_stream_before_the_peer_reports() -> None:
    figures = read_stream("PCMA", real_stat())
    assert (figures.codec, figures.rx_packets, figures.rx_lost) == ("PCMA", 500, 5)
    assert (figures.rx_jitter_ms, figures.rx_discarded, figures.tx_packets) == (1.25, 9, 510)
    assert (figures.tx_lost, figures.tx_jitter_ms, figures.rtt_ms) == (None, None, None)


def test_figures_after_the_peer_has_reported() -> None:
    stat = real_stat()
    stat.rtcp.txStat.updateCount = 3
    stat.rtcp.rttUsec.n, stat.rtcp.rttUsec.mean = 3, 41_000
    figures = read_stream("PCMU", stat)
    assert (figures.tx_lost, figures.tx_jitter_ms, figures.rtt_ms, figures.reports) == (5, 1.25, 41.0, 3)


def test_a_call_without_a_stream_has_empty_figures() -> None:
    total = CallFigures().total()
    assert (total.codec, total.rx_packets, total.tx_lost) == ("", 0, None)


def test_a_reading_replaces_the_one_before() -> None:
    call = CallFigures()
    call.update(FIRST)
    call.update(replace(FIRST, rx_packets=200))
    assert call.total().rx_packets == 200


def test_streams_of_a_call_are_added_up() -> None:
    call = CallFigures()
    call.update(FIRST)
    call.stream_ended()
    call.stream_ended()
    unreported = replace(
        FIRST, codec="PCMA", rx_packets=50, rx_jitter_ms=9.0, tx_lost=None, tx_jitter_ms=None, rtt_ms=None
    )
    call.update(unreported)
    total = call.total()
    assert (total.codec, total.rx_packets, total.rx_lost, total.tx_packets) == ("PCMA", 150, 4, 220)
    assert (total.tx_lost, total.tx_jitter_ms, total.rtt_ms) == (3, 2.5, 40.0)
    assert total.rx_jitter_ms == 9.0


def test_signs_of_life_grow_with_audio_and_with_reports() -> None:
    call = CallFigures()
    signs = [call.signs_of_life()]
    call.update(FIRST)
    signs.append(call.signs_of_life())
    call.update(replace(FIRST, reports=5))
    signs.append(call.signs_of_life())
    call.stream_ended()
    call.update(replace(FIRST, rx_packets=1, reports=0))
    signs.append(call.signs_of_life())
    assert signs == sorted(set(signs))


def test_a_direction_is_judged_by_what_was_heard_of_it() -> None:
    call = CallFigures()
    call.update(replace(FIRST, rx_packets=1_000, rx_lost=0, rx_discarded=0, tx_packets=1_000, tx_lost=100))
    good = call.total()
    call.update(replace(FIRST, rx_packets=1_000, rx_lost=0, rx_discarded=100, tx_packets=1_000, tx_lost=None))
    discarded = call.total()
    assert good.rx_mos is not None
    assert good.tx_mos is not None
    assert discarded.rx_mos is not None
    assert good.rx_mos > 4.3 > discarded.rx_mos
    assert good.tx_mos < 3.7
    assert discarded.tx_mos is None
