"""From words to audio: the tasks that ask the model, run its functions, cut sentences and have them
spoken."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol, TypeVar

from media_workers.contract.acts import Retrieval
from media_workers.conversation.account import Ledger
from media_workers.conversation.acting import END_CALL, Acting, ActingHost
from media_workers.conversation.latency import Timing
from media_workers.conversation.sentences import SentenceSplitter
from media_workers.conversation.speaking import AgentTurn, Kind
from media_workers.conversation.tools import Tools
from media_workers.providers.base import (
    Dialogue,
    ProviderError,
    Served,
    SpokenWord,
    TextDelta,
    ToolCall,
    Usage,
    UserInput,
)
from media_workers.providers.fallback import FallbackVoice, Option, Speaker, Watch
from media_workers.providers.plain import plain
from media_workers.providers.streams import Timely, closing
from media_workers.providers.words import words

logger = logging.getLogger(__name__)

T = TypeVar("T")

LAST_WORDS_LIMIT_MS = 60_000
"""A list of voices has limits of its own, which come to less than this."""

LOOKAHEAD_MS = 8_000
"""Sentences are synthesized at most this far ahead: what an interruption throws away costs money."""

MOST_TOOL_CALLS = 8
"""In one reply; a model that goes on calling functions is stopped."""

MOST_ATTEMPTS = 8
"""Replies to one turn that are begun anew; the list of models is at its end before that."""

LONGEST_REPLY = 16_000
"""Characters; nobody listens to a quarter of an hour. A model that writes on and on is stopped."""

SLICE = 2_000
"""Characters looked at before the loop's other work gets its turn."""

Voice = Speaker
"""A synthesizer with the settings it speaks with."""


class TurnHost(ActingHost, Protocol):
    """What the conversation does for a running turn. Called on the loop, without the lock."""

    def begun(self, turn: AgentTurn) -> None:
        """The reply has its first item, or is over without any."""

    def replied(self, turn: AgentTurn) -> None:
        """The dialogue's reply is over, whether it came to its end or not."""

    def provider_trouble(self, error: ProviderError) -> None: ...

    def failed(self, turn: AgentTurn, error: ProviderError) -> None:
        """Nobody is left to ask; the turn is left as it is."""


