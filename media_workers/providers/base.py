"""The three interfaces that a conversation speaks to, and what they raise.

Audio everywhere is mono signed 16-bit little-endian PCM at 8000 Hz; a frame is 20 ms (160 samples,
320 bytes). Everything here is driven from one asyncio loop, except `start_utterance`, `feed`,
`finalize` and `expect` of `Transcription`: the media clock's thread calls them, one at a time and in
order, and they return at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Literal, Protocol, runtime_checkable

from media_workers.contract.acts import Retrieval
from media_workers.contract.tools import KeyInput

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
    """Text of one utterance. `text` is empty when nothing was understood (garbage, too unsure). `vendor`
    and `model`: who heard it, where that may be one of several. `language`: in which it was said, by the
    vendor's name for it, where it tells."""

    text: str
    final: bool
    confidence: float | None = None
    utterance: int = 0
    vendor: str = ""
    model: str = ""
    language: str = ""


class TurnSign(Enum):
    """What a transcriber with a turn detector of its own says about the caller's turn."""

    LIKELY_OVER = auto()
    """Time to begin an answer, which may have to be dropped."""
    RESUMED = auto()
    """The caller goes on after all."""
    OVER = auto()


def no_signs(sign: TurnSign) -> None:
    """For who does not care."""


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
    turn's audio from its beginning, so that a grammar sees the whole sentence.

    `continuous`: frames of silence are fed too, from the opening to the close (a vendor that finds the end
    of a turn itself, or whose socket must not fall silent). False: only utterances, with their pre-roll.
    """

    name: str
    model: str
    whole_turns: bool
    continuous: bool

    async def open(
        self,
        *,
        language: str,
        phrases: Sequence[str],
        on_transcript: Callable[[Transcript], None],
        on_error: Callable[[ProviderError], None],
        on_sign: Callable[[TurnSign], None] = no_signs,
    ) -> Transcription:
        """A transcription for one call. Callbacks arrive on the event loop that opened it."""


@runtime_checkable
class Polyglot(Protocol):
    """A transcriber that can tell which of several languages is spoken. `others`: those besides the one it is
    opened with; set before that. It hears them all from then on."""

    others: Sequence[str]


# --- language model ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChatMessage:
    role: Literal["system", "user", "assistant", "tool"]
    text: str
    tool_call_id: str = ""
    tool_calls: tuple[ToolCall, ...] = ()


LONGEST_ARGUMENTS = 64_000
"""Characters of a function's arguments. More are not looked at: that would hold the audio up."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """The model wants a function called; `arguments` is the raw JSON text. `wrong`: why what the model
    gave instead of a JSON object was left out; the function must not run then. `more`: another of the same
    answer follows, which may run at the same time."""

    id: str
    name: str
    arguments: str
    wrong: str = ""
    more: bool = False


TRANSFER_CALL = "flow.transfer"
"""What a flow calls to hand the caller over; the argument `target` names one of the agent's transfers. No
tool of an agent's can have such a name."""

HAND_OVER_CALL = "flow.hand_over"
"""What a flow calls to have another agent go on; the argument `agent` is its id."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function offered to the model. `parameters` is a JSON schema of an object."""

    name: str
    description: str
    parameters: dict[str, object]


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one request. `cached_tokens` are those of `input_tokens` that the vendor had in its cache."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Served:
    """Who answers: before anything else of the answer."""

    vendor: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class TextDelta:
    text: str


Delta = TextDelta | ToolCall | Usage | Served | Retrieval
"""`Retrieval`: what has just been looked up in documents for the answer, by a dialogue."""


class LanguageModel(Protocol):
    """A chat model with its settings, for one call. It remembers nothing."""

    name: str
    model: str

    def stream(
        self, messages: Sequence[ChatMessage], tools: Sequence[Tool], *, tool_choice: ToolChoice = "auto"
    ) -> AsyncIterator[Delta]:
        """One answer: text as it arrives, complete tool calls (their arguments a JSON object) after it,
        `Usage` last where the vendor tells it. Closing the generator closes the request at once, so that
        the vendor stops too. Raises `ProviderError`, also when the stream ended before the answer did.
        Nothing is tried twice here.

        `messages`: one `system` first, then `user` and `assistant` in turns; an assistant's `tool_calls`
        are followed by one `tool` each. An assistant's text may be empty."""

    async def warm_up(self) -> None:
        """Connects ahead of the first request. Never raises."""

    async def close(self) -> None:
        """The call is over. What calls share (connection pools) stays."""


