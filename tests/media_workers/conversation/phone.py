"""A line on which a caller speaks by the clock, in virtual time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal, TypeVar
from uuid import UUID

from media_workers.audio.ambience import hiss
from media_workers.contract.agent import AgentConfig
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EndReason, EventBody, TurnSpoken
from media_workers.conversation import Conversation, Voice
from media_workers.conversation.endpointing.turn_model import TurnModel
from media_workers.conversation.languages import Tongue
from media_workers.conversation.secrecy import Secrecy
from media_workers.conversation.snapshot import Snapshot
from media_workers.conversation.tools import Tools
from media_workers.providers.base import FRAME_MS, VoiceSettings
from media_workers.sandbox.mouth import tone
from tests.media_workers.conversation.vendors import SILENCE, Listener, Loudness, Speaker, Thinker, frame_of
from tests.media_workers.conversation.virtual_time import VirtualTimeLoop, run

E = TypeVar("E", bound=EventBody)
SCRIPT = {"provider": "script", "nodes": {"start": {}}}
HISS = frozenset(hiss())
CALL = UUID("01900000-0000-7000-8000-000000000001")


def config(**changes: Any) -> AgentConfig:
    """An agent that greets with `Hello.` (300 ms) and whose turn rules are round numbers. Everything that
    the caller says for 200 ms interrupts it; when it says nothing, nothing is sent."""
    rules = {
        "endpointing": "fixed",
        "endpointing_ms": 400,
        "transcript_after_ms": 120,
        "ignore_backchannels": False,
        **changes.pop("turn_taking", {}),
    }
    sounds = {"comfort_noise": False, **changes.pop("sounds", {})}
    fields = {"model": SCRIPT, "first_message": "Hello.", "turn_taking": rules, "sounds": sounds, **changes}
    return AgentConfig.model_validate(fields)


@dataclass
class Phone:
    """Set up the vendors and what the caller does, then `call`. All times are ms from the answer."""

    agent: AgentConfig | None = field(default_factory=config)
    ears: Listener = field(default_factory=Listener)
    mind: Thinker = field(default_factory=Thinker)
    mouth: Speaker = field(default_factory=Speaker)
    other_mouth: Speaker = field(default_factory=lambda: Speaker(name="other", sample=9))
    tools: Tools | None = None
    turn_model: TurnModel | None = None
    variables: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    tongues: dict[str, Tongue] = field(default_factory=dict)
    direction: Literal["inbound", "outbound"] = "inbound"
    line_noise: bool = True
    events: list[EventBody] = field(default_factory=list)
    sent: list[tuple[int, bytes]] = field(default_factory=list)
    seen: list[Snapshot] = field(default_factory=list)
    hung_up: tuple[EndReason, str] | None = None
    ended_ms: int = 0
    talk: Conversation | None = None
    secrecy: Secrecy = field(default_factory=Secrecy)
    _speech: list[tuple[int, int, int]] = field(default_factory=list)
    _tones: dict[int, bytes] = field(default_factory=dict)
    _acts: list[tuple[int, str, str]] = field(default_factory=list)

    def says(self, text: str, at: int, ms: int = 600) -> None:
        """The caller says `text` from `at` for `ms`; empty text is a noise."""
        self.ears.phrases.append(text)
        self._speech.append((at, at + ms, len(self.ears.phrases)))

    def beeps(self, at: int, ms: int = 400, hz: int = 1000) -> None:
        """A tone comes from the caller's side."""
        pcm = tone(hz, ms)
        for start in range(0, ms, FRAME_MS):
            self._tones[at + start] = pcm[16 * start : 16 * start + len(SILENCE)].ljust(len(SILENCE), b"\0")

    def presses(self, digit: str, at: int) -> None:
        self._acts.append((at, "digit", digit))

    def holds(self, begin: int, end: int) -> None:
        """The caller puts the call on hold."""
        self._acts += [(begin, "hold", "yes"), (end, "hold", "")]

    def agent_is_muted(self, begin: int, end: int) -> None:
        """Somebody mutes the agent for a while."""
        self._acts += [(begin, "mute", "yes"), (end, "mute", "")]

    def waits(self, begin: int, end: int) -> None:
        """The caller waits for somebody else."""
        self._acts += [(begin, "suspend", "yes"), (end, "suspend", "")]

    def is_looked_at(self, at: int) -> None:
        """Takes a snapshot of the floor."""
        self._acts.append((at, "look", ""))

    def is_paid_until(self, paid_ms: int | None, at: int) -> None:
        """The word comes how long the call's money lasts."""
        self._acts.append((at, "paid", "" if paid_ms is None else str(paid_ms)))

    def is_told_to_say(self, text: str, at: int) -> None:
        self._acts.append((at, "say", text))

    def call(self, ms: int) -> None:
        """Lets the call run for `ms`, or until the agent hangs up."""
        run(self._call(ms))

    def turns(self, speaker: str | None = None) -> list[TurnSpoken]:
        return [t for t in self.of(TurnSpoken) if speaker in (None, t.speaker)]

    def texts(self) -> list[str]:
        """The transcript, a line per turn; an interrupted turn ends with a dash."""
        return [f"{t.speaker}: {t.text}{' -' if t.interrupted else ''}" for t in self.turns()]

    def of(self, kind: type[E]) -> list[E]:
        return [e for e in self.events if isinstance(e, kind)]

    def spoke(self) -> list[tuple[int, int]]:
        """When audio of the agent was sent: [start, end] of each stretch."""
        stretches = groupby(enumerate(self.sent), lambda item: item[1][0] - item[0] * FRAME_MS)
        spans = [[at for _, (at, _) in group] for _, group in stretches]
        return [(times[0], times[-1] + FRAME_MS) for times in spans]

    async def _call(self, ms: int) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        plan = CallPlan(
            call_id=CALL,
            tenant_id=CALL,
            direction=self.direction,
            from_number="+12025550199",
            to_number="+12025550100",
            agent=self.agent,
            variables=self.variables,
            problem=self.problem,
        )
        self.talk = talk = Conversation(
            plan=plan,
            stt=self.ears if self.agent else None,
            dialogue=self.mind if self.agent else None,
            tts=self.mouth,
            fallback=Voice(self.other_mouth, VoiceSettings("other")),
            tools=self.tools,
            secrecy=self.secrecy,
            tongues=self.tongues,
            turn_model=self.turn_model,
            voice_activity=Loudness(),
            emit=self.events.append,
            hang_up=self._hang_up,
            loop=loop,
            clock=loop.now_ms,
        )
        await talk.prepare()
        begin = loop.now_ms()
        talk.answered(begin)
        while (at := loop.now_ms() - begin) < ms and self.hung_up is None:
            self._frame(talk, at, begin)
            await asyncio.sleep((at + FRAME_MS - (loop.now_ms() - begin)) / 1000)
        self.ended_ms = loop.now_ms() - begin
        talk.ended(loop.now_ms())
        await talk.close()

    def _frame(self, talk: Conversation, at: int, begin: int) -> None:
        number = next((n for start, end, n in self._speech if start < at <= end), 0)
        talk.on_frame(self._tones.get(at) or (frame_of(number) if number else SILENCE), begin + at)
        while self._acts and (act := min(self._acts))[0] <= at:
            self._acts.remove(act)
            if act[1] == "digit":
                talk.on_dtmf(act[2], begin + at)
            elif act[1] == "look":
                self.seen.append(talk.snapshot(begin + at))
            elif act[1] == "hold":
                talk.on_hold(bool(act[2]))
            elif act[1] == "paid":
                talk.pay_until(int(act[2]) if act[2] else None)
            elif act[1] == "mute":
                talk.mute(bool(act[2]), begin + at)
            elif act[1] == "suspend":
                talk.suspend(bool(act[2]))
            else:
                talk.say(act[2], begin + at)
        frame = talk.next_frame(begin + at)
        if frame is not None and frame not in HISS:
            assert len(frame) == len(SILENCE)
            self.sent.append((at, frame))

    def _hang_up(self, reason: EndReason, detail: str) -> None:
        assert self.hung_up is None, "hung up twice"
        self.hung_up = (reason, detail)
