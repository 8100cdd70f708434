"""Speech to text offline: pocketsphinx hears which of the expected phrases was said.

The decoder is a process of its own (`decoder`), one for all calls of a line: it is started when the
first call opens a transcription, started again when it dies, and asked for one utterance at a time. A
grammar sees a sentence whole or not at all, so there are no partial transcripts, and a caller who
pauses inside a sentence is heard again from its beginning (`whole_turns`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Callable, Sequence
from typing import Any

from media_workers.contract.agent import Transcriber
from media_workers.contract.vendors import Credential
from media_workers.providers import sharing
from media_workers.providers.base import (
    FRAME_BYTES,
    FRAME_MS,
    ProviderError,
    Transcript,
    TurnSign,
    no_signs,
)
from media_workers.providers.stt.decoder import LENGTH

logger = logging.getLogger(__name__)

NAME = "pocketsphinx"
READY_LIMIT_S = 10.0
ANSWER_LIMIT_S = 5.0
# A phrase takes a few seconds; of a longer monologue its end is heard.
UTTERANCE_BYTES = 12_000 // FRAME_MS * FRAME_BYTES


class PocketsphinxSpeechToText:
    """The recogniser of one call, by the `decoder` of all; English only."""

    name = NAME
    model = ""
    whole_turns = True
    continuous = False

    def __init__(self, decoder: DecoderProcess) -> None:
        self._decoder = decoder

    async def open(
        self,
        *,
        language: str,
        phrases: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_error: Callable[[ProviderError], None],
        on_sign: Callable[[TurnSign], None] = no_signs,
    ) -> PocketsphinxTranscription:
        """It gives no signs. Raises `ProviderError` for another language than English or a decoder that does
        not start."""
        if language.partition("-")[0] != "en":
            raise ProviderError("stt", NAME, f"knows English only, not {language!r}", retryable=False)
        await self._decoder.started()
        return PocketsphinxTranscription(self._decoder, phrases, on_transcript, on_error)


class PocketsphinxTranscription:
    """One call. `feed`, `start_utterance`, `finalize` and `expect` come from the media clock: they only
    touch memory; the loop is woken once per utterance."""

    def __init__(
        self,
        decoder: DecoderProcess,
        phrases: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_error: Callable[[ProviderError], None],
    ) -> None:
        self._decoder = decoder
        self._phrases = tuple(phrases)
        self._on_transcript = on_transcript
        self._on_error = on_error
        self._loop = asyncio.get_running_loop()
        self._audio = bytearray()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def start_utterance(self, utterance: int) -> None:
        """The frames that follow are of `utterance`."""
        self._audio = bytearray()

    def feed(self, pcm: bytes) -> None:
        """Audio of the utterance."""
        self._audio += pcm
        if len(self._audio) > UTTERANCE_BYTES:
            del self._audio[: len(self._audio) - UTTERANCE_BYTES]

    def finalize(self, utterance: int) -> None:
        """Asks for what has been said until now; `on_transcript` gets it."""
        request = (utterance, bytes(self._audio), self._phrases)
        # A call may end while its clock still ticks, and with it the loop of a stopping line.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._ask, *request)

    def expect(self, phrases: Sequence[str]) -> None:
        """The phrases of the next utterances."""
        self._phrases = tuple(phrases)

    async def close(self) -> None:
        """Forgets what has not been answered."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _ask(self, utterance: int, pcm: bytes, phrases: tuple[str, ...]) -> None:
        if not self._closed:
            task = self._loop.create_task(self._transcribe(utterance, pcm, phrases))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _transcribe(self, utterance: int, pcm: bytes, phrases: tuple[str, ...]) -> None:
        try:
            text = await self._decoder.recognise(phrases, pcm)
        except ProviderError as error:
            self._on_error(error)
        else:
            self._on_transcript(Transcript(text, final=True, utterance=utterance))


class DecoderProcess:
    """The process, its pipes and the requests it has not answered yet. Event loop only."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._answers: dict[int, asyncio.Future[str]] = {}
        self._last_id = 0

    @property
    def pid(self) -> int:
        """Of the process; 0 when there is none."""
        return self._process.pid if self._process is not None else 0

    async def started(self) -> None:
        """Returns when the decoder is up, which takes it about half a second. Raises `ProviderError`."""
        async with self._starting:
            if self._process is not None and self._process.returncode is None:
                return
            await self._start()

    async def recognise(self, phrases: Sequence[str], pcm: bytes) -> str:
        """The words heard; empty when none of `phrases` was. Raises `ProviderError`."""
        await self.started()
        self._last_id += 1
        number = self._last_id
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        head = json.dumps({"id": number, "phrases": list(phrases)}).encode() + b"\n"
        try:
            self._send(head + pcm)
            async with asyncio.timeout(ANSWER_LIMIT_S):
                return await answer
        except TimeoutError as error:
            # It is stuck: the next request gets a new one.
            await self.close()
            raise ProviderError("stt", NAME, f"no answer within {ANSWER_LIMIT_S:.0f} s") from error
        finally:
            self._answers.pop(number, None)

    async def close(self) -> None:
        """Ends the process; requests that wait fail."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._reader is not None:
            await asyncio.wait({self._reader})

    def _send(self, body: bytes) -> None:
        if self._process is None or self._process.stdin is None or self._process.stdin.is_closing():
            raise ProviderError("stt", NAME, "its decoder has ended")
        self._process.stdin.write(LENGTH.pack(len(body)) + body)

    async def _start(self) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "media_workers.providers.stt.decoder"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            raise ProviderError("stt", NAME, f"its decoder cannot be started: {error}") from error
        ready = self._answers[0] = asyncio.get_running_loop().create_future()
        self._process = process
        self._reader = asyncio.get_running_loop().create_task(self._read(process))
        try:
            async with asyncio.timeout(READY_LIMIT_S):
                await ready
        except TimeoutError as error:
            await self.close()
            raise ProviderError("stt", NAME, f"its decoder was not ready in {READY_LIMIT_S:.0f} s") from error
        finally:
            self._answers.pop(0, None)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        """Hands out the results until the process ends."""
        if process.stdout is None:
            return
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                size = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))[0]
                self._answered(json.loads(await process.stdout.readexactly(size)))
        code = await process.wait()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ProviderError("stt", NAME, f"its decoder ended (exit code {code})"))

    def _answered(self, result: dict[str, Any]) -> None:
        if unheard := result.get("unheard"):
            logger.warning("the recogniser cannot listen for some of the phrases", extra={"phrases": unheard})
        answer = self._answers.get(result["id"])
        if answer is not None and not answer.done():
            answer.set_result(result["text"])


def build(choice: Transcriber, credential: Credential | None, language: str) -> PocketsphinxSpeechToText:
    """The recogniser of one call; the calls of an event loop share the decoder's process. No key."""
    return PocketsphinxSpeechToText(sharing.shared((NAME, "decoder"), DecoderProcess))
