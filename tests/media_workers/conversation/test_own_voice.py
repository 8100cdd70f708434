"""Our own voice that comes back is no caller: real speech, real voice activity, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from media_workers.audio import mulaw
from media_workers.audio.vad import VadEngine
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import BargeIn, EventBody, TurnSpoken
from media_workers.conversation import Conversation, Voice
from media_workers.conversation.own_voice import OwnVoice
from media_workers.conversation.turns import CallerTurn
from media_workers.providers.base import FRAME_BYTES, FRAME_MS, Transcript, VoiceSettings
from tests.media_workers.conversation.phone import CALL, config
from tests.media_workers.conversation.vendors import Speaker, Thinker
from tests.media_workers.conversation.virtual_time import VirtualTimeLoop, run
from tests.speech import say

TEXT = (
    "Thank you for calling the restaurant by the river today. We are open from nine in the morning until"
    " ten in the evening, and there is live music on every Saturday."
)
OVER = "Stop, please wait a moment, that is not what I want."
CALL_MS = 12_000
RULES = {"ignore_backchannels": True, "endpointing": "adaptive"}


@pytest.fixture(scope="module")
def vad() -> VadEngine:
    return VadEngine()


@dataclass
class Recited:
    """A voice that is flite's, all of it at once."""

    name: str = "recited"
    model: str = ""

    async def speak(self, text: str, voice: VoiceSettings) -> AsyncIterator[bytes]:
        yield spoken(text)

    async def warm_up(self) -> None: ...

    async def close(self) -> None: ...


