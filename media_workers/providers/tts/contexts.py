"""Voices over one warm websocket of a call, on which each sentence is a context with an id of its own."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import json
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any, ClassVar
from uuid import uuid4

from media_workers.audio import mulaw
from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers.base import ProviderError, Speech, SpokenWord, VoiceSettings
from media_workers.providers.refusals import message_of, refusal
from media_workers.providers.tts.account import Account
from media_workers.providers.tts.alignment import Alignment
from media_workers.providers.tts.text import speakable, tidy
from media_workers.providers.websocket import Message, VendorSocket, connect

WAIT_S = 10.0
"""Longest silence of a vendor within a sentence."""

BYTES_PER_MS = 16
MOST_AUDIO = 20 * 60 * 1000 * BYTES_PER_MS
"""Of one sentence, waiting to be taken: a vendor that sends without end is stopped."""


class Sentence:
    """What a vendor gives for one text, in order. `audio_ms`: how much of it so far. `decode` makes PCM of
    what the vendor sends."""

    def __init__(self, text: str, decode: Callable[[bytes], bytes]) -> None:
        self.key = uuid4().hex
        self.decode = decode
        self.alignment = Alignment(text)
        self.over = False
        self._bytes = 0
        self._items: deque[Speech] = deque()
        self._error: ProviderError | None = None
        self._news = asyncio.Event()

    @property
    def audio_ms(self) -> float:
        return self._bytes / BYTES_PER_MS

    def put(self, items: Iterable[Speech]) -> None:
        for item in items:
            self._items.append(item)
            self._bytes += len(item) if isinstance(item, bytes) else 0
        self._news.set()

    def end(self, error: ProviderError | None = None) -> None:
        """Nothing more will come; `error` is raised to the taker after what is here."""
        if not self.over:
            self.put(() if error else self.alignment.finish())
            self.over, self._error = True, error
            self._news.set()

    async def items(self, late: ProviderError) -> AsyncIterator[Speech]:
        """Everything up to the end. Raises the vendor's error, and `late` after `WAIT_S` of nothing."""
        while True:
            while self._items:
                yield self._items.popleft()
            if self.over:
                break
            self._news.clear()
            try:
                async with asyncio.timeout(WAIT_S):
                    await self._news.wait()
            except TimeoutError:
                raise late from None
        if self._error is not None:
            raise self._error


