from __future__ import annotations

from media_workers.runtime.browser.jitter import LATEST_MS, LOOK_BACK, SPARE, JitterBuffer


def frame(n: int, *, loud: bool = False) -> bytes:
    """A frame of equal samples that tell which one it is."""
    return (n + (2_000 if loud else 0)).to_bytes(2, "little") * 160


def test_frames_come_out_as_they_went_in_however_they_were_cut() -> None:
    buffer = JitterBuffer()
    whole = b"".join(frame(n) for n in range(6))
    for at in range(0, len(whole), 199):
        buffer.put(whole[at : at + 199])
    assert [buffer.take() for _ in range(7)] == [*(frame(n) for n in range(6)), None]
    assert (buffer.received, buffer.discarded) == (6, 0)


def test_what_is_too_late_is_dropped() -> None:
    buffer = JitterBuffer()
    kept = LATEST_MS // 20
    buffer.put(b"".join(frame(n) for n in range(kept + 30)))
    assert buffer.take() == frame(30)
    assert (buffer.received, buffer.discarded) == (kept + 30, 30)


def settle(buffer: JitterBuffer, *, loud: bool) -> int:
    """A steady stream for as long as the delay is measured twice; how many frames wait in the end."""
    for n in range(2 * LOOK_BACK):
        buffer.put(frame(n % 100, loud=loud))
        assert buffer.take() is not None
    waiting = 0
    while buffer.take() is not None:
        waiting += 1
    return waiting


def test_the_delay_of_a_burst_is_given_back_in_a_pause() -> None:
    buffer = JitterBuffer()
    buffer.put(b"".join(frame(n) for n in range(12)))
    assert settle(buffer, loud=False) == SPARE


def test_nothing_is_left_out_of_speech() -> None:
    buffer = JitterBuffer()
    buffer.put(b"".join(frame(n) for n in range(12)))
    assert settle(buffer, loud=True) == 12
    assert buffer.discarded == 0


def test_delay_that_is_used_up_now_and_then_is_kept() -> None:
    buffer = JitterBuffer()
    for _ in range(LOOK_BACK):
        buffer.put(b"".join(frame(n) for n in range(5)))
        assert all(buffer.take() is not None for _ in range(5))
    assert buffer.discarded == 0
