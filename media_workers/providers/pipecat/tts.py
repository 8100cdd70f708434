"""Voices of the vendors in `contract.vendors.HOSTED_TTS`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from functools import partial
from importlib import import_module
from typing import Any

from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers.base import ProviderError, Speech, TextToSpeech, VoiceSettings
from media_workers.providers.pipecat.host import Host, build_service, language_of
from media_workers.providers.refusals import scrub

CLASSES = {
    "asyncai": ("AsyncAITTSService", "url"),
    "inworld": ("InworldTTSService", "url"),
    "neuphonic": ("NeuphonicTTSService", "url"),
    "resembleai": ("ResembleAITTSService", "url"),
    "sarvam": ("SarvamTTSService", "url"),
    "smallest": ("SmallestTTSService", "base_url"),
    "soniox": ("SonioxTTSService", "url"),
    "together": ("TogetherTTSService", "url"),
    "xai": ("XAITTSService", "base_url"),
}
CHUNK_LIMIT_S = 10.0
"""Longest wait for the next piece of a sentence."""

NO_VOICE = "slt"
"""The contract's default, which is flite's: the vendor's own default voice then."""


class HostedTextToSpeech:
    """A vendor's voice for one call. One sentence at a time."""

    def __init__(self, choice: Voice, credential: Credential | None, language: str) -> None:
        settings: dict[str, Any] = {**choice.extra, "language": language_of(language)}
        if choice.voice != NO_VOICE:
            settings["voice"] = choice.voice
        if choice.speed != 1.0:
            settings["speed"] = choice.speed
        self._again = partial(build_service, "tts", CLASSES, choice.model, credential, settings)
        self.name, self._service = self._again()
        self.model = choice.model.partition("/")[2]
        self._secret = credential.api_key if credential else ""
        self._frames = import_module("pipecat.frames.frames")
        self._host: Host | None = None
        self._opening = asyncio.Lock()
        self._spoken: asyncio.Queue[Any] = asyncio.Queue()

    async def warm_up(self) -> None:
        try:
            await self._connected()
        except ProviderError:
            return

    async def speak(self, text: str, voice: VoiceSettings) -> AsyncGenerator[Speech, None]:
        """PCM as it comes. The voice is the one given to `build`. Raises `ProviderError`."""
        host = await self._connected()
        self._spoken = asyncio.Queue()
        over = False
        try:
            await host.put(self._frames.TTSSpeakFrame(text, append_to_context=False))
            while True:
                try:
                    async with asyncio.timeout(CHUNK_LIMIT_S):
                        frame = await self._spoken.get()
                except TimeoutError:
                    raise self._error(f"gave no audio for {CHUNK_LIMIT_S:.0f} s") from None
                if isinstance(frame, str):
                    over = True
                    await self._drop()
                    raise self._error(frame)
                if isinstance(frame, self._frames.TTSStoppedFrame):
                    over = True
                    return
                if isinstance(frame, self._frames.TTSAudioRawFrame):
                    yield bytes(frame.audio)
        finally:
            if not over:
                await host.put(self._frames.InterruptionFrame())

    async def close(self) -> None:
        await self._drop()

    async def _connected(self) -> Host:
        async with self._opening:
            if self._host is None:
                self._host = await self._open()
            return self._host

    async def _open(self) -> Host:
        problems: list[str] = []
        service, self._service = self._service or self._again()[1], None

        def failed(words: str) -> None:
            problems.append(words)
            self._spoken.put_nowait(words)

        host = Host(
            service,
            on_frame=lambda frame: self._spoken.put_nowait(frame),
            on_error=failed,
        )
        try:
            await host.open()
        except TimeoutError:
            problems.append("could not be connected to in time")
        except Exception as error:
            problems.append(str(error))
        if problems:
            await host.close()
            raise self._error(problems[0])
        return host

    async def _drop(self) -> None:
        host, self._host = self._host, None
        if host is not None:
            await host.close()

    def _error(self, words: str) -> ProviderError:
        return ProviderError("tts", self.name, scrub(words, self._secret))


def build(choice: Voice, credential: Credential | None, language: str) -> TextToSpeech:
    """`choice.model` names the vendor. Raises `ProviderError`."""
    return HostedTextToSpeech(choice, credential, language)