class Line:
    """A connection that is up. `sentences`: those somebody listens to, by their keys; `busy`: those that the
    vendor has not said the end of, among them what was cut short. `spent`: it takes no more."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.socket: VendorSocket
        self.sentences: dict[str, Sentence] = {}
        self.busy: set[str] = set()
        self.freed = asyncio.Event()
        self.spent = False
        self.timer: asyncio.TimerHandle | None = None

    def tell(self, *messages: Mapping[str, Any]) -> None:
        for message in messages:
            self.socket.put(json.dumps(message))

    def begin(self, sentence: Sentence) -> None:
        self.sentences[sentence.key] = sentence
        self.busy.add(sentence.key)

    def ended(self, key: str, error: ProviderError | None = None) -> None:
        """The vendor is done with that sentence."""
        self.busy.discard(key)
        self.freed.set()
        if key in self.sentences:
            self.sentences[key].end(error)

    def broken(self, error: ProviderError) -> None:
        self.spent = True
        if self.timer is not None:
            self.timer.cancel()
        for key in list(self.busy):
            self.ended(key, error)


class ContextVoice(ABC):
    """A synthesizer for one call. A vendor's own part is its address and its messages."""

    name: ClassVar[str]
    default_voice: ClassVar[str]
    default_model: ClassVar[str]

    def __init__(self, choice: Voice, credential: Credential | None, language: str) -> None:
        """Raises `ProviderError` without a key."""
        self.account = Account.of(self.name, credential)
        self.model = choice.model or self.default_model
        self.language = language
        self._first = VoiceSettings(choice.voice, choice.speed, dict(choice.extra))
        self._line: Line | None = None
        self._connecting = asyncio.Lock()
        self._leaving: set[asyncio.Future[None]] = set()

    # --- what a vendor has of its own -----------------------------------------------------------

    @abstractmethod
    def address(self, voice: VoiceSettings) -> str:
        """Where the websocket is, with everything that holds for all of its sentences."""

    @abstractmethod
    def headers(self) -> Mapping[str, str]: ...

    @abstractmethod
    def asking(self, key: str, text: str, voice: VoiceSettings) -> list[dict[str, Any]]:
        """The messages that have `text` spoken as context `key`."""

    @abstractmethod
    def cancelling(self, key: str) -> list[dict[str, Any]]:
        """The messages that stop context `key`."""

    @abstractmethod
    def in_mulaw(self, voice: VoiceSettings) -> bool:
        """Whether mu-law is asked for, instead of PCM; both at 8000 Hz."""

    def keep_alive(self) -> tuple[float, Mapping[str, Any]]:
        """After so many seconds of silence, that message; 0: the vendor does not need it."""
        return 0.0, {}

    @abstractmethod
    def receive(self, line: Line, message: dict[str, Any]) -> None:
        """One message of the vendor: `deliver`, `Line.ended`. Raises `ProviderError` when it speaks of the
        connection itself, `KeyError`, `TypeError` or `ValueError` when it is not of the vendor's form."""

    def receive_audio(self, line: Line, audio: bytes) -> None:
        """A binary message, from vendors that send them."""
        raise ValueError("no binary messages were asked for")

    # --- TextToSpeech ---------------------------------------------------------------------------

    async def speak(self, text: str, voice: VoiceSettings) -> AsyncIterator[Speech]:
        """8000 Hz PCM and words as the vendor sends them. Raises `ProviderError`; closing tells the vendor
        to stop, and leaves the connection open for the next sentence."""
        said = tidy(text)
        if not speakable(said):
            return
        line = await self.line(voice)
        sentence = Sentence(said, mulaw.decode if self.in_mulaw(voice) else bytes)
        line.begin(sentence)
        try:
            line.tell(*self.asking(sentence.key, said, voice))
            async for item in sentence.items(self.error(f"sent nothing for {WAIT_S:.0f} s")):
                yield item
        finally:
            self._leave(line, sentence)

    async def warm_up(self) -> None:
        """Connects. Never raises: what is wrong is told by the first sentence."""
        with contextlib.suppress(ProviderError):
            await self.line(self._first)

    async def close(self) -> None:
        """Closes the connection."""
        if self._line is not None:
            self._drop(self._line)
        if self._leaving:
            await asyncio.wait(self._leaving)

    # --- within ---------------------------------------------------------------------------------

    async def line(self, voice: VoiceSettings) -> Line:
        """The call's connection, a new one when there is none that will do."""
        address = self.address(voice)
        async with self._connecting:
            if self._line is not None and (self._line.spent or self._line.address != address):
                self._drop(self._line)
            if self._line is None:
                self._line = await self._connect(address)
            return self._line

    async def _connect(self, address: str) -> Line:
        connection = await connect(
            address,
            component="tts",
            vendor=self.name,
            headers=self.headers(),
            secret=self.account.key,
        )
        line = Line(address)
        line.socket = VendorSocket(
            connection,
            component="tts",
            vendor=self.name,
            on_message=lambda message: self._received(line, message),
            on_broken=line.broken,
            secret=self.account.key,
        )
        self._keep(line)
        return line

    def _keep(self, line: Line) -> None:
        """Says something on a quiet line from time to time, where the vendor would close it otherwise."""
        seconds, message = self.keep_alive()
        if not seconds or line.spent:
            return
        loop = asyncio.get_running_loop()
        if loop.time() - line.socket.sent_at >= seconds:
            line.tell(message)
        line.timer = loop.call_later(seconds, self._keep, line)

    def _drop(self, line: Line) -> None:
        """Closes a connection without waiting for it."""
        self._line = None
        line.broken(self.error("the connection was closed"))
        leaving = asyncio.ensure_future(line.socket.close())
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    def _received(self, line: Line, message: Message) -> None:
        try:
            if isinstance(message, bytes):
                self.receive_audio(line, message)
            else:
                self.receive(line, _object(message))
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            raise self.error("sent what is not of its protocol") from None

    def _leave(self, line: Line, sentence: Sentence) -> None:
        """The sentence is done with, whether it was spoken to its end or not."""
        line.sentences.pop(sentence.key, None)
        if sentence.key in line.busy and not line.spent:
            line.tell(*self.cancelling(sentence.key))

    def deliver(self, sentence: Sentence, words: Iterable[SpokenWord] = (), audio: bytes = b"") -> None:
        """Hands `words` and `audio`, as the vendor encodes it, to who listens. Raises `ProviderError`."""
        sentence.put([*words, sentence.decode(audio)] if audio else words)
        if sentence.audio_ms * BYTES_PER_MS > MOST_AUDIO:
            raise self.error("sent audio without end", retryable=False)

    def voice_of(self, voice: VoiceSettings) -> str:
        return self.account.voice(voice.voice, self.default_voice)

    def error(self, detail: str, *, retryable: bool = True) -> ProviderError:
        return ProviderError("tts", self.name, detail, retryable=retryable)

    def refused(self, status: int, message: Mapping[str, Any]) -> ProviderError:
        """What an error message on the websocket says."""
        said = json.dumps(message)
        if status >= 400:
            return refusal("tts", self.name, status, said, self.account.key)
        return self.error(message_of(said, self.account.key) or "failed without saying why")


def _object(message: str) -> dict[str, Any]:
    found = json.loads(message)
    if not isinstance(found, dict):
        raise TypeError
    return found


def audio_of(text: str) -> bytes:
    """Bytes out of base64. Raises `ValueError`."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None