class Answering:
    """Runs one agent turn at a time into its playback. Every change of a turn is made under `lock`.

    Vendors are lists of vendors (`providers.fallback`): what one of them raises is the end of its list,
    but for a reply that broke after it had begun, which is asked for anew while `retryable` says so.
    The last words of a call are spoken by the local voice when the agent's own have failed.
    `model_limit_s`: longest wait for the next item of a reply.
    """

    def __init__(
        self,
        *,
        dialogue: Dialogue,
        voice: FallbackVoice,
        fallback: Voice,
        tools: Tools,
        model_limit_s: float,
        end_call_phrases: Sequence[str],
        ledger: Ledger,
        watch: Watch,
        lock: AbstractContextManager[bool],
        clock: Callable[[], int],
        host: TurnHost,
    ) -> None:
        self._dialogue = dialogue
        local = Option(fallback.tts.name, fallback)
        agents = Option(
            voice.name, Speaker(voice, fallback.settings), LAST_WORDS_LIMIT_MS, LAST_WORDS_LIMIT_MS
        )
        self._voice = voice
        self._voices = [voice]
        self._watch, self._spare = watch, local
        self._last_words = FallbackVoice([agents, local], watch=watch)
        self._local = FallbackVoice([local], watch=watch)
        self._unused = fallback.settings
        self._acting = Acting(
            dialogue=dialogue, tools=tools, ledger=ledger, lock=lock, clock=clock, host=host
        )
        self._model_limit_s = model_limit_s
        self._end_call_phrases = [spoken(p) for p in end_call_phrases if words(p)]
        self._ledger = ledger
        self._lock = lock
        self._clock = clock
        self._host = host
        self.turn: AgentTurn | None = None

    async def run(self, turn: AgentTurn, previous: asyncio.Task[None] | None) -> None:
        """Speaks `turn` once the task of the turn before has let go of the dialogue."""
        if previous is not None and not previous.done():
            await asyncio.wait({previous}, timeout=2.0)
        self.turn = turn
        try:
            if turn.said is None:
                await self._recite(turn)
            else:
                await self._answer(turn, turn.said)
        except ProviderError as error:
            self._host.provider_trouble(error)
            self._host.failed(turn, error)
        except Exception as error:
            logger.exception("the agent's turn failed")
            self._host.provider_trouble(wrong := ProviderError("agent", "conversation", repr(error)))
            self._host.failed(turn, wrong)
        with self._lock:
            if turn.playback.finished and not turn.started_ms:
                self._ledger.silent(turn.account)

    def change_voice(self, voice: FallbackVoice) -> None:
        """`voice` speaks from the next sentence on."""
        if voice not in self._voices:
            self._voices.append(voice)
        agents = Option(voice.name, Speaker(voice, self._unused), LAST_WORDS_LIMIT_MS, LAST_WORDS_LIMIT_MS)
        self._voice = voice
        self._last_words = FallbackVoice([agents, self._spare], watch=self._watch)

    async def warm_up(self) -> None:
        """Connects the voices ahead of the first sentence. Never raises."""
        await asyncio.gather(self._voice.warm_up(), self._local.warm_up(), return_exceptions=True)

    async def close(self) -> None:
        await asyncio.gather(
            self._acting.close(),
            *(voice.close() for voice in (*self._voices, self._local)),
            return_exceptions=True,
        )

    # --- text that is known ---------------------------------------------------------------------

    async def _recite(self, turn: AgentTurn) -> None:
        sentences: asyncio.Queue[str | None] = asyncio.Queue()
        splitter = SentenceSplitter()
        for sentence in splitter.feed(plain(turn.text[:LONGEST_REPLY])) + splitter.flush():
            self._add_sentence(turn, sentence)
            sentences.put_nowait(sentence)
        sentences.put_nowait(None)
        await self._say_all(turn, sentences)
        with self._lock:
            turn.playback.complete()

    # --- text that the dialogue makes -----------------------------------------------------------

    async def _answer(self, turn: AgentTurn, said: UserInput) -> None:
        for _ in range(MOST_ATTEMPTS):
            error = await self._attempt(turn, said)
            if error is None:
                return
            if not error.retryable or turn.committed:
                break
            self._host.provider_trouble(error)
            with self._lock:
                self._ledger.passed_over(turn.account, error, self._since_asked(turn))
        if error is not None:
            raise error

    def _since_asked(self, turn: AgentTurn) -> int:
        asked = turn.timing.model_asked if turn.timing else None
        return 0 if asked is None else self._clock() - asked

    async def _attempt(self, turn: AgentTurn, said: UserInput) -> ProviderError | None:
        """Model and voice side by side. The voice's error is raised; the model's is returned, unless
        the turn stands already: then what was complete of it is the answer, if anything was."""
        sentences: asyncio.Queue[str | None] = asyncio.Queue()
        reading = asyncio.ensure_future(self._read(turn, said, sentences))
        voicing = asyncio.ensure_future(self._say_all(turn, sentences))
        try:
            # The voice cannot be done before the model, unless it failed.
            await asyncio.wait((reading, voicing), return_when=asyncio.FIRST_COMPLETED)
            if voicing.done():
                voicing.result()
            if (error := await reading) is not None:
                if self._withdraw(turn):
                    return error
                self._host.provider_trouble(error)
            await voicing
            with self._lock:
                turn.playback.complete()
            return None
        finally:
            reading.cancel()
            voicing.cancel()
            await asyncio.gather(reading, voicing, return_exceptions=True)

    def _withdraw(self, turn: AgentTurn) -> bool:
        """Takes back what has been made of the reply, if it can be."""
        with self._lock:
            if turn.committed:
                return not turn.sentences
            turn.start_over()
            return True

    async def _read(
        self, turn: AgentTurn, said: UserInput, sentences: asyncio.Queue[str | None]
    ) -> ProviderError | None:
        splitter = SentenceSplitter()
        timing = turn.timing or Timing(self._clock())
        timing.model_asked = timing.model_asked or self._clock()

        def say(sentence: str) -> None:
            timing.sentence_got = timing.sentence_got or self._clock()
            self._add_sentence(turn, sentence)
            sentences.put_nowait(sentence)

        turn.interject = say
        calls: list[ToolCall] = []
        try:
            async with closing(self._deltas(turn, said)) as deltas:
                async for delta in deltas:
                    if isinstance(delta, ToolCall):
                        calls.append(delta)
                        if delta.more:
                            continue
                        made, calls = calls, []
                        for sentence in splitter.flush():  # nobody waits for a function to hear its end
                            say(sentence)
                        if await self._acting.run(turn, made):
                            break
                    elif isinstance(delta, TextDelta) and not turn.silent:
                        timing.token_got = timing.token_got or self._clock()
                        for part in _slices(delta.text):
                            for sentence in splitter.feed(part):
                                say(sentence)
                            if len(part) == SLICE:
                                await asyncio.sleep(0)
                    self._host.begun(turn)
            for sentence in splitter.flush():
                say(sentence)
            self._host.begun(turn)
        except ProviderError as error:
            return error
        finally:
            turn.interject = None
            sentences.put_nowait(None)
            self._host.replied(turn)
        return None

    async def _deltas(self, turn: AgentTurn, said: UserInput) -> AsyncIterator[TextDelta | ToolCall]:
        """The reply up to and including `end_call`, after which nothing is asked for, and no more of it
        than anybody would listen to."""
        tool_calls = written = 0
        async with closing(self._noted(turn, said)) as reply:
            async for delta in reply:
                if isinstance(delta, ToolCall):
                    tool_calls += 1
                    yield replace(delta, more=delta.more and tool_calls < MOST_TOOL_CALLS)
                    if delta.name == END_CALL or tool_calls >= MOST_TOOL_CALLS:
                        return
                elif delta.text:
                    yield TextDelta(plain(delta.text[: LONGEST_REPLY - written]))
                    written += len(delta.text)
                if written > LONGEST_REPLY:
                    self._host.trouble(
                        "answer_cut", "llm", f"The answer was cut after {LONGEST_REPLY} characters."
                    )
                    return

    async def _noted(self, turn: AgentTurn, said: UserInput) -> AsyncIterator[TextDelta | ToolCall]:
        """What is to be done; who served and what it costs is written down. `ProviderError` when nothing
        comes."""
        limit_s = self._model_limit_s
        try:
            async with closing(self._dialogue.reply(said)) as reply:
                async for delta in Timely(reply, first_s=limit_s, next_s=limit_s):
                    if isinstance(delta, Usage):
                        with self._lock:
                            self._ledger.used(turn.account, delta)
                    elif isinstance(delta, Served):
                        with self._lock:
                            self._ledger.served(turn.account, "llm", delta)
                    elif isinstance(delta, Retrieval):
                        self._looked_up(turn, delta)
                    else:
                        yield delta
        except TimeoutError:
            detail = f"nothing came for {limit_s:.0f} s"
            raise ProviderError("llm", "model", detail, retryable=False) from None

    def _looked_up(self, turn: AgentTurn, found: Retrieval) -> None:
        with self._lock:
            self._ledger.looked_up(turn.account, found)
        if turn.timing is not None:
            turn.timing.looked_up(found.took_ms, self._clock())

    # --- voice ----------------------------------------------------------------------------------

    async def _say_all(self, turn: AgentTurn, sentences: asyncio.Queue[str | None]) -> None:
        while (sentence := await sentences.get()) is not None:
            while turn.playback.ahead_ms > LOOKAHEAD_MS:
                await asyncio.sleep(LOOKAHEAD_MS / 8_000)
            with self._lock:
                turn.playback.begin(sentence)
            if any(c.isalnum() for c in sentence):
                await self._speak(turn, sentence)
            with self._lock:
                turn.playback.end()

    async def _speak(self, turn: AgentTurn, sentence: str) -> None:
        timing = turn.timing or Timing(self._clock())
        timing.voice_asked = timing.voice_asked or self._clock()
        with self._lock:
            self._ledger.spoke(turn.account, sentence)
        async with closing(self._voice_of(turn).speak(sentence, self._unused)) as speech:
            async for item in speech:
                with self._lock:
                    if isinstance(item, bytes):
                        timing.audio_got = timing.audio_got or self._clock()
                        turn.playback.add(item)
                    elif isinstance(item, SpokenWord):
                        turn.playback.mark(item)
                    else:
                        self._ledger.served(turn.account, "tts", item)

    def _voice_of(self, turn: AgentTurn) -> FallbackVoice:
        if turn.fallback_voice_only:
            return self._local
        return self._last_words if turn.kind is Kind.CLOSING else self._voice

    def _add_sentence(self, turn: AgentTurn, sentence: str) -> None:
        with self._lock:
            turn.sentences.append(sentence)
            if self._says_goodbye(turn.sentences):
                turn.end_after()

    def _says_goodbye(self, sentences: Sequence[str]) -> bool:
        """Whether the sentence added last completes an end-call phrase, which may span two."""
        if not self._end_call_phrases:
            return False
        said = spoken(" ".join(sentences[-2:]))
        return any(phrase in said for phrase in self._end_call_phrases)


def _slices(text: str) -> Iterator[str]:
    for start in range(0, len(text), SLICE):
        yield text[start : start + SLICE]


def spoken(text: str) -> str:
    """Only the words, for comparing; spaces around, so that no phrase matches inside a word."""
    return f" {' '.join(words(text))} "
