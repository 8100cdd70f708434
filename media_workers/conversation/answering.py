"""From words to audio: the tasks that ask the model, cut sentences and have them spoken."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from media_workers.conversation.latency import Timing
from media_workers.conversation.sentences import SentenceSplitter
from media_workers.conversation.speaking import AgentTurn, Kind
from media_workers.providers.base import (
    Delta,
    Dialogue,
    ProviderError,
    TextDelta,
    TextToSpeech,
    ToolCall,
    UserInput,
    VoiceSettings,
)
from media_workers.providers.words import words

logger = logging.getLogger(__name__)

T = TypeVar("T")
END_CALL = "end_call"

RETRY_AFTER_S = 0.25
VOICE_LIMIT_S = 10.0
LOOKAHEAD_MS = 8_000
"""Sentences are synthesized at most this far ahead: what an interruption throws away costs money."""

MOST_TOOL_CALLS = 8
"""In one reply; a model that goes on calling functions is stopped."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A synthesizer with the settings it speaks with."""

    tts: TextToSpeech
    settings: VoiceSettings


class NoDialogue:
    """Of a call that nobody can speak for: it has nothing to say and remembers nothing."""

    async def reply(self, said: UserInput) -> AsyncIterator[Delta]:
        nothing: tuple[Delta, ...] = ()
        for delta in nothing:
            yield delta

    def commit(self) -> None: ...

    def heard(self, text: str, *, interrupted: bool) -> None: ...

    def tool_result(self, call: ToolCall, result: str) -> None: ...

    def expected(self) -> Sequence[str]:
        return ()

    @property
    def slots(self) -> dict[str, str]:
        return {}

    async def close(self) -> None: ...


class TurnHost(Protocol):
    """What the conversation does for a running turn. Called on the loop, without the lock."""

    def begun(self, turn: AgentTurn) -> None:
        """The reply has its first item, or is over without any."""

    def tool_used(self, turn: AgentTurn, call: ToolCall, result: str) -> None: ...

    def replied(self, turn: AgentTurn) -> None:
        """The dialogue's reply is over, whether it came to its end or not."""

    def trouble(self, error: ProviderError) -> None: ...

    def failed(self, turn: AgentTurn, error: ProviderError) -> None:
        """The retry has failed too; the turn is left as it is."""


