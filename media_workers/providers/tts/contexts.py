"""Voices over one warm websocket of a call, on which each sentence is a context with an id of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from media_workers.audio import mulaw
from media_workers.contract.agent import Voice
from media_workers.contract.vendors import Credential
from media_workers.providers.base import ProviderError, Speech, SpokenWord, VoiceSettings
from media_workers.providers.refusals import message_of, refusal
from media_workers.providers.tts import line as lines
from media_workers.providers.tts.account import Account
from media_workers.providers.tts.line import MALFORMED, Line, Sentence
from media_workers.providers.tts.text import speakable, tidy
from media_workers.providers.websocket import Message, VendorSocket, connect

ROOM_LIMIT_S = 0.3
"""How long the vendor may take to finish what was cut short; a new connection is quicker then."""


class ContextVoice(ABC):
    """A synthesizer for one call. A vendor's own part is its address and its messages."""

    name: ClassVar[str]
    default_voice: ClassVar[str]
    default_model: ClassVar[str]
    most_contexts: ClassVar[int] = 20
    """Of one connection at a time; a context counts until the vendor says its end."""
    tells_when_stopped: ClassVar[bool] = True
    """The vendor says the end of what was cut short too."""
    stops_by_closing: ClassVar[bool] = False
    """There is no message for it: the connection is closed, and another made for the next sentence."""
    most_idle_s: ClassVar[float] = float("inf")
    """A connection that has been silent for so long may be closed already."""

    def __init__(self, choice: Voice, credential: Credential | None, language: str) -> None:
        """Raises `ProviderError` without a key."""
        self.account = Account.of(self.name, credential)
        self.model = choice.model or self.default_model
        self.language = language
        self._first = VoiceSettings(choice.voice, choice.speed, dict(choice.extra))
        self._line: Line | None = None
        self._connecting = asyncio.Lock()
        self._closed = False
        self._leaving: set[asyncio.Future[None]] = set()

    # --- what a vendor has of its own -----------------------------------------------------------

    @abstractmethod
    def address(self, voice: VoiceSettings) -> str:
        """Where the websocket is, with everything that holds for all of its sentences."""

    @abstractmethod
    def headers(self) -> Mapping[str, str]: ...

    @abstractmethod
    def asking(self, key: str, text: str, voice: VoiceSettings) -> Sequence[dict[str, Any] | str]:
        """The messages that have `text` spoken as context `key`."""

    def cancelling(self, key: str) -> Sequence[dict[str, Any]]:
        """The messages that stop context `key`."""
        return ()

    def greeting(self) -> Sequence[str]:
        """The first messages of a connection."""
        return ()

    @abstractmethod
    def in_mulaw(self, voice: VoiceSettings) -> bool:
        """Whether mu-law is asked for, instead of PCM; both at 8000 Hz."""

    def keep_alive(self) -> tuple[float, Mapping[str, Any]]:
        """After so many seconds of silence, that message; 0: the vendor does not need it."""
        return 0.0, {}

    def receive(self, line: Line, message: dict[str, Any]) -> None:
        """One message of the vendor, in JSON: `deliver`, `Line.ended`. Raises `ProviderError` when it speaks
        of the connection itself, `KeyError`, `TypeError` or `ValueError` when it is not of the vendor's
        form."""
        raise ValueError("no messages in JSON were asked for")

    def receive_text(self, line: Line, message: str) -> None:
        """The same, of vendors whose messages are not JSON."""
        self.receive(line, _object(message))

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
            async for item in sentence.items(self.error(f"sent nothing for {lines.WAIT_S:.0f} s")):
                yield item
        finally:
            self._leave(line, sentence)

    async def warm_up(self) -> None:
        """Connects. Never raises: what is wrong is told by the first sentence."""
        with contextlib.suppress(ProviderError):
            await self._up(self._first)

    async def close(self) -> None:
        """Closes the connection."""
        self._closed = True
        if self._line is not None:
            self._drop(self._line)
        if self._leaving:
            await asyncio.wait(self._leaving)

    # --- within ---------------------------------------------------------------------------------

    async def line(self, voice: VoiceSettings) -> Line:
        """The call's connection with room for a sentence, a new one when there is none that will do."""
        line = await self._up(voice)
        if await line.room(self.most_contexts, ROOM_LIMIT_S):
            return line
        if line.sentences and not line.spent:  # only what is still listened to is worth the wait
            if await line.room(self.most_contexts, lines.WAIT_S):
                return line
            if not line.spent:
                raise self.error("still has too many sentences under way")
        self._drop(line)
        return await self._up(voice)

    def will_do(self, line: Line, address: str) -> bool:
        """Whether the next sentence for `address` may be spoken on `line`."""
        idle_s = asyncio.get_running_loop().time() - line.socket.sent_at
        return not line.spent and line.address == address and (bool(line.busy) or idle_s < self.most_idle_s)

    async def _up(self, voice: VoiceSettings) -> Line:
        address = self.address(voice)
        async with self._connecting:
            if self._line is not None and not self.will_do(self._line, address):
                self._drop(self._line)
            if self._line is None and not self._closed:
                self._line = await self._connect(address)
            if self._line is not None and self._closed:
                self._drop(self._line)
            if self._line is None:
                raise self.error("the call is over", retryable=False)
            return self._line

    async def _connect(self, address: str) -> Line:
        connection = await connect(
            address,
            component="tts",
            vendor=self.name,
            headers=self.headers(),
            secret=self.account.key,
            public_only=self.account.public_only,
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
        for message in self.greeting():
            line.tell(message)
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
        """Closes a connection without waiting for it. It may have been left already."""
        if line is not self._line:
            return
        self._line = None
        line.broken(self.error("the connection was closed"))
        self._behind(line.socket.close())

    def _behind(self, work: Coroutine[Any, Any, None]) -> None:
        """Something that nobody waits for before `close`."""
        task = asyncio.ensure_future(work)
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def _received(self, line: Line, message: Message) -> None:
        try:
            if isinstance(message, bytes):
                self.receive_audio(line, message)
            else:
                self.receive_text(line, message)
        except MALFORMED:
            raise self.error("sent what is not of its protocol") from None

    def _leave(self, line: Line, sentence: Sentence) -> None:
        """The sentence is done with, whether it was spoken to its end or not."""
        line.sentences.pop(sentence.key, None)
        if sentence.key not in line.busy or line.spent:
            return
        if self.stops_by_closing:
            self._drop(line)
            self._behind(self.warm_up())
        else:
            line.tell(*self.cancelling(sentence.key))
        if not self.tells_when_stopped:
            line.ended(sentence.key)

    def deliver(self, sentence: Sentence, words: Iterable[SpokenWord] = (), audio: bytes = b"") -> None:
        """Hands `words` and `audio`, as the vendor encodes it, to who listens. Raises `ProviderError`."""
        sentence.put([*words, sentence.decode(audio)] if audio else words)
        if sentence.size > lines.MOST_AUDIO:
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
