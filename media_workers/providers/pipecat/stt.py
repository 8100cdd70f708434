"""Speech to text of the vendors in `contract.vendors.HOSTED_STT`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from media_workers.contract.agent import Transcriber
from media_workers.contract.vendors import Credential
from media_workers.providers.base import (
    SAMPLE_RATE,
    ProviderError,
    SpeechToText,
    Transcript,
    TurnSign,
    no_signs,
)
from media_workers.providers.pipecat.host import Host, build_service, language_of
from media_workers.providers.refusals import scrub
from media_workers.providers.stt.utterances import Utterances

CLASSES = {
    "cartesia": ("CartesiaSTTService", "base_url"),
    "gladia": ("GladiaSTTService", "url"),
    "gradium": ("GradiumSTTService", "api_endpoint_base_url"),
    "meta": ("MetaSTTService", "url"),
    "smallest": ("SmallestSTTService", "base_url"),
    "soniox": ("SonioxSTTService", "url"),
    "xai": ("XAISTTService", "ws_url"),
    "zoom_ai": ("ZoomAISTTService", "url"),
}
BATCH_BYTES = SAMPLE_RATE * 2 * 60 // 1000
"""60 ms: a vendor hears of the caller soon enough, and the loop is not woken for every frame."""

MOST_WAITING = 1_000
"""Batches, a minute of them: then the vendor takes nothing any more."""

SETTLE_S = 0.4
"""So long after the end was asked for, what has come as final so far is all: not every vendor marks it."""


class HostedTranscription:
    """One call at a vendor. `feed` and what brackets it come from the media clock, in order, and reach the
    loop once per batch."""

    def __init__(
        self,
        vendor: str,
        service: Any,
        secret: str,
        on_transcript: Callable[[Transcript], None],
        on_error: Callable[[ProviderError], None],
    ) -> None:
        self._vendor = vendor
        self._secret = secret
        self._tell_error = on_error
        self._loop = asyncio.get_running_loop()
        self._frames = import_module("pipecat.frames.frames")
        self._host = Host(service, on_frame=self._pushed, on_error=self._failed)
        self._utterances = Utterances(on_transcript)
        self._batch = bytearray()
        self._work: asyncio.Queue[Any] = asyncio.Queue()
        self._pump: asyncio.Task[None] | None = None
        self._problem = ""
        self._over = False

    async def open(self) -> None:
        """Raises `ProviderError`."""
        try:
            await self._host.open()
        except TimeoutError:
            self._problem = self._problem or "could not be connected to in time"
        except Exception as error:
            self._problem = self._problem or str(error)
        if self._problem:
            await self.close()
            raise self._error(self._problem)
        self._pump = self._loop.create_task(self._run())

    # --- media clock ----------------------------------------------------------------------------

    def start_utterance(self, utterance: int) -> None:
        self._flush()
        self._post(self._begin, utterance)

    def feed(self, pcm: bytes) -> None:
        self._batch += pcm
        if len(self._batch) >= BATCH_BYTES:
            self._flush()

    def finalize(self, utterance: int) -> None:
        self._flush()
        self._post(self._ask, utterance)

    def expect(self, phrases: Sequence[str]) -> None:
        """No vendor here takes hints in the middle of a stream."""

    def _flush(self) -> None:
        if self._batch:
            batch, self._batch = bytes(self._batch), bytearray()
            self._post(self._audio, batch)

    def _post(self, do: Callable[..., None], *arguments: Any) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(do, *arguments)

    # --- loop -----------------------------------------------------------------------------------

    def _audio(self, pcm: bytes) -> None:
        if self._over:
            return
        if self._work.qsize() > MOST_WAITING:
            self._failed("takes no more audio")
            return
        self._work.put_nowait(
            self._frames.InputAudioRawFrame(audio=pcm, sample_rate=SAMPLE_RATE, num_channels=1)
        )

    def _begin(self, number: int) -> None:
        self._utterances.begin(number, 0)
        self._work.put_nowait(self._frames.VADUserStartedSpeakingFrame())

    def _ask(self, number: int) -> None:
        # Nothing here has a place in the stream: what a vendor says belongs to the utterance begun last.
        self._utterances.ask(number, 1 << 40)
        self._work.put_nowait(self._frames.VADUserStoppedSpeakingFrame())
        self._loop.call_later(SETTLE_S, self._settle, number)

    def _settle(self, number: int) -> None:
        for utterance in self._utterances.waiting():
            if utterance.number == number and utterance.texts:
                self._utterances.settle(utterance)

    def _pushed(self, frame: Any) -> None:
        current = self._utterances.current
        if isinstance(frame, self._frames.InterimTranscriptionFrame):
            self._utterances.partial(current, frame.text)
        elif isinstance(frame, self._frames.TranscriptionFrame):
            self._utterances.add(current, frame.text)
            if frame.finalized:
                self._utterances.settle(current)

    def _failed(self, words: str) -> None:
        if self._pump is None:
            self._problem = self._problem or words
        elif not self._over:
            self._over = True
            self._tell_error(self._error(words))

    def _error(self, words: str) -> ProviderError:
        return ProviderError("stt", self._vendor, scrub(words, self._secret))

    async def _run(self) -> None:
        while True:
            try:
                await self._host.put(await self._work.get())
            except Exception as error:
                self._failed(str(error))

    async def close(self) -> None:
        self._over = True
        if self._pump is not None:
            self._pump.cancel()
        await self._host.close()


class HostedSpeechToText:
    """A vendor's transcriber for one call."""

    whole_turns = False
    continuous = True

    def __init__(self, choice: Transcriber, credential: Credential | None, language: str) -> None:
        settings = {**choice.extra, "language": language_of(language)}
        self._again = partial(build_service, "stt", CLASSES, choice.model, credential, settings)
        self.name, self._service = self._again()
        self.model = choice.model.partition("/")[2]
        self._secret = credential.api_key if credential else ""

    async def open(
        self,
        *,
        language: str,
        phrases: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_error: Callable[[ProviderError], None],
        on_sign: Callable[[TurnSign], None] = no_signs,
    ) -> HostedTranscription:
        """Raises `ProviderError`. The language is the one given to `build`."""
        service, self._service = self._service or self._again()[1], None
        opened = HostedTranscription(self.name, service, self._secret, on_transcript, on_error)
        await opened.open()
        return opened


def build(choice: Transcriber, credential: Credential | None, language: str) -> SpeechToText:
    """`choice.model` names the vendor. Raises `ProviderError`."""
    return HostedSpeechToText(choice, credential, language)