def spoken(text: str) -> bytes:
    pcm = SPOKEN[text] if text in SPOKEN else bytes(FRAME_BYTES)
    return pcm[: len(pcm) // 2 * 2]


SPOKEN: dict[str, bytes] = {}


@dataclass
class Gossip:
    """A transcriber that understands everything perfectly: what comes back of the agent, too. `text()` is
    what it has heard when it is asked."""

    text: Callable[[], str]
    partials: bool = True
    name: str = "gossip"
    model: str = ""
    whole_turns: bool = False
    continuous: bool = False
    utterances: int = 0

    async def open(self, *, on_transcript: Callable[[Transcript], None], **_: Any) -> Gossip:
        self._tell = on_transcript
        self._loop = asyncio.get_running_loop()
        return self

    def start_utterance(self, utterance: int) -> None:
        self.utterances = utterance
        self._frames = 0

    def feed(self, pcm: bytes) -> None:
        self._frames += 1
        if self.partials and self._frames % 10 == 0:
            self._deliver(final=False)

    def finalize(self, utterance: int) -> None:
        self._deliver(final=True)

    def _deliver(self, *, final: bool) -> None:
        transcript = Transcript(self.text(), final=final, utterance=self.utterances)
        self._loop.call_soon_threadsafe(self._loop.call_later, 0.1, self._tell, transcript)

    def expect(self, phrases: Sequence[str]) -> None: ...

    async def close(self) -> None: ...


@dataclass
class Line:
    """Gives back `echo_db` of what is sent, `delay_ms` later, with a caller over it from `caller_ms` on."""

    echo_db: float
    delay_ms: int
    caller: bytes = b""
    caller_ms: int = 0
    events: list[EventBody] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)

    def come(self) -> Iterator[tuple[int, bytes]]:
        """Each moment's frame of the other side; `sent` is read as it grows."""
        noise = np.random.default_rng(3)
        for at in range(FRAME_MS, CALL_MS, FRAME_MS):
            heard = self._echo(at) + self._caller(at) + noise.normal(0, 4, FRAME_BYTES // 2)
            pcm = np.clip(heard, -32768, 32767).astype("<i2").tobytes()
            yield at, mulaw.decode(mulaw.encode(pcm))

    def _echo(self, at: int) -> np.ndarray:
        sent = b"".join(self.sent[-(self.delay_ms // FRAME_MS + 2) :])
        end = len(sent) - (self.delay_ms % FRAME_MS + self.delay_ms // FRAME_MS * FRAME_MS) * 16 + FRAME_BYTES
        part = sent[max(0, end - FRAME_BYTES) : max(0, end)].rjust(FRAME_BYTES, b"\0")
        return np.frombuffer(part, "<i2") * 10 ** (self.echo_db / 20)

    def _caller(self, at: int) -> np.ndarray:
        start = (at - self.caller_ms) * 16
        part = self.caller[start : start + FRAME_BYTES] if start >= 0 else b""
        return np.frombuffer(part.ljust(FRAME_BYTES, b"\0"), "<i2").astype(np.float64)

    def call(self, vad: VadEngine, ears: Gossip) -> None:
        run(self._call(vad, ears))

    async def _call(self, vad: VadEngine, ears: Gossip) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        agent = config(first_message=TEXT, turn_taking=RULES, silence={"prompt_after_ms": 60_000})
        activity = vad.open()
        talk = Conversation(
            plan=CallPlan(
                call_id=CALL,
                tenant_id=CALL,
                direction="inbound",
                from_number="+12025550199",
                to_number="+12025550100",
                agent=agent,
            ),
            stt=ears,
            dialogue=Thinker(),
            tts=Recited(),
            fallback=Voice(Speaker(), VoiceSettings("other")),
            voice_activity=activity,
            emit=self.events.append,
            hang_up=lambda *_: None,
            loop=loop,
            clock=loop.now_ms,
        )
        await talk.prepare()
        begin = loop.now_ms()
        talk.answered(begin)
        for at, frame in self.come():
            talk.on_frame(frame, begin + at)
            self.sent.append(talk.next_frame(begin + at) or bytes(FRAME_BYTES))
            await asyncio.sleep((begin + at + FRAME_MS - loop.now_ms()) / 1000)
        talk.ended(loop.now_ms())
        await talk.close()
        activity.close()

    def turns(self, speaker: str) -> list[TurnSpoken]:
        return [e for e in self.events if isinstance(e, TurnSpoken) and e.speaker == speaker]


@pytest.fixture(scope="module", autouse=True)
def voices() -> None:
    for sentence in TEXT.replace("today. ", "today.\n").split("\n"):
        SPOKEN[sentence] = say(sentence, "slt")


def so_far(line: Line) -> str:
    """The words of the agent that have been sent, as a transcriber of the echo would have them."""
    share = len(line.sent) * FRAME_BYTES / sum(len(p) for p in SPOKEN.values())
    words = TEXT.split()
    return " ".join(words[: max(1, int(len(words) * min(1.0, share)))])


@pytest.mark.parametrize("delay_ms", [40, 130, 300])
@pytest.mark.parametrize("echo_db", [-10, -20, -30])
def test_an_echo_is_never_a_turn(vad: VadEngine, echo_db: float, delay_ms: int) -> None:
    line = Line(echo_db, delay_ms)
    line.call(vad, Gossip(lambda: so_far(line)))
    assert line.turns("caller") == []
    assert [b for b in line.events if isinstance(b, BargeIn) and not b.resumed] == []
    (turn,) = line.turns("agent")
    assert turn.text == TEXT
    assert not turn.interrupted


@pytest.mark.parametrize("partials", [False, True])
@pytest.mark.parametrize(("echo_db", "delay_ms"), [(-10, 130), (-20, 40), (-30, 300)])
def test_a_caller_over_the_echo_is_heard(
    vad: VadEngine, echo_db: float, delay_ms: int, partials: bool
) -> None:
    line = Line(echo_db, delay_ms, caller=say(OVER, "rms"), caller_ms=4_000)
    line.call(vad, Gossip(lambda: OVER if len(line.sent) * FRAME_MS > 4_300 else so_far(line), partials))
    # Where the caller draws breath, the echo may divide what is said.
    (turn,) = line.turns("caller")
    assert set(turn.text.split()) == set(OVER.split())
    first = line.turns("agent")[0]
    assert first.interrupted
    # 200 ms of speech and 300 of allowance, less the silence at the recording's beginning.
    assert 4_000 < first.end_ms < 5_200


SAID = "We have tables at seven and at nine. Which one would you like, seven or nine?"


@pytest.mark.parametrize(
    ("text", "echo_ms", "plain_ms", "ours"),
    [
        ("tables at seven and at nine", 300, 300, True),
        ("tables at seven and at nine", 0, 600, True),
        ("at nine", 300, 200, True),
        ("at nine", 0, 500, False),
        ("nine please", 300, 200, False),
        ("which one would you recommend for my mother", 300, 200, False),
        ("", 500, 0, False),
    ],
)
def test_words_are_ours_when_they_are_those_we_said(
    text: str, echo_ms: int, plain_ms: int, ours: bool
) -> None:
    caller = CallerTurn(over_agent=True, echo_ms=echo_ms, plain_ms=plain_ms)
    caller.begin(1, 0, 0)
    caller.take(Transcript(text, final=False, utterance=1), 0)
    assert OwnVoice().explains(caller, SAID) is ours


def test_who_speaks_after_the_agent_may_say_the_same() -> None:
    caller = CallerTurn(over_agent=False)
    caller.begin(1, 0, 0)
    caller.take(Transcript("tables at seven and at nine", final=False, utterance=1), 0)
    assert not OwnVoice().explains(caller, SAID)
