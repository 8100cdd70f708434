"""Gemini Live over a websocket. It takes PCM at 8 kHz as it is and gives 24 kHz, resampled in a stream.

A connection lasts some ten minutes: the server says when it will go (`goAway`), and the session goes on in
another, by the handle that it was given last. https://ai.google.dev/api/live
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import logging
import re
from collections import deque
from collections.abc import Callable
from typing import Any

from media_workers.audio.resample import Resampler
from media_workers.contract.agent import RealtimeModel
from media_workers.contract.vendors import Credential
from media_workers.providers.base import SAMPLE_RATE, ProviderError, ToolCall
from media_workers.providers.llm.requests import NO_ACCOUNT
from media_workers.providers.realtime.base import (
    SAY,
    AnswerAudio,
    AnswerDone,
    AnswerText,
    Asked,
    Called,
    CallerSaid,
    CallerSpeaks,
    Event,
    Settings,
)
from media_workers.providers.realtime.batches import Batches
from media_workers.providers.realtime.gemini_setup import setup_of, usage_of, version_of
from media_workers.providers.websocket import VendorSocket, connect, websocket_url

log = logging.getLogger(__name__)

URL = "https://generativelanguage.googleapis.com"
PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
NAME = "gemini_live"
GIVEN_HZ = 24_000
WAITING = 500
"""Messages that are kept while the session moves to another connection: ten seconds and more."""


class GeminiLive:
    """A `SpeakingModel`."""

    def __init__(self, choice: RealtimeModel, credential: Credential) -> None:
        self.name: str = choice.provider
        self.model = choice.model
        self._choice = choice
        self._credential = credential

    async def open(
        self,
        settings: Settings,
        *,
        on_event: Callable[[Event], None],
        on_error: Callable[[ProviderError], None],
    ) -> GeminiSession:
        session = GeminiSession(self._choice, self._credential, settings, on_event, on_error)
        try:
            await session.connect()
        except BaseException:
            await session.close()
            raise
        return session


class GeminiSession:
    """A `Session`, which may outlive its connection."""

    def __init__(
        self,
        choice: RealtimeModel,
        credential: Credential,
        settings: Settings,
        on_event: Callable[[Event], None],
        on_error: Callable[[ProviderError], None],
    ) -> None:
        self._choice = choice
        self._credential = credential
        self._settings = settings
        self._on_event = on_event
        self._on_error = on_error
        self._batches = Batches(self._append)
        self._socket: VendorSocket | None = None
        self._waiting: deque[str] = deque(maxlen=WAITING)
        self._handle = ""
        self._moving: asyncio.Task[None] | None = None
        self._closed = False
        self._answers = 0
        self._answering = False
        self._stale = False
        self._leaving = False
        self._calls: set[str] = set()
        self._results: list[dict[str, Any]] = []
        self._counts: dict[str, Any] = {}
        self._resampler: Resampler | None = None
        self._turns = 0
        self._said = ""

    # --- Session ----------------------------------------------------------------------------------

    @property
    def sent_ms(self) -> int:
        return self._batches.sent_ms

    def feed(self, pcm: bytes) -> None:
        self._batches.add(pcm)

    def say(self, text: str) -> None:
        self.tell(f"({SAY.format(text=text)})")

    def tell(self, text: str) -> None:
        """This interrupts an answer under way; what still comes of that is not heard."""
        self._stale = self._answering
        self._on_event(Asked())
        turn = {"role": "user", "parts": [{"text": text}]}
        self._put(clientContent={"turns": [turn], "turnComplete": True})
        if version_of(self._choice.model) >= (3, 0):
            # Else these models read it, and wait for a sign of life.
            self._put(realtimeInput={"text": " "})

    def tool_result(self, call: ToolCall, result: str) -> None:
        """All results go at once: the model would go on after the first."""
        self._results.append({"id": call.id, "name": call.name, "response": {"result": result}})
        self._calls.discard(call.id)
        self._give_results()

    def _give_results(self) -> None:
        if self._results and not self._calls:
            results, self._results = self._results, []
            self._on_event(Asked())
            self._put(toolResponse={"functionResponses": results})

    def cut(self, answer: str, heard_ms: int) -> None:
        """Gemini notes by itself what it had sent when it was interrupted, and cannot be told more."""

    async def close(self) -> None:
        self._closed = True
        self._batches.close()
        if self._moving is not None:
            self._moving.cancel()
            await asyncio.wait([self._moving])
        if self._socket is not None:
            await self._socket.close()

    # --- the connection -----------------------------------------------------------------------------

    async def connect(self) -> None:
        """A connection that is ready, in the place of the one there was. Raises `ProviderError`."""
        key, limit_s = self._credential.api_key, self._choice.timeout_ms / 1000
        connection = await connect(
            websocket_url(self._credential.base_url or URL, PATH),
            component="realtime",
            vendor=NAME,
            headers={"x-goog-api-key": key},
            secret=key,
            public_only=self._credential.public_only,
        )
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        before = self._socket

        def received(message: str | bytes) -> None:
            event = self._read(message)
            if "setupComplete" in event and not ready.done():
                # At once: what comes next belongs to this connection.
                self._take_over(socket)
                ready.set_result(None)
            elif socket is self._socket:
                self._received(event)

        def broken(error: ProviderError) -> None:
            if not ready.done():
                ready.set_exception(error)
            elif socket is self._socket:
                self._broken(error)

        socket = VendorSocket(
            connection,
            component="realtime",
            vendor=NAME,
            on_message=received,
            on_broken=broken,
            secret=key,
        )
        socket.put(json.dumps({"setup": setup_of(self._choice, self._settings, self._handle)}))
        try:
            async with asyncio.timeout(limit_s):
                await ready
        except TimeoutError:
            await socket.close()
            raise self._failure(f"was not ready within {self._choice.timeout_ms} ms") from None
        except BaseException:
            await socket.close()
            raise
        if before is not None:
            await before.close()

    def _leave(self) -> None:
        """Before the server does, but not in the middle of an answer, the rest of which would be lost."""
        if self._leaving and not self._answering:
            self._leaving = False
            self._move(None)

    def _take_over(self, socket: VendorSocket) -> None:
        self._socket = socket
        self._stale = False
        while self._waiting:
            socket.put(self._waiting.popleft())

    def _broken(self, error: ProviderError) -> None:
        """The session goes on elsewhere, if it can be found there again."""
        if self._handle and not self._closed:
            self._done()
            self._move(error)
        elif not self._closed:
            self._on_error(error)

    def _move(self, reason: ProviderError | None) -> None:
        if self._moving is None:
            if reason is not None:
                self._socket = None
            self._moving = asyncio.get_running_loop().create_task(self._moved(reason))

    async def _moved(self, reason: ProviderError | None) -> None:
        try:
            await self.connect()
        except ProviderError as error:
            if self._socket is None:
                self._on_error(reason or error)
        finally:
            self._moving = None

    # --- what is sent -----------------------------------------------------------------------------

    def _put(self, **message: Any) -> None:
        text = json.dumps(message)
        if self._socket is None:
            self._waiting.append(text)
        else:
            self._socket.put(text)

    def _append(self, pcm: bytes) -> None:
        data = base64.b64encode(pcm).decode("ascii")
        self._put(realtimeInput={"audio": {"data": data, "mimeType": f"audio/pcm;rate={SAMPLE_RATE}"}})

    # --- what is received ---------------------------------------------------------------------------

    def _read(self, message: str | bytes) -> dict[str, Any]:
        try:
            event = json.loads(message)
            if not isinstance(event, dict):
                raise ValueError("an event is an object")
        except ValueError:
            raise self._failure("sent something that is not an event") from None
        return event

    def _received(self, event: dict[str, Any]) -> None:
        try:
            self._take(event)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("not an event of a live session: %s", type(error).__name__)
            raise self._failure("sent something that is not an event") from None

    def _take(self, event: dict[str, Any]) -> None:
        resumption = event.get("sessionResumptionUpdate") or {}
        if resumption.get("resumable") and resumption.get("newHandle"):
            self._handle = str(resumption["newHandle"])
        self._counts = event.get("usageMetadata") or self._counts
        if "serverContent" in event:
            self._content(event["serverContent"])
        for call in (event.get("toolCall") or {}).get("functionCalls", ()):
            # What comes after the results is an answer of its own.
            self._caller_done()
            self._done()
            self._calls.add(str(call["id"]))
            made = ToolCall(str(call["id"]), str(call["name"]), json.dumps(call.get("args") or {}))
            self._on_event(Called(made))
        if cancelled := (event.get("toolCallCancellation") or {}).get("ids"):
            self._calls -= {str(id) for id in cancelled}
            self._results = [r for r in self._results if r["id"] not in cancelled]
            self._give_results()
        if "goAway" in event and self._handle:
            self._leaving = True
            self._leave()

    def _content(self, content: dict[str, Any]) -> None:
        if heard := (content.get("inputTranscription") or {}).get("text"):
            self._said += str(heard)
            self._on_event(CallerSaid(f"turn-{self._turns}", self._said.strip(), final=False))
        stale, over = self._stale, content.get("interrupted") or content.get("turnComplete")
        if content.get("interrupted"):
            self._done()
            if not stale:
                self._on_event(CallerSpeaks(f"turn-{self._turns}", interrupts=True))
        elif not stale:
            self._part(content)
        if over:
            self._stale = False
            self._done()

    def _part(self, content: dict[str, Any]) -> None:
        """Of an answer that the caller hears."""
        for part in (content.get("modelTurn") or {}).get("parts", ()):
            if "inlineData" in part:
                self._audio(part["inlineData"])
        if words := (content.get("outputTranscription") or {}).get("text"):
            self._begin()
            self._on_event(AnswerText(self._answer, str(words)))
        if content.get("generationComplete"):
            # The turn is complete when it has been played, as far as Gemini can know.
            self._flush()

    def _audio(self, data: dict[str, Any]) -> None:
        kind = str(data.get("mimeType", ""))
        if kind and not kind.startswith("audio/pcm"):
            raise ValueError(f"{kind} is not PCM")
        rate = re.search(r"rate=(\d+)", kind)
        if rate and int(rate[1]) != GIVEN_HZ:
            raise ValueError(f"{rate[1]} Hz were not asked for")
        self._begin()
        try:
            pcm = base64.b64decode(data["data"], validate=True)
        except binascii.Error:
            raise ValueError("audio is base64") from None
        if self._resampler is None:
            self._resampler = Resampler(GIVEN_HZ, SAMPLE_RATE)
        if made := self._resampler.feed(pcm):
            self._on_event(AnswerAudio(self._answer, made))

    @property
    def _answer(self) -> str:
        return f"answer-{self._answers}"

    def _begin(self) -> None:
        if not self._answering:
            self._caller_done()
            self._answers += 1
            self._answering = True

    def _caller_done(self) -> None:
        """The model answers: what the caller had said is all there."""
        if self._said:
            self._on_event(CallerSaid(f"turn-{self._turns}", self._said.strip(), final=True))
            self._turns += 1
            self._said = ""

    def _done(self) -> None:
        if self._answering:
            self._answering = False
            usage, self._counts = usage_of(self._counts), {}
            self._flush()
            self._on_event(AnswerDone(self._answer, usage))
        self._leave()

    def _flush(self) -> None:
        """The end of the answer's audio, which the resampler holds back."""
        if self._resampler is not None:
            rest, self._resampler = self._resampler.flush(), None
            if rest:
                self._on_event(AnswerAudio(self._answer, rest))

    def _failure(self, detail: str) -> ProviderError:
        return ProviderError("realtime", NAME, detail)


def build(choice: RealtimeModel, credential: Credential | None) -> GeminiLive:
    """Raises `ProviderError` without a key."""
    if credential is None or not credential.api_key:
        detail = "has no key: store one, or ask who runs this platform"
        raise ProviderError("realtime", NAME, detail, retryable=False)
    if credential.api_key.lstrip().startswith("{"):
        raise ProviderError("realtime", NAME, NO_ACCOUNT, retryable=False)
    return GeminiLive(choice, credential)