ToolChoice = Literal["auto", "none"]


@dataclass(frozen=True, slots=True)
class UserInput:
    """What the caller did: said `text`, pressed `dtmf`, spoke at length without being understood
    (`unclear`, `text` empty), or nothing yet (all empty: the opening)."""

    text: str = ""
    dtmf: str = ""
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """What was said, and collected, before a dialogue came into the call: another agent had it."""

    messages: Sequence[ChatMessage] = ()
    slots: Mapping[str, str] = field(default_factory=dict)


class Dialogue(Protocol):
    """A language model bound to one call. It keeps its own history.

    `reply` is an async generator. Replies are asked for while the caller may still go on, and
    dropped when the caller does: a reply, even one that ran to its end, leaves no trace (history,
    node, slots, `expected`) until `commit`. One reply is open at a time; a new one supersedes an
    older one that was not committed.

    A yielded `ToolCall` is answered with `tool_result` before the next item is asked for, one with `more`
    before what follows the last of them; the reply then goes on by itself, in the same generator. That of a
    turn that was cut may come later, at any time. Nothing is asked for after `end_call`.
    """

    def reply(self, said: UserInput) -> AsyncIterator[Delta]: ...

    def commit(self) -> None:
        """The turn stands: the caller's words and what the reply did (and, while it still runs, will
        do) are kept. Called once per kept reply, after its first item or its end, before `heard`."""

    def heard(self, text: str, *, interrupted: bool) -> None:
        """What the caller really heard of the agent's turn (empty: nothing), so that an interrupted
        sentence stays in the history only as far as it was played. Also called without a reply, for
        what the conversation said by itself: first message, silence prompts, live commands."""

    def tool_result(self, call: ToolCall, result: str, *, failed: bool = False) -> None:
        """`failed`: the tool did not do what it was asked for; `result` says why."""

    def expected(self) -> Sequence[str]:
        """Phrases likely next, for the transcriber; empty when anything may come. They may use
        JSGF-like optionals in square brackets and slots already expanded."""

    def key_input(self) -> KeyInput | None:
        """How keys make a turn now; None: as the agent has it. When it is `sensitive`, so is what the caller
        says meanwhile."""

    def note(self, text: str) -> bool:
        """Something from outside that the agent is to know, and the caller does not hear; False: it cannot be
        told anything."""

    async def brief(self) -> str:
        """What has been said so far, in a sentence or two for somebody who takes over; empty: nothing.
        Raises `ProviderError`."""

    @property
    def slots(self) -> dict[str, str]:
        """What the dialogue has collected so far, a copy."""

    def keep(self, name: str, value: str) -> None:
        """Stores the slot `name` at once, whatever becomes of the open reply: what a tool did stands."""

    async def warm_up(self) -> None:
        """Connects ahead of the first reply. Never raises."""

    async def close(self) -> None: ...


# --- text to speech ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    voice: str
    speed: float = 1.0
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """`text` (as it was written, with its punctuation) begins `start_ms` after the first sample."""

    text: str
    start_ms: int


Speech = bytes | SpokenWord | Served
"""PCM, and about it: who speaks (first, where that may be one of several), when which word begins."""


class TextToSpeech(Protocol):
    """A synthesizer for one call. What calls share lives in `providers.sharing`."""

    name: str
    model: str

    def speak(self, text: str, voice: VoiceSettings) -> AsyncIterator[Speech]:
        """PCM of `text` in chunks of any length, as soon as it is there. Closing the generator stops
        the synthesis at once. Raises `ProviderError`."""

    async def warm_up(self) -> None:
        """Connects ahead of the first sentence. Never raises."""

    async def close(self) -> None:
        """The call is over."""
