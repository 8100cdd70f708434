"""Voices over HTTP: a request for each text, its audio in the answer as it is made."""

from __future__ import annotations

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import httpx2

from media_workers.audio import mulaw
from media_workers.audio.resample import Resampler
from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers import sharing
from media_workers.providers.base import SAMPLE_RATE, ProviderError, Speech, VoiceSettings
from media_workers.providers.outside import http_options
from media_workers.providers.refusals import refusal
from media_workers.providers.tts import line
from media_workers.providers.tts.account import Account
from media_workers.providers.tts.text import portions, tidy

log = logging.getLogger(__name__)

CONNECT_LIMIT_S = 5.0
KEEP_ALIVE_S = 120.0
"""How long an idle connection is kept: a sentence must not wait for a TLS handshake."""

WARM_S = 30.0
"""So long after its last use a connection is taken to be up still."""

MOST_ERROR_BYTES = 100_000
MOST_BYTES = 8 * line.MOST_AUDIO
"""Of an answer: audio of a higher rate, and packed in text, is more than what is made of it."""


@dataclass(frozen=True)
class Request:
    """A POST. `json` or `content` is its body."""

    url: str
    headers: dict[str, str]
    json: dict[str, Any] | None = None
    content: bytes | None = None


@dataclass(eq=False)
class Pool:
    """The connections to one address, shared by the calls of an event loop. Keys go with each request."""

    http: httpx2.AsyncClient
    used_s: float = -WARM_S

    @classmethod
    def make(cls, public_only: bool) -> Pool:
        limits = httpx2.Limits(keepalive_expiry=KEEP_ALIVE_S)
        return cls(
            httpx2.AsyncClient(
                timeout=httpx2.Timeout(line.WAIT_S, connect=CONNECT_LIMIT_S),
                headers={"User-Agent": "Trunkline"},
                **http_options(limits, public_only=public_only, most_bytes=MOST_BYTES),
            )
        )

    async def warm_up(self, url: str) -> None:
        """Connects, if nobody has been asked for a while: with a request that needs no key and costs
        nothing, whatever its answer. Never raises."""
        if time.monotonic() - self.used_s < WARM_S:
            return
        self.used_s = time.monotonic()
        try:
            await self.http.head(url, timeout=CONNECT_LIMIT_S)
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            log.info(
                "a voice could not be connected to ahead of its first sentence: %s", type(error).__name__
            )

    async def close(self) -> None:
        await self.http.aclose()


class HttpVoice(ABC):
    """A synthesizer for one call. A vendor's own part is its request, and what its answer means."""

    name: ClassVar[str]
    default_voice: ClassVar[str]
    default_model: ClassVar[str]
    most_bytes: ClassVar[int]
    """Of text in one request."""
    rate: ClassVar[int] = SAMPLE_RATE
    """Of the audio that is asked for."""

    def __init__(self, choice: Voice, credential: Credential | None, language: str) -> None:
        """Raises `ProviderError` without a key."""
        self.account = Account.of(self.name, credential)
        self.model = choice.model or self.default_model
        self.language = language
        self._first = VoiceSettings(choice.voice, choice.speed, dict(choice.extra))
        self._again: asyncio.Task[None] | None = None

    # --- what a vendor has of its own -----------------------------------------------------------

    @abstractmethod
    def request(self, text: str, voice: VoiceSettings) -> Request:
        """What asks for `text`. Raises `ProviderError`."""

    def in_mulaw(self, voice: VoiceSettings) -> bool:
        """Whether mu-law is asked for, instead of PCM."""
        return False

    # --- TextToSpeech ---------------------------------------------------------------------------

    async def speak(self, text: str, voice: VoiceSettings) -> AsyncIterator[Speech]:
        """8000 Hz PCM as the vendor sends it. Raises `ProviderError`; closing closes the request's
        connection, so that the vendor stops, and makes another for the next sentence."""
        for part in portions(tidy(text), self.most_bytes):
            async with aclosing(self.portion(part, voice)) as speech:
                async for item in speech:
                    yield item

    async def warm_up(self) -> None:
        """Connects ahead of the first sentence. Never raises."""
        try:
            await self.pool().warm_up(self.request("", self._first).url)
        except ProviderError:
            return  # the first sentence tells it

    async def close(self) -> None:
        """The connections are shared with other calls and stay."""
        if self._again is not None:
            self._again.cancel()

    # --- within ---------------------------------------------------------------------------------

    def pool(self) -> Pool:
        public = self.account.public_only
        return sharing.shared(("tts", self.name, self.account.base_url, public), lambda: Pool.make(public))

    async def portion(self, text: str, voice: VoiceSettings) -> AsyncGenerator[Speech, None]:
        """The speech of one request."""
        resampler = Resampler(self.rate, SAMPLE_RATE)
        decode = mulaw.decode if self.in_mulaw(voice) else resampler.feed
        size = 0
        async with self.answer(self.request(text, voice)) as answer:
            async for chunk in answer.aiter_bytes():
                size += len(chunk)
                if size > line.MOST_AUDIO * self.rate // SAMPLE_RATE:
                    raise self.error("sent audio without end", retryable=False)
                if pcm := decode(chunk):
                    yield pcm
        if rest := resampler.flush():
            yield rest

    @asynccontextmanager
    async def answer(
        self, request: Request, kinds: tuple[str, ...] = ("audio/", "application/octet-stream")
    ) -> AsyncIterator[httpx2.Response]:
        """The answer, of one of the content types `kinds`, while it is read. Raises `ProviderError`."""
        pool = self.pool()
        pool.used_s = time.monotonic()
        done = False
        try:
            async with pool.http.stream(
                "POST", request.url, headers=request.headers, json=request.json, content=request.content
            ) as answer:
                if answer.status_code != 200:
                    raise await self._refused(answer)
                kind = answer.headers.get("content-type", "audio/")
                if not kind.lower().startswith(kinds):
                    raise self.error(f"sent {kind.split(';')[0][:60]} instead of audio")
                yield answer
                done = True
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
            raise self._broke(error) from None
        finally:
            if not done:
                self._reconnect(request.url)

    def _reconnect(self, url: str) -> None:
        """The connection was closed in the middle: the next sentence finds another."""
        pool = self.pool()
        pool.used_s = -WARM_S
        self._again = asyncio.ensure_future(pool.warm_up(url))

    async def _refused(self, answer: httpx2.Response) -> ProviderError:
        body = b""
        async for chunk in answer.aiter_bytes():
            body += chunk
            if len(body) > MOST_ERROR_BYTES:
                break
        return refusal("tts", self.name, answer.status_code, body, self.account.key)

    def _broke(self, error: Exception) -> ProviderError:
        if isinstance(error, httpx2.ConnectTimeout):
            return self.error(f"no connection within {CONNECT_LIMIT_S:.0f} s")
        if isinstance(error, httpx2.TimeoutException):
            return self.error(f"sent nothing for {line.WAIT_S:.0f} s")
        if isinstance(error, httpx2.ConnectError):
            return self.error("cannot be reached")
        if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol):
            return self.error("its address is no address", retryable=False)
        return self.error("the connection broke")

    def voice_of(self, voice: VoiceSettings) -> str:
        return self.account.voice(voice.voice, self.default_voice)

    def error(self, detail: str, *, retryable: bool = True) -> ProviderError:
        return ProviderError("tts", self.name, detail, retryable=retryable)
