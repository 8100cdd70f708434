"""The same conversation on our engine: a call's `Talk` as a media node builds it, on a media clock.

Deepgram, an OpenAI-compatible model and Cartesia, each behind its own adapter. Beside the calls run the
same waits with nothing but `asyncio.sleep`: what this loop and this machine add by themselves.
"""

from __future__ import annotations

import asyncio
import audioop
import gc
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from media_workers.audio.vad import VadEngine
from media_workers.contract.agent import AgentConfig
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import BargeIn, EventBody, Trouble, TurnSpoken
from media_workers.contract.vendors import Credential
from media_workers.runtime.call_process import THREAD_SWITCH_S
from media_workers.runtime.company import Company
from media_workers.runtime.talk import Talk
from tests.bench.engines.callers import FRAME_S, Caller, Measure, Task, callers

LOUD = 300
"""Above comfort noise, under the voice."""

WAITS_S = (0.1, 0.1, 0.15, 0.1)
"""Until the transcript is asked for, and the three vendors one after the other."""


def agent(task: Task) -> AgentConfig:
    return AgentConfig.model_validate(
        {
            "model": {"provider": "openai_compatible", "base_url": task.llm, "model": "bench"},
            "transcriber": {"provider": "deepgram"},
            "voice": {"provider": "cartesia", "voice": "bench"},
            "first_message": "Hello.",
            "silence": {"prompt_after_ms": 60_000},
            "record": False,
        }
    )


def plan(task: Task) -> CallPlan:
    nobody = UUID("01900000-0000-7000-8000-000000000001")
    credentials = {
        "deepgram": Credential(vendor="deepgram", api_key="bench", base_url=task.stt, digest="d"),
        "cartesia": Credential(vendor="cartesia", api_key="bench", base_url=task.tts, digest="c"),
    }
    return CallPlan(
        call_id=nobody,
        tenant_id=nobody,
        direction="inbound",
        from_number="1",
        to_number="2",
        agent=agent(task),
        credentials=credentials,
    )


@dataclass
class Call:
    """One call and its caller. Parts are those that the engine itself reports, ms."""

    company: Company
    caller: Caller
    parts: list[dict[str, int | None]] = field(default_factory=list)
    decided_at: float | None = None
    stop_ms: list[float] = field(default_factory=list)
    silent_ms: list[float] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    def tick(self, now: float) -> None:
        self.company.on_frame(audioop.ulaw2lin(self.caller.frame(now), 2))
        frame = self.company.next_frame()
        if frame is not None:
            audioop.lin2ulaw(frame, 2)
            if audioop.rms(frame, 2) > LOUD:
                self.caller.spoken(time.monotonic())
        self._note_silence(now)

    def _note_silence(self, now: float) -> None:
        """Half a second after the last frame of an interrupted answer."""
        began = self.caller.interrupted_at
        if began is None or self.decided_at is None or now - self.caller.heard_at < 0.1:
            return
        self.silent_ms.append((self.caller.heard_at - began) * 1000)
        self.stop_ms.append(max(0.0, (self.caller.heard_at - self.decided_at) * 1000))
        self.caller.interrupted_at = self.decided_at = None

    def note(self, event: EventBody) -> None:
        if isinstance(event, TurnSpoken) and event.latency and event.latency.total is not None:
            self.parts.append(event.latency.model_dump())
        elif isinstance(event, BargeIn) and self.company.answered_ms is not None:
            self.decided_at = (self.company.answered_ms + event.at_ms) / 1000
        elif isinstance(event, Trouble):
            self.trouble.append(f"{event.what}: {event.detail}")


def build(task: Task, caller: Caller, vad: VadEngine) -> Call:
    events: list[Any] = []

    def emit(event: EventBody) -> None:
        events[0](event)

    talk = Talk(plan(task), vad=vad, emit=emit, hang_up=lambda reason, detail: None)
    call = Call(Company(emit, talk), caller)
    events.append(call.note)
    return call


def clock(calls: list[Call], measure: Measure, stop: threading.Event) -> None:
    """Every 20 ms a frame each way of every call, as the media ports of a line have it."""
    for call in calls:
        call.company.on_answered("PCMU")
    due = time.monotonic()
    while not stop.is_set():
        for call in calls:
            call.tick(time.monotonic())
        measure.tick(due)
        due += FRAME_S
        time.sleep(max(0.0, due - time.monotonic()))


async def floor(over_ms: list[float]) -> None:
    """The waits of an answer one after the other, again and again; what they took beyond their sum."""
    while True:
        began = time.monotonic()
        for wait_s in WAITS_S:
            await asyncio.sleep(wait_s)
        over_ms.append((time.monotonic() - began - sum(WAITS_S)) * 1000)
        await asyncio.sleep(1.0)


async def main() -> None:
    task = Task.read()
    people = callers(task)
    vad = VadEngine()
    calls = [build(task, caller, vad) for caller in people]
    await asyncio.gather(*(call.company.prepare() for call in calls))
    # As a call process of a node has it.
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(THREAD_SWITCH_S)
    measure, stop, floors = Measure(), threading.Event(), []
    sleeping = [asyncio.create_task(floor(floors)) for _ in range(min(8, len(calls)))]
    thread = threading.Thread(target=clock, args=(calls, measure, stop), name="media clock")
    thread.start()
    while not all(caller.done for caller in people):
        await asyncio.sleep(0.2)
    stop.set()
    await asyncio.to_thread(thread.join)
    measure.tell(
        people,
        parts=[part for call in calls for part in call.parts],
        floor_over_ms=floors,
        stop_ms=[ms for call in calls for ms in call.stop_ms],
        silent_ms=[ms for call in calls for ms in call.silent_ms],
        trouble=sorted({text for call in calls for text in call.trouble})[:5],
    )
    for one in sleeping:
        one.cancel()
    for call in calls:
        call.company.ended(0)
        await call.company.close()


if __name__ == "__main__":
    asyncio.run(main())
