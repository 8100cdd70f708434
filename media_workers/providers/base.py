"""The three interfaces that a conversation speaks to, and what they raise.

Audio everywhere is mono signed 16-bit little-endian PCM at 8000 Hz; a frame is 20 ms (160 samples,
320 bytes). Everything here is driven from one asyncio loop, except `start_utterance`, `feed`,
`finalize` and `expect` of `Transcription`: the media clock's thread calls them, one at a time and in
order, and they return at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

SAMPLE_RATE = 8000
FRAME_MS = 20
FRAME_SAMPLES = SAMPLE_RATE * FRAME_MS // 1000
FRAME_BYTES = FRAME_SAMPLES * 2


class ProviderError(Exception):
    """A vendor failed. `component` is stt, llm or tts; `provider` its name; the text is for people."""

    def __init__(self, component: str, provider: str, detail: str, *, retryable: bool = True) -> None:
        super().__init__(f"{provider} ({component}): {detail}")
        self.component = component
        self.provider = provider
        self.detail = detail
        self.retryable = retryable


# --- speech to text ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Transcript:
    """Text of one utterance. `text` is empty when nothing was understood (garbage, too unsure)."""

    text: str
    final: bool
    confidence: float | None = None
    utterance: int = 0


class Transcription(Protocol):
    """Speech to text for one call. Utterances are bracketed by the conversation's voice activity."""

    def start_utterance(self, utterance: int) -> None:
        """Speech has begun; frames that follow (and the pre-roll, fed first) belong to `utterance`."""

    def feed(self, pcm: bytes) -> None:
        """Audio of the caller (any whole number of frames). Returns at once, never raises."""

    def finalize(self, utterance: int) -> None:
        """Ask for the final transcript of `utterance` now. More audio may follow if the caller goes
        on: then `start_utterance` is called again with the next number."""

    def expect(self, phrases: Sequence[str]) -> None:
        """What the caller is likely to say next. Engines with free dictation take it as a hint."""

    async def close(self) -> None: ...


class SpeechToText(Protocol):
    """`whole_turns`: a caller who pauses inside a sentence makes a turn of several utterances. False:
    each is sent once and the texts are joined (dictation). True: the later utterance is sent the
    turn's audio from its beginning, so that a grammar sees the whole sentence."""

    name: str
    whole_turns: bool

    async def open(
        self,
        *,
        language: str,
        phrases: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_error: Callable[[ProviderError], None],
    ) -> Transcription:
        """A transcription for one call. Callbacks arrive on the event loop that opened it."""


# --- language model ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChatMessage:
    role: Literal["system", "user", "assistant", "tool"]
    text: str
    tool_call_id: str = ""
    tool_calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model wants a function called; `arguments` is the raw JSON text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Usage:
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


Delta = TextDelta | ToolCall | Usage


@dataclass(frozen=True, slots=True)
class UserInput:
    """What the caller did: said `text`, pressed `dtmf`, spoke at length without being understood
    (`unclear`, `text` empty), or nothing yet (all empty: the opening)."""

    text: str = ""
    dtmf: str = ""
    unclear: bool = False


class Dialogue(Protocol):
    """A language model bound to one call. It keeps its own history.

    `reply` is an async generator. Replies are asked for while the caller may still go on, and
    dropped when the caller does: a reply, even one that ran to its end, leaves no trace (history,
    node, slots, `expected`) until `commit`. One reply is open at a time; a new one supersedes an
    older one that was not committed.

    A yielded `ToolCall` is answered with `tool_result` before the next item is asked for; the reply
    then goes on by itself, in the same generator. Nothing is asked for after `end_call`.
    """

    def reply(self, said: UserInput) -> AsyncIterator[Delta]: ...

    def commit(self) -> None:
        """The turn stands: the caller's words and what the reply did (and, while it still runs, will
        do) are kept. Called once per kept reply, after its first item or its end, before `heard`."""

    def heard(self, text: str, *, interrupted: bool) -> None:
        """What the caller really heard of the agent's turn (empty: nothing), so that an interrupted
        sentence stays in the history only as far as it was played. Also called without a reply, for
        what the conversation said by itself: first message, silence prompts, live commands."""

    def tool_result(self, call: ToolCall, result: str) -> None: ...

    def expected(self) -> Sequence[str]:
        """Phrases likely next, for the transcriber; empty when anything may come. They may use
        JSGF-like optionals in square brackets and slots already expanded."""

    @property
    def slots(self) -> dict[str, str]:
        """What the dialogue has collected so far."""

    async def close(self) -> None: ...


# --- text to speech ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    voice: str
    speed: float = 1.0
    extra: dict[str, str] = field(default_factory=dict)


class TextToSpeech(Protocol):
    name: str

    def speak(self, text: str, voice: VoiceSettings) -> AsyncIterator[bytes]:
        """PCM of `text` in chunks of any length, as soon as it is there. Closing the generator stops
        the synthesis at once. Raises `ProviderError`."""
