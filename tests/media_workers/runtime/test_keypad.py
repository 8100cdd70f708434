"""Keys that the agent presses, and what is kept of a caller while theirs are secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_workers.audio.pcm import FRAME_BYTES, SILENCE
from media_workers.audio.recorder import DiskWriter
from media_workers.contract.events import Dtmf, EventBody
from media_workers.conversation.secrecy import Secrecy
from media_workers.runtime.capture import CaptureLimits, PacketFile
from media_workers.runtime.company import BothSides, Company
from media_workers.runtime.keypad import Keypad

TONE = b"\x01\x7f" * (FRAME_BYTES // 2)


class Telephone:
    def __init__(self) -> None:
        self.sent: list[str] = []

    def send_dtmf(self, digits: str) -> None:
        self.sent.append(digits)


def keypad(leg: object) -> tuple[Keypad, list[EventBody], Secrecy]:
    events: list[EventBody] = []
    secrecy = Secrecy()
    return Keypad(lambda: leg, secrecy=secrecy, emit=events.append, at=lambda: 7), events, secrecy


async def test_keys_are_sent_with_pauses_and_told() -> None:
    telephone = Telephone()
    pad, events, _ = keypad(telephone)
    assert (await pad.press("1w2#")).words == "The keys 1w2# have been pressed."
    assert telephone.sent == ["1", "2#"]
    assert [(e.digit, e.direction) for e in events if isinstance(e, Dtmf)] == [
        ("1", "out"),
        ("2", "out"),
        ("#", "out"),
    ]


async def test_secret_keys_are_sent_and_masked() -> None:
    telephone = Telephone()
    pad, events, secrecy = keypad(telephone)
    secrecy.keep("pin", "4711")
    deed = await pad.press("4711#")
    assert telephone.sent == ["4711#"]
    assert deed.words == "The keys ****# have been pressed."
    assert {(e.digit, e.masked) for e in events if isinstance(e, Dtmf)} == {("*", True)}


@pytest.mark.parametrize("digits", ["", "call me", "1" * 33])
async def test_what_is_no_key_is_not_sent(digits: str) -> None:
    telephone = Telephone()
    pad, _, _ = keypad(telephone)
    assert not (await pad.press(digits)).ok
    assert telephone.sent == []


async def test_a_browser_has_no_keys_to_hear() -> None:
    pad, _, _ = keypad(object())
    assert not (await pad.press("1")).ok


class Kept:
    """A recorder's side of `BothSides`."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    def feed(self, caller: bytes, agent: bytes | None) -> None:
        self.frames.append(caller)


def test_the_beginning_of_a_secret_tone_is_not_kept_either() -> None:
    both, kept = BothSides(lambda event: None), Kept()
    both.hold(3)
    both.record(kept)  # type: ignore[arg-type]
    for hidden in [False, False, False, False, True, True, False, False, False, False]:
        both.feed(TONE, None, hidden=hidden)
    assert kept.frames == [TONE, SILENCE, SILENCE, SILENCE, SILENCE, SILENCE, TONE]


def test_nothing_is_held_back_where_nothing_is_secret() -> None:
    both, kept = BothSides(lambda event: None), Kept()
    both.record(kept)  # type: ignore[arg-type]
    both.feed(TONE, None)
    both.feed(TONE, None, hidden=True)
    assert kept.frames == [TONE, SILENCE]


def test_who_has_taken_over_does_not_hear_secret_keys_either() -> None:
    secrecy, heard = Secrecy(), list[bytes]()
    company = Company(lambda event: None)
    company.hide(lambda: secrecy.hiding, hold_frames=0)
    company.let_speak(Silent(), Ear(heard))  # type: ignore[arg-type]
    for secret in (False, True, False):
        if secret:
            secrecy.begin()
        company.next_frame()
        company.on_frame(TONE)
        if secret:
            secrecy.end()
    assert heard == [TONE, SILENCE, TONE]


@pytest.mark.parametrize("secret", [True, False])
def test_keys_for_a_human_are_told_only_where_keys_are_no_secret(secret: bool) -> None:
    events, pressed = list[EventBody](), list[str]()
    company = Company(events.append)
    company.send_key = pressed.append
    company.hide(lambda: False, hold_frames=0, keys_too=secret)
    company.on_dtmf("7")
    assert pressed == ["7"]
    assert [(e.digit, e.masked) for e in events if isinstance(e, Dtmf)] == [
        ("*", True) if secret else ("7", False)
    ]


class Silent:
    def next_frame(self) -> bytes | None:
        return None


class Ear:
    """A tap."""

    def __init__(self, heard: list[bytes]) -> None:
        self.heard = heard

    def feed(self, caller: bytes, other: bytes | None) -> bool:
        self.heard.append(caller)
        return True


def test_packets_are_left_out_while_secret_keys_are_in_them(tmp_path: Path) -> None:
    writer, secrecy = DiskWriter(), Secrecy()
    file = PacketFile(tmp_path / "call.pcap", writer, CaptureLimits(tmp_path, 10_000_000, 10_000_000))
    file.hush = lambda: secrecy.hiding
    near, far = ("127.0.0.1", 10_000), ("127.0.0.1", 20_000)
    file.packet(far, near, b"before")
    secrecy.begin()
    file.packet(far, near, b"secret")
    secrecy.end()
    file.packet(far, near, b"after")
    captured = file.close()
    writer.close()
    assert captured is not None
    kept = captured.path.read_bytes()
    assert b"before" in kept
    assert b"after" in kept
    assert b"secret" not in kept
