"""Hold and resume, in every way that telephones and carriers ask for it.

The calls of this module run at the same time on two lines that give a silent peer up after 1.5 s; each
test looks at one of them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.media_workers.sip.host import ANSWER, Event, Host, loudest_hz
from tests.sip.rtp_wire import Packet, Wire, numbered, tone
from tests.sip.sipp import SippResult
from tests.sip.sipp_call import SippCall, call
from tests.sip.wait import until

OURS_HZ, THEIRS_HZ = 440, 600
SPEAKS = [{"do": "mouth", "mouth": str(OURS_HZ)}, *ANSWER]
HOLDS = (
    "uac_hold_sendonly_by_reinvite",
    "uac_hold_sendonly_by_update",
    "uac_hold_inactive_by_reinvite",
    "uac_hold_inactive_by_update",
    "uac_hold_by_zero_address",
)
LISTENS = "uac_listens_only"
SETTLED_S = 0.1
"""After its answer to a hold a line may still have had a packet under way."""


class Held:
    """A call that is put on hold and taken back by its scenario. The peer is silent meanwhile."""

    def __init__(self, line: Host, scenario: str, folder: Path, wire: Wire) -> None:
        self.line, self.wire, self.folder = line, wire, folder
        self.call: SippCall = call(line, scenario, folder / scenario, audio_port=wire.port)
        wire.play(numbered(tone(THEIRS_HZ, 45)), self.call.rtp)
        self._speaking_again = threading.Thread(target=self._speak_again, daemon=True)
        self._speaking_again.start()

    def resumed(self) -> None:
        """Waits for the end of the hold, and for both sides to be heard again."""
        self._speaking_again.join()
        heard = len(self.line.heard(self.call.leg, self.folder))
        until(lambda: len(self.line.heard(self.call.leg, self.folder)) > heard + 16_000, "two seconds heard")
        sent = len(self.wire.received)
        until(lambda: len(self.wire.received) > sent + 25, "audio after the hold")

    def _speak_again(self) -> None:
        until(lambda: "CSeq: 3 " in self.call.ladder_text(), "the end of the hold", every_s=0.1)
        self.wire.play(numbered(tone(THEIRS_HZ, 3_000), first=1_000), self.call.rtp)

    def heard_hz(self) -> float:
        """What the line heard in the last second."""
        return loudest_hz(self.line.heard(self.call.leg, self.folder)[-8_000:])

    def holds(self) -> list[bool]:
        return [event["held"] for event in self.line.all("hold", self.call.leg)]

    def during_hold(self, result: SippResult) -> list[Packet]:
        """The packets between the line's answer to the hold and the end of it."""
        log = result.log()
        begin = next(m.at for m in log if "SIP/2.0 200" in m.text and "CSeq: 2 " in m.text) + SETTLED_S
        end = next(m.at for m in log if m.sent and "CSeq: 3 " in m.text)
        return [p for p in self.wire.received if begin < p.at < end]

    def hang_up(self) -> tuple[SippResult, Event]:
        return self.call.hang_up()


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Held]]:
    folder = tmp_path_factory.mktemp("hold")
    with ExitStack() as stack:
        lines = [stack.enter_context(Host(SPEAKS, media_timeout_s=1.5)) for _ in range(2)]
        yield {
            scenario: Held(lines[i % 2], scenario, folder, stack.enter_context(Wire()))
            for i, scenario in enumerate((*HOLDS, LISTENS))
        }


@pytest.mark.parametrize("scenario", HOLDS)
def test_a_hold_is_answered_silent_and_survived(calls: dict[str, Held], scenario: str) -> None:
    held = calls[scenario]
    held.resumed()
    assert held.heard_hz() == pytest.approx(THEIRS_HZ, abs=3)
    assert held.holds() == [True, False]
    result, end = held.hang_up()
    assert held.during_hold(result) == []
    assert loudest_hz(held.wire.audio()) == pytest.approx(OURS_HZ, abs=3)
    assert (end["media_lost"], end["sip_code"]) == (False, 200)


def test_a_caller_who_only_listens_is_spoken_to_and_not_missed(calls: dict[str, Held]) -> None:
    listens = calls[LISTENS]
    listens.resumed()
    assert listens.heard_hz() == pytest.approx(THEIRS_HZ, abs=3)
    assert listens.holds() == []
    result, end = listens.hang_up()
    assert len(listens.during_hold(result)) > 100
    assert (end["media_lost"], end["sip_code"]) == (False, 200)
