"""What the sandbox carrier does to a leg; the SIP underneath is tested in test_over_sip.py."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest

from media_workers.providers.base import ProviderError
from media_workers.sandbox.mouth import tone
from media_workers.sandbox.network import PhoneNetwork
from media_workers.sandbox.script import Script
from media_workers.sip.types import Invite, LegEnd


class RecordedLeg:
    """Notes what a handler asks of its leg."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.decided = threading.Event()

    def ring(self) -> None:
        self.asked.append("ring")

    def answer(self, *, send_audio: bool = True) -> None:
        self.asked.append("answer" if send_audio else "answer without sending")
        self.decided.set()

    def reject(self, code: int, reason: str, headers: dict[str, str] | None = None) -> None:
        self.asked.append(f"{code} {reason}")
        self.decided.set()


def invite(number: str) -> Invite:
    return Invite("id", "127.0.0.1", 5060, "udp", f"sip:{number}@127.0.0.1", number, "+12025550150")


def spoken(script: Script) -> Mapping[str, bytes]:
    return {text: tone(400, 100) for text in script.lines()}


def cancelled() -> LegEnd:
    return LegEnd(487, "Request Terminated", by_peer=True, answered=False, media_lost=False, stats=None)


@pytest.mark.parametrize(
    ("number", "asked"),
    [
        ("+12025550107", ["486 Busy Here"]),
        ("+12025550110", ["480 Temporarily Unavailable"]),
        ("+12025550111", ["503 Service Unavailable"]),
        ("+12025550109", ["ring", "603 Decline"]),
        ("+12025550177", ["404 Not Found"]),
        ("+12025550101", ["ring", "answer"]),
        ("+12025550105", ["ring", "answer without sending"]),
    ],
)
def test_each_number_gets_its_treatment(number: str, asked: list[str]) -> None:
    leg = RecordedLeg()
    PhoneNetwork(spoken).on_invite(leg, invite(number))
    assert leg.decided.wait(30)
    assert leg.asked == asked


def test_a_phone_that_rings_out_only_rings() -> None:
    leg = RecordedLeg()
    handler = PhoneNetwork(spoken).on_invite(leg, invite("+12025550108"))
    handler.on_ended(cancelled())
    assert leg.asked == ["ring"]


def test_a_call_cancelled_while_it_rings_is_not_answered_any_more() -> None:
    leg = RecordedLeg()
    rendered = threading.Event()

    def render(script: Script) -> Mapping[str, bytes]:
        handler.on_ended(cancelled())
        rendered.set()
        return spoken(script)

    started = threading.Event()
    network = PhoneNetwork(lambda script: started.wait(30) and render(script))
    handler = network.on_invite(leg, invite("+12025550102"))
    started.set()
    assert rendered.wait(30)
    for thread in threading.enumerate():
        if thread.name.startswith("phone +12025550102"):
            thread.join(30)
    assert leg.asked == ["ring"]


def test_a_phone_without_a_voice_refuses_instead_of_ringing_for_ever() -> None:
    def render(script: Script) -> Mapping[str, bytes]:
        raise ProviderError("tts", "flite", "not installed")

    leg = RecordedLeg()
    PhoneNetwork(render).on_invite(leg, invite("+12025550101"))
    assert leg.decided.wait(30)
    assert leg.asked == ["ring", "500 Sandbox phone has no voice"]