class Answering:
    """Runs one agent turn at a time into its playback. Every change of a turn is made under `lock`.

    A step that raises `ProviderError` is tried once more; the last words of a call are then tried
    with the fallback voice. `model_limit_s`: longest wait for the next item of a reply.
    """

    def __init__(
        self,
        *,
        dialogue: Dialogue,
        voice: Voice,
        fallback: Voice,
        model_limit_s: float,
        end_call_phrases: Sequence[str],
        lock: AbstractContextManager[bool],
        clock: Callable[[], int],
        host: TurnHost,
    ) -> None:
        self._dialogue = dialogue
        self._voice = voice
        self._fallback = fallback
        self._model_limit_s = model_limit_s
        self._end_call_phrases = [_spoken(p) for p in end_call_phrases if words(p)]
        self._lock = lock
        self._clock = clock
        self._host = host

    async def run(self, turn: AgentTurn, previous: asyncio.Task[None] | None) -> None:
        """Speaks `turn` once the task of the turn before has let go of the dialogue."""
        if previous is not None and not previous.done():
            await asyncio.wait({previous}, timeout=2.0)
        try:
            if turn.said is None:
                await self._recite(turn)
            else:
                await self._answer(turn, turn.said)
        except ProviderError as error:
            self._host.failed(turn, error)
        except Exception as error:
            logger.exception("the agent's turn failed")
            self._host.trouble(wrong := ProviderError("agent", "conversation", repr(error)))
            self._host.failed(turn, wrong)

    # --- text that is known ---------------------------------------------------------------------

    async def _recite(self, turn: AgentTurn) -> None:
        splitter = SentenceSplitter()
        sentences = splitter.feed(turn.text) + splitter.flush()
        for sentence in sentences:
            self._add_sentence(turn, sentence)
        for sentence in sentences:
            await self._room(turn)
            await self._speak(turn, sentence)
        with self._lock:
            turn.playback.complete()

    # --- text that the dialogue makes -----------------------------------------------------------

    async def _answer(self, turn: AgentTurn, said: UserInput) -> None:
        error = await self._attempt(turn, said)
        if error is not None and error.retryable:
            await asyncio.sleep(RETRY_AFTER_S)
            error = await self._attempt(turn, said)
        if error is not None:
            raise error

    async def _attempt(self, turn: AgentTurn, said: UserInput) -> ProviderError | None:
        """Model and voice side by side. The voice's error is raised; the model's is returned, unless
        the caller is listening already: then what was complete stands as the answer."""
        sentences: asyncio.Queue[str | None] = asyncio.Queue()
        reading = asyncio.ensure_future(self._read(turn, said, sentences))
        voicing = asyncio.ensure_future(self._say_all(turn, sentences))
        try:
            # The voice cannot be done before the model, unless it failed.
            await asyncio.wait((reading, voicing), return_when=asyncio.FIRST_COMPLETED)
            if voicing.done():
                voicing.result()
            if (error := await reading) is not None:
                self._host.trouble(error)
                if self._withdraw(turn):
                    return error
            await voicing
            with self._lock:
                turn.playback.complete()
            return None
        finally:
            reading.cancel()
            voicing.cancel()
            await asyncio.gather(reading, voicing, return_exceptions=True)

    def _withdraw(self, turn: AgentTurn) -> bool:
        """Takes back what has been made of the reply, if nobody has heard of it."""
        with self._lock:
            if turn.committed:
                return False
            turn.start_over()
            return True

    async def _read(
        self, turn: AgentTurn, said: UserInput, sentences: asyncio.Queue[str | None]
    ) -> ProviderError | None:
        splitter = SentenceSplitter()
        timing = turn.timing or Timing(self._clock())
        timing.model_asked = timing.model_asked or self._clock()
        try:
            async with closing(self._deltas(said)) as deltas:
                async for delta in deltas:
                    for sentence in self._take(turn, delta, splitter, timing):
                        self._add_sentence(turn, sentence)
                        sentences.put_nowait(sentence)
                    self._host.begun(turn)
            for sentence in splitter.flush():
                timing.sentence_got = timing.sentence_got or self._clock()
                self._add_sentence(turn, sentence)
                sentences.put_nowait(sentence)
            self._host.begun(turn)
        except ProviderError as error:
            return error
        finally:
            sentences.put_nowait(None)
            self._host.replied(turn)
        return None

    async def _deltas(self, said: UserInput) -> AsyncIterator[Delta]:
        """The reply up to and including `end_call`, after which nothing is asked for."""
        tool_calls = 0
        async with closing(self._dialogue.reply(said)) as reply:
            async for delta in limited(reply, self._model_limit_s, "llm", "model"):
                yield delta
                if isinstance(delta, ToolCall):
                    tool_calls += 1
                    if delta.name == END_CALL or tool_calls >= MOST_TOOL_CALLS:
                        return

    def _take(
        self, turn: AgentTurn, delta: Delta, splitter: SentenceSplitter, timing: Timing
    ) -> Sequence[str]:
        if isinstance(delta, ToolCall):
            self._call(turn, delta)
            return ()
        if not isinstance(delta, TextDelta):
            return ()
        timing.token_got = timing.token_got or self._clock()
        sentences = splitter.feed(delta.text)
        if sentences:
            timing.sentence_got = timing.sentence_got or self._clock()
        return sentences

    def _call(self, turn: AgentTurn, call: ToolCall) -> None:
        result = "ok" if call.name == END_CALL else f"There is no function called {call.name}."
        if call.name == END_CALL:
            with self._lock:
                turn.end_after()
        self._dialogue.tool_result(call, result)
        self._host.tool_used(turn, call, result)

    # --- voice ----------------------------------------------------------------------------------

    async def _say_all(self, turn: AgentTurn, sentences: asyncio.Queue[str | None]) -> None:
        while (sentence := await sentences.get()) is not None:
            await self._room(turn)
            await self._speak(turn, sentence)

    async def _room(self, turn: AgentTurn) -> None:
        while turn.playback.ahead_ms > LOOKAHEAD_MS:
            await asyncio.sleep(LOOKAHEAD_MS / 8_000)

    async def _speak(self, turn: AgentTurn, sentence: str) -> None:
        with self._lock:
            turn.playback.begin(sentence)
        voices = self._voices(turn)
        for attempt, voice in enumerate(voices, 1):
            try:
                await self._synthesize(turn, voice, sentence)
                break
            except ProviderError as error:
                self._host.trouble(error)
                if attempt == len(voices):
                    raise
                await asyncio.sleep(RETRY_AFTER_S)
        with self._lock:
            turn.playback.end()

    def _voices(self, turn: AgentTurn) -> list[Voice]:
        """Who speaks, in the order of the attempts."""
        if turn.fallback_voice_only:
            return [self._fallback, self._fallback]
        if turn.kind is Kind.CLOSING:
            return [self._voice, self._voice, self._fallback]
        return [self._voice, self._voice]

    async def _synthesize(self, turn: AgentTurn, voice: Voice, sentence: str) -> None:
        """Adds the audio of `sentence`; of a second attempt only what the first had not given yet."""
        if not any(c.isalnum() for c in sentence):
            return
        if turn.timing and turn.timing.voice_asked is None:
            turn.timing.voice_asked = self._clock()
        with self._lock:
            known = turn.playback.retake()
        received = 0
        async with closing(voice.tts.speak(sentence, voice.settings)) as audio:
            async for pcm in limited(audio, VOICE_LIMIT_S, "tts", voice.tts.name):
                if not isinstance(pcm, bytes):
                    continue
                fresh = pcm[max(0, known - received) :]
                received += len(pcm)
                if not fresh:
                    continue
                if turn.timing and turn.timing.audio_got is None:
                    turn.timing.audio_got = self._clock()
                with self._lock:
                    turn.playback.add(fresh)
        if not received:
            raise ProviderError("tts", voice.tts.name, "gave no audio")

    def _add_sentence(self, turn: AgentTurn, sentence: str) -> None:
        with self._lock:
            turn.sentences.append(sentence)
            if self._says_goodbye(turn.sentences):
                turn.end_after()

    def _says_goodbye(self, sentences: Sequence[str]) -> bool:
        """Whether the sentence added last completes an end-call phrase, which may span two."""
        if not self._end_call_phrases:
            return False
        said = _spoken(" ".join(sentences[-2:]))
        return any(phrase in said for phrase in self._end_call_phrases)


@asynccontextmanager
async def closing(stream: AsyncIterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Closes a generator at the end of the block, at once and in this task."""
    try:
        yield stream
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()


async def limited(stream: AsyncIterator[T], limit_s: float, component: str, name: str) -> AsyncIterator[T]:
    """The items of `stream`; `ProviderError` when one takes longer than `limit_s`."""
    while True:
        try:
            async with asyncio.timeout(limit_s):
                item = await anext(stream, None)
        except TimeoutError as error:
            raise ProviderError(component, name, f"nothing came for {limit_s:.0f} s") from error
        if item is None:
            return
        yield item


def _spoken(text: str) -> str:
    """Only the words, for comparing; spaces around, so that no phrase matches inside a word."""
    return f" {' '.join(words(text))} "
