"""The conversation engine's own delay: real time, real voice activity, vendors of fixed latency.

Callers speak with flite's voice, frame by frame, on a 20 ms clock thread; beside it the asyncio loop
of a line. A response runs from the frame that holds the last audible sample of the caller to the
first frame of the answer. What cannot be avoided is the transcript asked for after its silence, then
the three vendors one after the other, or the silence that ends a turn if that is longer; what a
response took beyond that is overhead. The floor is the same waits as bare `asyncio.sleep` on the same
loop at the same time. `own` is the same delay as the engine itself reports it with each turn, from
the end of speech that voice activity found.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np

from media_workers.audio.vad import VadEngine
from media_workers.contract.agent import AgentConfig, TurnTaking
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EventBody, TurnSpoken
from media_workers.conversation import Conversation, Voice
from media_workers.providers.base import FRAME_BYTES, FRAME_MS, VoiceSettings
from media_workers.providers.tts.flite import FliteTextToSpeech
from tests.fakes.fixed_latency import FixedDialogue, FixedSpeechToText, FixedTextToSpeech

LOADS = (4, 20)
"""Conversations at once in a process: what a line carries, for which the goal is; and five times that."""

TURNS = 8
SENTENCES = (
    "I would like a table for two, please.",
    "Tomorrow at half past seven.",
    "Yes, that is right.",
    "My name is Miller, and I will bring a dog.",
)
TRANSCRIPT_MS, TOKEN_MS, AUDIO_MS = 100, 150, 100
RULES = TurnTaking()
NOMINAL_MS = max(RULES.endpointing_ms, RULES.transcript_after_ms + TRANSCRIPT_MS + TOKEN_MS + AUDIO_MS)
GOAL_MS = 40.0
FADED_DB = 30
"""Speech ends with the last frame that is less than this under the loudest one."""

PAUSE_FRAMES = 40
FLOOR = "the same waits on a bare asyncio loop, same run"
CALL = UUID("01900000-0000-7000-8000-000000000001")
HISS = np.random.default_rng(1).normal(0, 4, FRAME_BYTES // 2).astype("<i2").tobytes()

Figure = dict[str, Any]


@dataclass
class Caller:
    """One call: speaks, hears the answer out, waits 0.8 s, speaks again."""

    sentences: Sequence[list[bytes]]
    wait_frames: int
    talk: Conversation | None = None
    response_ms: list[float] = field(default_factory=list)
    own_ms: list[int] = field(default_factory=list)
    frames: list[bytes] = field(default_factory=list)
    ended_at: float | None = None

    @property
    def done(self) -> bool:
        return len(self.response_ms) == TURNS

    def tick(self, now_ms: int) -> None:
        """20 ms, on the media clock."""
        assert self.talk is not None
        if not self.frames and self.ended_at is None and not self.done:
            self.wait_frames -= 1
            if self.wait_frames < 0:
                self.frames = self.sentences[len(self.response_ms) % len(self.sentences)][::-1]
        if self.frames:
            frame = self.frames.pop()
            self.ended_at = None if self.frames else time.monotonic()
        else:
            frame = HISS
        self.talk.on_frame(frame, now_ms)
        if self.talk.next_frame(now_ms) is not None:
            self.wait_frames = PAUSE_FRAMES
            if self.ended_at is not None:
                self.response_ms.append((time.monotonic() - self.ended_at) * 1000)
                self.ended_at = None

    def note(self, event: EventBody) -> None:
        if isinstance(event, TurnSpoken) and event.latency and event.latency.own is not None:
            self.own_ms.append(event.latency.own)


@dataclass(frozen=True)
class Measured:
    """Times in ms beyond the nominal wait, of the engine and of the floor; CPU in % of a core a call."""

    over_ms: list[float]
    floor_over_ms: list[float]
    own_ms: list[int]
    cpu_per_call_pct: float


def run() -> list[Figure]:
    """The rated load under the plain names, the other one with its number of calls."""
    figures: list[Figure] = []
    for calls in LOADS:
        measured = asyncio.run(_measure(calls))
        figures += _figures("" if calls == LOADS[0] else f"_{calls}_calls", measured)
    return figures


def _figures(suffix: str, measured: Measured) -> list[Figure]:
    over, floor, own = (_p95(v) for v in (measured.over_ms, measured.floor_over_ms, measured.own_ms))
    return [
        _figure(f"overhead{suffix}_p95_ms", over, "ms", None if suffix else GOAL_MS, floor),
        _figure(f"response{suffix}_p95_ms", NOMINAL_MS + over, "ms", None, NOMINAL_MS + floor),
        _figure(f"own{suffix}_p95_ms", own, "ms", None, floor),
        _figure(f"cpu{suffix}_per_call_pct", measured.cpu_per_call_pct, "%", None, None),
    ]


def _figure(name: str, value: float, unit: str, goal: float | None, floor: float | None) -> Figure:
    return {
        "name": f"conversation.{name}",
        "value": round(value, 2),
        "unit": unit,
        "better": "lower",
        "goal": goal,
        "peer": None if floor is None else FLOOR,
        "peer_value": None if floor is None else round(floor, 2),
        "ratio": round(value / floor, 2) if floor else None,
    }


async def _measure(calls: int) -> Measured:
    sentences = [await _spoken(text) for text in SENTENCES]
    vad = VadEngine()
    callers = []
    for n in range(calls):
        first = n % len(sentences)
        caller = Caller(sentences[first:] + sentences[:first], wait_frames=40 + 7 * n % 50)
        caller.talk = _conversation(vad, caller)
        await caller.talk.prepare()
        callers.append(caller)
    return await _let_them_talk(callers)


async def _let_them_talk(callers: list[Caller]) -> Measured:
    stop = threading.Event()
    clock = threading.Thread(target=_media_clock, args=(callers, stop), name="media clock")
    floors: list[float] = []
    floor = asyncio.gather(*(_floor(floors, 0.13 * n) for n in range(len(callers))))
    cpu, begin = time.process_time(), time.monotonic()
    clock.start()
    try:
        async with asyncio.timeout(300):
            while not all(caller.done for caller in callers):
                await asyncio.sleep(0.5)
    finally:
        stop.set()
        await asyncio.to_thread(clock.join)
        floor.cancel()
        await asyncio.gather(floor, return_exceptions=True)
    share = (time.process_time() - cpu) / (time.monotonic() - begin) / len(callers)
    for caller in callers:
        if caller.talk is not None:
            await caller.talk.close()
    return Measured(
        over_ms=[ms - NOMINAL_MS for c in callers for ms in c.response_ms],
        floor_over_ms=[ms - NOMINAL_MS for ms in floors],
        own_ms=[ms for c in callers for ms in c.own_ms],
        cpu_per_call_pct=share * 100,
    )


def _media_clock(callers: list[Caller], stop: threading.Event) -> None:
    """Every 20 ms a frame each way of every call, as pjsua2's clock does."""
    for caller in callers:
        if caller.talk is not None:
            caller.talk.answered(_now_ms())
    due = time.monotonic()
    while not stop.is_set():
        now_ms = _now_ms()
        for caller in callers:
            caller.tick(now_ms)
        due += FRAME_MS / 1000
        time.sleep(max(0.0, due - time.monotonic()))


