"""The same conversation on livekit-agents without a room: its Deepgram, OpenAI and Cartesia plugins,
Silero.

Runs in an environment of its own, with the shortest end of turn that its options allow in earnest
(0.2 s) and its preemptive generation; audio is 8 kHz, as the caller's.
"""

from __future__ import annotations

import asyncio
import audioop
import logging
import os
import sys
import time

import aiohttp
from callers import FRAME_S, SILENCE, Caller, Measure, Task, callers
from livekit import rtc
from livekit.agents import Agent, AgentSession
from livekit.agents.voice import io
from livekit.plugins import cartesia, deepgram, openai, silero

logging.basicConfig(level=logging.ERROR)
RATE = 8000
STOP_S = 0.2
FRAME_SAMPLES = 160


class LineIn(io.AudioInput):
    """Mu-law of the caller, 20 ms at a time."""

    def __init__(self) -> None:
        super().__init__(label="line")
        self._frames: asyncio.Queue[rtc.AudioFrame] = asyncio.Queue()

    def hear(self, frame: bytes) -> None:
        self._frames.put_nowait(rtc.AudioFrame(audioop.ulaw2lin(frame, 2), RATE, 1, FRAME_SAMPLES))

    async def __anext__(self) -> rtc.AudioFrame:
        return await self._frames.get()


class LineOut(io.AudioOutput):
    """What the agent says, fetched 20 ms at a time by the clock, as mu-law."""

    def __init__(self) -> None:
        super().__init__(label="line", capabilities=io.AudioOutputCapabilities(pause=False), sample_rate=RATE)
        self._audio = bytearray()
        self._flushed = False
        self._played = 0
        self._open = False

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if not self._open:
            self._open, self._flushed, self._played = True, False, 0
            self.on_playback_started(created_at=time.time())
        self._audio += bytes(frame.data)

    def flush(self) -> None:
        super().flush()
        self._flushed = True

    def clear_buffer(self) -> None:
        self._audio.clear()
        self._finish(interrupted=True)

    def next_frame(self) -> bytes | None:
        size = FRAME_SAMPLES * 2
        if len(self._audio) < size and not (self._flushed and self._audio):
            if self._flushed:
                self._finish(interrupted=False)
            return None
        pcm = bytes(self._audio[:size]).ljust(size, b"\0")
        del self._audio[:size]
        self._played += 1
        return audioop.lin2ulaw(pcm, 2)

    def _finish(self, *, interrupted: bool) -> None:
        if self._open:
            self._open = False
            self.on_playback_finished(playback_position=self._played * FRAME_S, interrupted=interrupted)


class Call:
    """One call's session."""

    def __init__(self, task: Task, web: aiohttp.ClientSession, vad: silero.VAD) -> None:
        self.line_in, self.line_out = LineIn(), LineOut()
        http = task.stt.replace("ws", "http", 1)
        self.session = AgentSession(
            vad=vad,
            stt=deepgram.STT(
                api_key="bench", base_url=http + "/v1/listen", sample_rate=RATE, http_session=web
            ),
            llm=openai.LLM(model="gpt-4.1-mini", api_key="bench", base_url=task.llm),
            tts=cartesia.TTS(
                api_key="bench",
                base_url=task.tts.replace("ws", "http", 1),
                sample_rate=RATE,
                voice="bench",
                http_session=web,
            ),
            turn_handling={
                "turn_detection": "vad",
                "endpointing": {"min_delay": STOP_S, "max_delay": 3.0},
                "preemptive_generation": {"enabled": True, "preemptive_tts": True},
            },
        )
        self.session.input.audio = self.line_in
        self.session.output.audio = self.line_out

    async def start(self) -> None:
        await self.session.start(Agent(instructions="Answer briefly."), record=False)

    def tick(self, caller: Caller, now: float) -> None:
        self.line_in.hear(caller.frame(now))
        frame = self.line_out.next_frame()
        if frame is not None and frame != SILENCE:
            caller.spoken(time.monotonic())


async def main() -> None:
    task = Task.read()
    people = callers(task)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as web:
        vad = silero.VAD.load(sample_rate=RATE, min_silence_duration=STOP_S)
        calls = [Call(task, web, vad) for _ in people]
        for call in calls:
            await call.start()
        measure = Measure()
        due = time.monotonic()
        while not all(caller.done for caller in people):
            now = time.monotonic()
            for call, caller in zip(calls, people, strict=True):
                call.tick(caller, now)
            measure.tick(due)
            due += FRAME_S
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        measure.tell(people)
        sys.stdout.flush()
        # Sessions take their time to end, and nothing of that is measured.
        os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
