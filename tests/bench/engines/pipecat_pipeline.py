"""The same conversation on a Pipecat pipeline: its Deepgram, OpenAI and Cartesia services, Silero.

Runs in an environment of its own. Turns end 0.2 s after Silero says that speech has stopped, the
shortest that Pipecat's own examples use; audio is 8 kHz throughout, so that nothing is resampled.
"""

from __future__ import annotations

import asyncio
import audioop
import sys
import time

from callers import FRAME_S, Caller, Measure, Task, callers
from loguru import logger
from pipecat.audio.vad.silero import SileroVADAnalyzer
from pipecat.audio.vad.vad_analyzer import VADParams
from pipecat.frames.frames import InputAudioRawFrame, OutputAudioRawFrame, StartFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import (
    LLMContextAggregatorPair,
    LLMUserAggregatorParams,
)
from pipecat.services.cartesia.tts import CartesiaTTSService
from pipecat.services.deepgram.stt import DeepgramSTTService
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.turns.user_stop.speech_timeout_user_turn_stop_strategy import SpeechTimeoutUserTurnStopStrategy
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.workers.runner import WorkerRunner

logger.remove()
logger.add(sys.stderr, level="WARNING")

RATE = 8000
STOP_S = 0.2


class LineIn(BaseInputTransport):
    """Mu-law of the caller, 20 ms at a time."""

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def hear(self, frame: bytes) -> None:
        pcm = audioop.ulaw2lin(frame, 2)
        await self.push_audio_frame(InputAudioRawFrame(audio=pcm, sample_rate=RATE, num_channels=1))


class LineOut(BaseOutputTransport):
    """Mu-law to the caller at the pace of speech, as Pipecat's own socket transports keep it."""

    def __init__(self, params: TransportParams, caller: Caller) -> None:
        super().__init__(params)
        self._caller = caller
        self._due = 0.0

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        if audioop.max(frame.audio, 2):
            audioop.lin2ulaw(frame.audio, 2)
            self._caller.spoken(time.monotonic())
        now = time.monotonic()
        length = len(frame.audio) / 2 / RATE
        self._due = max(now, self._due) + length
        await asyncio.sleep(max(0.0, self._due - length - now))
        return True


class Call:
    """One call's pipeline."""

    def __init__(self, task: Task, caller: Caller) -> None:
        params = TransportParams(
            audio_in_enabled=True,
            audio_out_enabled=True,
            audio_in_sample_rate=RATE,
            audio_out_sample_rate=RATE,
            audio_out_10ms_chunks=2,
            audio_out_auto_silence=False,
        )
        self.line = LineIn(params)
        vad = SileroVADAnalyzer(sample_rate=RATE, params=VADParams(stop_secs=STOP_S))
        pair = LLMContextAggregatorPair(
            LLMContext([{"role": "system", "content": "Answer briefly."}]),
            user_params=LLMUserAggregatorParams(
                vad_analyzer=vad,
                user_turn_strategies=UserTurnStrategies(
                    stop=[SpeechTimeoutUserTurnStopStrategy(user_speech_timeout=0.0)]
                ),
            ),
        )
        model = OpenAILLMService(api_key="bench", base_url=task.llm)
        voice = CartesiaTTSService(
            api_key="bench",
            url=task.tts + "/tts/websocket",
            sample_rate=RATE,
            settings=CartesiaTTSService.Settings(voice="bench", model="sonic-3"),
        )
        ears = DeepgramSTTService(api_key="bench", base_url=task.stt, sample_rate=RATE)
        steps = [self.line, ears, pair.user(), model, voice, LineOut(params, caller), pair.assistant()]
        self.worker = PipelineWorker(
            Pipeline(steps),
            params=PipelineParams(audio_in_sample_rate=RATE, audio_out_sample_rate=RATE),
            enable_rtvi=False,
            cancel_on_idle_timeout=False,
        )
        self.running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        started = asyncio.Event()

        @self.worker.event_handler("on_pipeline_started")
        async def _started(worker: object, frame: object) -> None:
            started.set()

        runner = WorkerRunner(handle_sigint=False, check_dangling_tasks=False)
        await runner.add_workers(self.worker)
        self.running = asyncio.create_task(runner.run())
        await asyncio.wait_for(started.wait(), 60)


async def main() -> None:
    task = Task.read()
    people = callers(task)
    calls = [Call(task, caller) for caller in people]
    for call in calls:
        await call.start()
    measure = Measure()
    due = time.monotonic()
    while not all(caller.done for caller in people):
        now = time.monotonic()
        for call, caller in zip(calls, people, strict=True):
            await call.line.hear(caller.frame(now))
        measure.tick(due)
        due += FRAME_S
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    measure.tell(people)
    sys.stdout.flush()


if __name__ == "__main__":
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    # Pipelines take their time to end, and nothing of that is measured.
    import os

    os._exit(0)