async def _floor(measured: list[float], start_s: float) -> None:
    """What a response must take, again and again, with nothing but sleeps."""
    await asyncio.sleep(start_s)
    while True:
        begin = time.monotonic()
        await asyncio.gather(asyncio.sleep(RULES.endpointing_ms / 1000), _vendors())
        measured.append((time.monotonic() - begin) * 1000)
        await asyncio.sleep(1.0)


async def _vendors() -> None:
    for wait_ms in (RULES.transcript_after_ms, TRANSCRIPT_MS, TOKEN_MS, AUDIO_MS):
        await asyncio.sleep(wait_ms / 1000)


def _conversation(vad: VadEngine, caller: Caller) -> Conversation:
    agent = AgentConfig.model_validate(
        {
            "model": {"provider": "script", "nodes": {"start": {}}},
            "first_message": "Hello.",
            "silence": {"prompt_after_ms": 60_000},
            "turn_taking": RULES,
        }
    )
    voice = FixedTextToSpeech(first_audio_ms=AUDIO_MS, ms_per_character=20)
    plan = CallPlan(
        call_id=CALL, tenant_id=CALL, direction="inbound", from_number="1", to_number="2", agent=agent
    )
    return Conversation(
        plan=plan,
        stt=FixedSpeechToText(final_ms=TRANSCRIPT_MS),
        dialogue=FixedDialogue(first_token_ms=TOKEN_MS, token_ms=0),
        tts=voice,
        fallback=Voice(voice, VoiceSettings("fixed")),
        voice_activity=vad.open(),
        emit=caller.note,
        hang_up=lambda reason, detail: None,
        loop=asyncio.get_running_loop(),
        clock=_now_ms,
    )


async def _spoken(text: str) -> list[bytes]:
    """The sentence as frames, the last of which is its last audible one."""
    pcm = b"".join([chunk async for chunk in FliteTextToSpeech().speak(text, VoiceSettings("slt"))])
    frames = [pcm[n : n + FRAME_BYTES] for n in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)]
    energies = np.array([np.square(np.frombuffer(f, "<i2").astype(float)).mean() for f in frames])
    audible = np.flatnonzero(energies > energies.max() / 10 ** (FADED_DB / 10))
    return frames[: int(audible[-1]) + 1]


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[round(0.95 * (len(values) - 1))]


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
