"""Audio as carriers really send it: other packet lengths, a codec that changes, and a bad network.

The calls of a test run at the same time on one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.media_workers.sip.host import ANSWER, Host, loudest_hz
from tests.sip.rtp_wire import COMFORT_NOISE, PCMA, PCMU, Packet, Wire, numbered, tone
from tests.sip.sipp_call import SippCall, call
from tests.sip.wait import until

OURS_HZ, THEIRS_HZ = 440, 600
SPEAKS = [{"do": "mouth", "mouth": str(OURS_HZ)}, *ANSWER]
FRAME = 160


@pytest.fixture(scope="module")
def line() -> Iterator[Host]:
    with Host(SPEAKS) as line:
        yield line


def heard(line: Host, made: SippCall, folder: Path, ms: int = 600) -> np.ndarray:
    """The last of what the line has heard."""
    return line.heard(made.leg, folder)[-8 * ms :]


def without_pause(packets: list[Packet]) -> bool:
    """Whether sequence numbers and time stamps say that nothing is missing between them."""
    stamps = np.diff([p.stamp for p in packets]) & 0xFFFFFFFF
    sizes = [len(p.payload) for p in packets[:-1]]
    return set(np.diff([p.seq for p in packets]) & 0xFFFF) == {1} and list(stamps) == sizes


def test_packets_of_30_40_and_60_ms_are_heard_and_answered(line: Host, tmp_path: Path) -> None:
    lengths = (30, 40, 60)
    with Wire() as a, Wire() as b, Wire() as c:
        made = {}
        for ptime, wire in zip(lengths, (a, b, c), strict=True):
            keys = {"audio_port": wire.port, "ptime": ptime}
            made[ptime] = call(line, "uac_ptime", tmp_path / str(ptime), **keys), wire
            packets = numbered(tone(THEIRS_HZ, 100_000 // ptime, ptime_ms=ptime))
            wire.play(packets, made[ptime][0].rtp, every_ms=ptime)
        for ptime, (up, wire) in made.items():
            until(lambda up=up: len(line.heard(up.leg, tmp_path)) > 20_000, "two and a half seconds heard")
            tail = heard(line, up, tmp_path).astype(float)
            assert loudest_hz(tail) == pytest.approx(THEIRS_HZ, abs=3), ptime
            assert np.sqrt(np.mean(tail**2)) == pytest.approx(8_000 / np.sqrt(2), rel=0.1), ptime
            assert loudest_hz(wire.audio()) == pytest.approx(OURS_HZ, abs=3), ptime
            assert without_pause(list(wire.received)), ptime
            up.hang_up()


def test_a_codec_that_changes_in_mid_call(line: Host, tmp_path: Path) -> None:
    with Wire() as wire:
        made = call(line, "uac_codec_changes", tmp_path / "sipp", audio_port=wire.port)
        for step, (codec, hz) in enumerate(((PCMU, 600), (PCMA, 700), (PCMU, 800)), start=1):
            made.until_ladder_has("> 200 INVITE", step)
            wire.play(
                numbered(tone(hz, 50, payload_type=codec), payload_type=codec, first=step * 200), made.rtp
            )
            until(
                lambda hz=hz: loudest_hz(heard(line, made, tmp_path)) == pytest.approx(hz, abs=3), f"{hz} Hz"
            )
        until(lambda: [p.payload_type for p in wire.received[-20:]] == [PCMU] * 20, "PCMU again")
        kinds = [p.payload_type for p in wire.received]
        assert [k for i, k in enumerate(kinds) if i == 0 or kinds[i - 1] != k] == [PCMU, PCMA, PCMU]
        assert {len(p.payload) for p in wire.received} == {FRAME}
        assert loudest_hz(wire.audio(PCMA)) == pytest.approx(OURS_HZ, abs=5)
        made.hang_up()


def out_of_order(packets: list[Packet]) -> list[Packet]:
    """Of each ten the fourth comes after the fifth, the seventh comes twice, and the last is lost."""
    order = (0, 1, 2, 4, 3, 5, 6, 6, 7, 8)
    return [packets[ten + i] for ten in range(0, len(packets) - 9, 10) for i in order]


def with_pauses(packets: list[Packet]) -> list[Packet]:
    """Of each twenty five packets' time is silence: announced by one packet of comfort noise."""
    kept = [p for p in packets if p.seq % 20 < 16]
    noise = [replace(p, payload=b"\x40", payload_type=COMFORT_NOISE) if p.seq % 20 == 15 else p for p in kept]
    return [replace(p, seq=i) for i, p in enumerate(noise)]


def another_source(packets: list[Packet]) -> list[Packet]:
    """Half way the sender is another one: SSRC, sequence and time begin anew."""
    half = len(packets) // 2
    new = [replace(p, ssrc=4_711, seq=p.seq + 30_000, stamp=p.stamp + 9_000_000) for p in packets[half:]]
    return packets[:half] + new


def loud_frames(samples: np.ndarray) -> np.ndarray:
    """Those of its 20 ms that are not silence."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME).astype(float)
    return frames[np.sqrt(np.mean(frames**2, axis=1)) > 1_000]


def test_a_bad_network_does_not_break_the_audio(line: Host, tmp_path: Path) -> None:
    packets = numbered(tone(THEIRS_HZ, 200))
    cases = {
        "uac_media_elsewhere_until_bye": out_of_order(packets),
        "uac_comfort_noise": with_pauses(packets),
        "uac_private_sdp": another_source(packets),
    }
    with Wire() as a, Wire() as b, Wire() as c:
        calls = []
        for (scenario, damaged), wire in zip(cases.items(), (a, b, c), strict=True):
            made = call(line, scenario, tmp_path / scenario, audio_port=wire.port)
            calls.append((made, wire, wire.play(damaged, made.rtp)))
        for made, wire, playing in calls:
            playing.join()
            loud = loud_frames(line.heard(made.leg, tmp_path))
            assert len(loud) > 0.6 * len(packets)
            assert loudest_hz(loud.reshape(-1)) == pytest.approx(THEIRS_HZ, abs=6)
            assert without_pause(list(wire.received))
            made.hang_up()


def test_rtp_flows_on_while_there_is_nothing_to_say(tmp_path: Path) -> None:
    with Host([{"do": "mouth", "mouth": "nothing"}, *ANSWER]) as line, Wire() as wire:
        made = call(line, "uac_media_elsewhere_until_bye", tmp_path / "sipp", audio_port=wire.port)
        wire.play(numbered(tone(THEIRS_HZ, 20)), made.rtp)
        until(lambda: len(wire.received) > 200, "four seconds of RTP")
        assert without_pause(list(wire.received))
        assert {len(p.payload) for p in wire.received} == {FRAME}
        assert not wire.audio().any()
        made.hang_up()
