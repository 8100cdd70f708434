"""When a peer counts as lost. Time is a parameter."""

from __future__ import annotations

from media_workers.sip.watch import MediaWatch


def test_a_peer_that_sends_is_never_lost() -> None:
    watch = MediaWatch(60)
    assert not any(watch.lost(50 * t, on_hold=False, now=t) for t in range(1_000))


def test_a_peer_that_stopped_is_lost_after_the_whole_timeout() -> None:
    watch = MediaWatch(60)
    lost = [t for t in range(200) if watch.lost(min(t, 100), on_hold=False, now=t)]
    assert lost[0] == 160


def test_a_peer_that_never_sent_is_lost_too() -> None:
    watch = MediaWatch(60)
    lost = [t for t in range(100, 200) if watch.lost(0, on_hold=False, now=t)]
    assert lost[0] == 160


def test_one_packet_starts_the_time_again() -> None:
    watch = MediaWatch(60)
    lost = [t for t in range(300) if watch.lost(1 if t < 59 else 2, on_hold=False, now=t)]
    assert lost[0] == 59 + 60


def test_hold_stops_the_time() -> None:
    watch = MediaWatch(60)
    assert not any(watch.lost(5, on_hold=True, now=t) for t in range(500))
    lost = [t for t in range(500, 700) if watch.lost(5, on_hold=False, now=t)]
    assert lost[0] == 499 + 60
