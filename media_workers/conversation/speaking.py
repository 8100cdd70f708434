"""The agent's side: audio queued for the caller, with account of which words it carries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from media_workers.contract.events import EndReason
from media_workers.conversation.latency import Timing
from media_workers.conversation.turns import CallerTurn
from media_workers.providers.base import FRAME_BYTES, FRAME_MS, UserInput

BYTES_PER_MS = FRAME_BYTES // FRAME_MS

BYTES_PER_CHARACTER = 70 * BYTES_PER_MS
"""How long a character takes to say, for a sentence whose audio is not all there yet."""


@dataclass(slots=True)
class _Piece:
    text: str
    start: int
    end: int | None = None

    def played_out(self, played: int) -> bool:
        """Whether all of it has been handed out; less than a frame may still wait for what follows."""
        if self.end is None:
            return False
        return self.end <= played or (self.start < played and self.end < played + FRAME_BYTES)


class Playback:
    """A byte buffer that the media clock slices, and the text that each stretch of it says.

    Positions are bytes since the beginning of the turn. Not thread-safe: the owner locks.
    """

    def __init__(self) -> None:
        self._audio = bytearray()
        self._pieces: list[_Piece] = []
        self._queued = 0
        self._played = 0
        self._complete = False

    def begin(self, text: str) -> None:
        """The audio that follows says `text`."""
        self._pieces.append(_Piece(text, self._queued))

    def add(self, pcm: bytes) -> None:
        if not self._complete:
            self._audio += pcm
            self._queued += len(pcm)

    def end(self) -> None:
        """The audio of the text begun last is all there (an odd byte is evened out)."""
        if self._queued % 2:
            self.add(b"\0")
        self._pieces[-1].end = self._queued

    def retake(self) -> int:
        """The text begun last is synthesized again: how many bytes of it are here already."""
        return self._queued - self._pieces[-1].start

    def complete(self) -> None:
        """Nothing more will come."""
        self._complete = True

    def complete_sentence(self) -> None:
        """Nothing more will come, and what is queued behind the current sentence is dropped."""
        self._complete = True
        index = self.pieces_begun - 1
        if index >= 0 and (end := self._pieces[index].end) is not None:
            del self._audio[max(0, end - self._played) :]
            del self._pieces[index + 1 :]
            self._queued = self._played + len(self._audio)

    def next_frame(self) -> bytes | None:
        """The next 20 ms; None when they are not there (yet). The last frame is filled with silence."""
        if len(self._audio) >= FRAME_BYTES:
            frame = bytes(self._audio[:FRAME_BYTES])
            del self._audio[:FRAME_BYTES]
            self._played += FRAME_BYTES
            return frame
        if self._complete and self._audio:
            frame = bytes(self._audio).ljust(FRAME_BYTES, b"\0")
            self._played += len(self._audio)
            self._audio.clear()
            return frame
        return None

    @property
    def ready(self) -> bool:
        """`next_frame` would give a frame."""
        return len(self._audio) >= FRAME_BYTES or (self._complete and bool(self._audio))

    @property
    def finished(self) -> bool:
        return self._complete and not self._audio

    @property
    def ahead_ms(self) -> int:
        """How much audio is queued."""
        return len(self._audio) // BYTES_PER_MS

    @property
    def pieces_begun(self) -> int:
        """How many of the texts have begun to sound."""
        return sum(1 for p in self._pieces if p.start < self._played)

    @property
    def pieces_played(self) -> int:
        """How many of the texts have been played to their end."""
        return sum(1 for p in self._pieces if p.played_out(self._played))

    def heard(self) -> str:
        """The text that was played; of a sentence cut short the whole words in proportion to it."""
        return " ".join(filter(None, (self._heard_of(p) for p in self._pieces)))

    def _heard_of(self, piece: _Piece) -> str:
        if piece.played_out(self._played):
            return piece.text
        played = self._played - piece.start
        if played <= 0:
            return ""
        if piece.end is None:
            length = max(self._queued - piece.start, len(piece.text) * BYTES_PER_CHARACTER)
        else:
            length = piece.end - piece.start
        words_end = len(piece.text) * played // length
        return piece.text[: words_end + 1].rpartition(" ")[0]


class Kind(Enum):
    """Why the agent speaks; it decides what becomes of a turn that has not begun when the caller does."""

    REPLY = auto()
    """Answer to what was said: dropped without a trace, and asked for again."""
    OPENING = auto()
    """First words of the call: wait until the caller has finished."""
    PROMPT = auto()
    """Into a silence, or the rest of an interrupted turn: dropped."""
    COMMAND = auto()
    """Text from a live command: said later."""
    CLOSING = auto()
    """Last words of the call: nothing stops them."""


@dataclass(eq=False, slots=True)
class AgentTurn:
    """One turn of the agent, from the decision to speak until its last frame.

    `said`: what the dialogue is asked to answer; None: `text` is spoken as it stands. `timing`: only
    of answers. `committed`: the dialogue has been told that its reply stands; `pressed`: the answer
    to a digit, which no further speech can make uncertain. `deferred` runs on commit.
    """

    kind: Kind
    said: UserInput | None = None
    text: str = ""
    caller: CallerTurn | None = None
    timing: Timing | None = None
    end_reason: EndReason | None = None
    end_detail: str = ""
    pressed: bool = False
    fallback_voice_only: bool = False
    playback: Playback = field(default_factory=Playback)
    sentences: list[str] = field(default_factory=list)
    started_ms: int | None = None
    last_frame_ms: int = 0
    shown: int = 0
    committed: bool = False
    cancelled: bool = False
    deferred: list[Callable[[], None]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None

    @property
    def interruptible(self) -> bool:
        """Not once it is known to end the call: a `thank you, bye` over the goodbye is no new turn."""
        return self.end_reason is None and self.kind is not Kind.CLOSING

    def end_after(self) -> None:
        """The agent hangs up when this turn has been played."""
        if self.end_reason is None:
            self.end_reason = EndReason.AGENT_HUNG_UP

    def unheard(self) -> str:
        """What the caller has not heard, from the beginning of the sentence that was cut."""
        return " ".join(self.sentences[self.playback.pieces_played :])

    def start_over(self) -> None:
        """Drops what was made of the reply so far; none of it has been played."""
        self.playback = Playback()
        self.sentences = []
        self.deferred = []
        if self.timing is not None:
            self.timing.start_over()
