"""Free dictation on the media node itself: sherpa-onnx with a streaming transducer (zipformer) that somebody
put there (STT_MODEL_PATH). Neither the package nor a model is part of the program.

The decoder is a process of its own (`sherpa_decoder`), one for all calls of a line: started when the first
call opens a transcription, and again after it has died.
https://k2-fsa.github.io/sherpa/onnx/pretrained_models/online-transducer/zipformer-transducer-models.html
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from media_workers.contract.agent import Transcriber
from media_workers.contract.vendors import Credential
from media_workers.providers import local, sharing
from media_workers.providers.base import (
    ProviderError,
    SpeechToText,
    Transcript,
    Transcription,
    TurnSign,
    no_signs,
)
from media_workers.providers.refusals import scrub
from media_workers.providers.stt.decoder import LENGTH
from media_workers.providers.stt.stream import Callbacks, StreamTranscription
from media_workers.providers.stt.utterances import Utterance

NAME = "sherpa"
READY_LIMIT_S = 30.0
"""Loading a model of some hundred megabytes from a slow disk."""
WAITING_BYTES = 4_000_000
"""Of audio that the decoder has not taken: then it does not keep up."""


def build(choice: Transcriber, credential: Credential | None, language: str) -> SpeechToText:
    """Raises `ProviderError` when there is no model on this node."""
    path = local.path_of(NAME)
    if path is None:
        detail = "no model is installed on this media node: set STT_MODEL_PATH"
        raise ProviderError("stt", NAME, detail, retryable=False)
    return SherpaSpeechToText(sharing.shared((NAME, "decoder", path), lambda: SherpaProcess(path)), path.name)


class SherpaSpeechToText:
    """The recogniser of one call; in the language of its model."""

    name = NAME
    whole_turns = False
    continuous = False

    def __init__(self, decoder: SherpaProcess, model: str) -> None:
        self.model = model
        self._decoder = decoder

    async def open(
        self,
        *,
        language: str,
        phrases: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_error: Callable[[ProviderError], None],
        on_sign: Callable[[TurnSign], None] = no_signs,
    ) -> Transcription:
        """Raises `ProviderError` for a decoder that does not start."""
        await self._decoder.started()
        callbacks = Callbacks(on_transcript, on_error, on_sign)
        return SherpaTranscription(callbacks, model=self.model, decoder=self._decoder)


class SherpaTranscription(StreamTranscription):
    """One call. The decoder hears each utterance as a stream of its own."""

    name = NAME

    def __init__(self, callbacks: Callbacks, *, model: str, decoder: SherpaProcess) -> None:
        super().__init__(callbacks, model=model)
        self._decoder = decoder
        self._streams: dict[int, Utterance] = {}
        self._current = 0
        decoder.listeners.add(self)

    async def close(self) -> None:
        """Drops what has not been answered."""
        self._over = True
        self._decoder.listeners.discard(self)
        for number in self._streams:
            self._send(number, "drop")
        self._streams.clear()

    def heard(self, result: dict[str, Any]) -> None:
        """A result of the decoder's, of any call."""
        utterance = self._streams.get(result["id"])
        if utterance is None:
            return
        if not result["final"]:
            self._utterances.partial(utterance, result["text"])
            return
        del self._streams[result["id"]]
        self._utterances.add(utterance, result["text"])
        self._utterances.settle(utterance)

    def lost(self, error: ProviderError) -> None:
        """The decoder has ended."""
        self._fail(error)

    def _begin(self, number: int, at_ms: int) -> None:
        if self._current:
            self._send(self._current, "drop")
            self._streams.pop(self._current, None)
        super()._begin(number, at_ms)
        self._current = self._decoder.next_number()
        if (utterance := self._utterances.current) is not None:
            self._streams[self._current] = utterance

    def _send_audio(self, pcm: bytes) -> None:
        if self._current:
            self._send(self._current, "hear", pcm)

    def _ask(self, number: int, at_ms: int) -> None:
        self._utterances.ask(number, at_ms)
        if self._current:
            self._send(self._current, "finish")
            self._current = 0

    def _send(self, stream: int, do: str, pcm: bytes = b"") -> None:
        try:
            self._decoder.send(stream, do, pcm)
        except ProviderError as error:
            self._fail(error)


class SherpaProcess:
    """The process, its pipes and who listens. Event loop only."""

    def __init__(self, model: Path) -> None:
        self._model = model
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._ready: asyncio.Future[None] | None = None
        self._numbers = itertools.count(1)
        self.listeners: set[SherpaTranscription] = set()

    @property
    def pid(self) -> int:
        """Of the process; 0 when there is none."""
        return self._process.pid if self._process is not None else 0

    def next_number(self) -> int:
        """For an utterance, of whatever call."""
        return next(self._numbers)

    async def started(self) -> None:
        """Returns when the decoder is up. Raises `ProviderError`."""
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                await self._start()

    def send(self, number: int, do: str, pcm: bytes = b"") -> None:
        """Raises `ProviderError`."""
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            raise ProviderError("stt", NAME, "its decoder has ended")
        if process.stdin.transport.get_write_buffer_size() > WAITING_BYTES:
            raise ProviderError("stt", NAME, "this machine is too slow for its model")
        body = json.dumps({"id": number, "do": do}).encode() + b"\n" + pcm
        process.stdin.write(LENGTH.pack(len(body)) + body)

    async def close(self) -> None:
        """Ends the process."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._reader is not None:
            await asyncio.wait({self._reader})

    async def _start(self) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "media_workers.providers.stt.sherpa_decoder", str(self._model)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            raise ProviderError("stt", NAME, f"its decoder cannot be started: {error}") from error
        loop = asyncio.get_running_loop()
        self._process, self._ready = process, loop.create_future()
        self._reader = loop.create_task(self._read(process, self._ready))
        try:
            async with asyncio.timeout(READY_LIMIT_S):
                await self._ready
        except TimeoutError:
            await self.close()
            detail = f"its decoder was not ready in {READY_LIMIT_S:.0f} s"
            raise ProviderError("stt", NAME, detail) from None
        except ProviderError:
            await self.close()
            raise

    async def _read(self, process: asyncio.subprocess.Process, ready: asyncio.Future[None]) -> None:
        """Hands out the results until the process ends."""
        if process.stdout is None:
            return
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                size = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))[0]
                self._take(json.loads(await process.stdout.readexactly(size)), ready)
        code = await process.wait()
        error = ProviderError("stt", NAME, f"its decoder ended (exit code {code})")
        if not ready.done():
            ready.set_exception(error)
        elif self._process is process:
            self._process = None
            for listener in list(self.listeners):
                listener.lost(error)

    def _take(self, result: dict[str, Any], ready: asyncio.Future[None]) -> None:
        if result["id"]:
            for listener in list(self.listeners):
                listener.heard(result)
        elif "error" in result and not ready.done():
            detail = scrub(str(result["error"]), "")
            ready.set_exception(ProviderError("stt", NAME, detail, retryable=False))
        elif not ready.done():
            ready.set_result(None)
