"""The agent's side: audio queued for the caller, with account of which words it carries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from media_workers.contract.events import EndReason
from media_workers.conversation.account import Account
from media_workers.conversation.latency import Timing
from media_workers.conversation.turns import CallerTurn
from media_workers.providers.base import FRAME_BYTES, FRAME_MS, SpokenWord, UserInput

BYTES_PER_MS = FRAME_BYTES // FRAME_MS

BYTES_PER_CHARACTER = 70 * BYTES_PER_MS
"""How long a character takes to say, for a sentence whose audio is not all there yet."""

REMEMBERED = 2_000 * BYTES_PER_MS
"""Audio already played that is kept, to be played again from the beginning of a word."""


@dataclass(slots=True)
class _Piece:
    """`words`: where words begin, as (index in `text`, position), where the voice tells."""

    text: str
    start: int
    end: int | None = None
    words: list[tuple[int, int]] = field(default_factory=list)

    def played_out(self, played: int) -> bool:
        """Whether all of it has been handed out; less than a frame may still wait for what follows."""
        if self.end is None:
            return False
        return self.end <= played or (self.start < played and self.end < played + FRAME_BYTES)

    def heard_until(self, played: int, queued: int) -> int:
        """How much of `text` consists of words that were played to their end: by the voice's own times,
        else in proportion."""
        if self.played_out(played):
            return len(self.text)
        if played <= self.start:
            return 0
        if self.words:
            return max((index for index, start in self.words if start <= played), default=0)
        shown = len(self.text) * (played - self.start) // self._length(queued)
        return self.text[: shown + 1].rfind(" ") + 1

    def position_of(self, index: int, queued: int) -> int:
        """Where `text[index:]` begins to sound."""
        for word, start in self.words:
            if word >= index:
                return start
        return self.start + self._length(queued) * index // max(1, len(self.text)) // 2 * 2

    def mark(self, word: SpokenWord) -> None:
        """Notes a word's time. One that is not in the text, or out of order, tells nothing."""
        position = self.start + max(0, word.start_ms) * BYTES_PER_MS
        after, latest = self.words[-1] if self.words else (-1, self.start)
        index = self.text.find(word.text.strip(), after + 1)
        if word.text.strip() and index >= 0 and position >= latest:
            self.words.append((index, position))

    def _length(self, queued: int) -> int:
        if self.end is not None:
            return max(1, self.end - self.start)
        return max(queued - self.start, len(self.text) * BYTES_PER_CHARACTER)


class Playback:
    """A byte buffer that the media clock slices, and the text that each stretch of it says.

    Positions are bytes since the beginning of the turn. Not thread-safe: the owner locks.
    """

    def __init__(self) -> None:
        self._audio = bytearray()
        self._dropped = 0
        self._pieces: list[_Piece] = []
        self._queued = 0
        self._played = 0
        self._complete = False
        self._skipping = False

    def begin(self, text: str) -> None:
        """The audio that follows says `text`."""
        self._skipping = False
        self._pieces.append(_Piece(text, self._queued))

    def add(self, pcm: bytes) -> None:
        if not (self._complete or self._skipping):
            self._audio += pcm
            self._queued += len(pcm)

    def mark(self, word: SpokenWord) -> None:
        """When a word of the text begun last begins."""
        if self._pieces and not self._skipping:
            self._pieces[-1].mark(word)

    def end(self) -> None:
        """The audio of the text begun last is all there (an odd byte is evened out)."""
        if self._queued % 2:
            self.add(b"\0")
        self._pieces[-1].end = self._queued

    def skip(self) -> None:
        """What is queued is not played any more, nor what still comes of the text begun last."""
        for piece in self._pieces:
            if not piece.played_out(self._played):
                piece.text = piece.text[: piece.heard_until(self._played, self._queued)].rstrip()
                piece.start, piece.end = min(piece.start, self._played), self._played
        del self._audio[self._played - self._dropped :]
        self._queued = self._played
        self._skipping = True

    def complete(self) -> None:
        """Nothing more will come."""
        self._complete = True

    def complete_sentence(self) -> None:
        """Nothing more will come, and what is queued behind the current sentence is dropped."""
        self._complete = True
        index = self.pieces_begun - 1
        if index >= 0 and (end := self._pieces[index].end) is not None:
            del self._audio[max(self._played, end) - self._dropped :]
            del self._pieces[index + 1 :]
            self._queued = self._dropped + len(self._audio)

    def next_frame(self) -> bytes | None:
        """The next 20 ms; None when they are not there (yet). The last frame is filled with silence."""
        start = self._played - self._dropped
        left = self._queued - self._played
        if left < FRAME_BYTES and not (self._complete and left):
            return None
        frame = bytes(self._audio[start : start + FRAME_BYTES])
        self._played += len(frame)
        if start > 2 * REMEMBERED:
            del self._audio[:REMEMBERED]
            self._dropped += REMEMBERED
        return frame if len(frame) == FRAME_BYTES else frame.ljust(FRAME_BYTES, b"\0")

    def rewind(self) -> None:
        """Goes on with the word that was cut, from its beginning, as far back as is remembered."""
        for piece in self._pieces:
            if piece.start < self._played and not piece.played_out(self._played):
                position = piece.position_of(piece.heard_until(self._played, self._queued), self._queued)
                self._played = max(self._dropped, min(position, self._played))

    @property
    def ready(self) -> bool:
        """`next_frame` would give a frame."""
        left = self._queued - self._played
        return left >= FRAME_BYTES or (self._complete and left > 0)

    @property
    def finished(self) -> bool:
        return self._complete and self._played >= self._queued

    @property
    def ahead_ms(self) -> int:
        """How much audio is queued."""
        return (self._queued - self._played) // BYTES_PER_MS

    @property
    def pieces_begun(self) -> int:
        """How many of the texts have begun to sound."""
        return sum(1 for p in self._pieces if p.start < self._played)

    @property
    def pieces_played(self) -> int:
        """How many of the texts have been played to their end."""
        return sum(1 for p in self._pieces if p.played_out(self._played))

    @property
    def next_piece(self) -> int:
        """Index of the text that the next frame belongs to; -1 before the first."""
        return sum(1 for p in self._pieces if p.start <= self._played) - 1

    @property
    def in_last_piece(self) -> bool:
        """Nothing comes after the text that sounds now."""
        return self._complete and self.next_piece == len(self._pieces) - 1

    def heard(self) -> str:
        """The text that was played; of a sentence cut short the words that were played to their end."""
        return " ".join(filter(None, (self._split(p)[0] for p in self._pieces)))

    def unheard(self) -> str:
        """The rest of the texts begun, from the word that was cut."""
        return " ".join(filter(None, (self._split(p)[1] for p in self._pieces)))

    @property
    def texts(self) -> int:
        """How many texts were begun."""
        return len(self._pieces)

    def _split(self, piece: _Piece) -> tuple[str, str]:
        index = piece.heard_until(self._played, self._queued)
        return piece.text[:index].rstrip(), piece.text[index:].strip()


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
    to a digit, which no further speech can make uncertain. `firm`: announces what is done already, so that
    nobody interrupts it. `silent`: only what it does counts, its words are not spoken. `deferred` runs on
    commit.

    `yields`: what the caller said waits until a protected sentence has been played. `drafts`: answers to
    the same words that were begun before this one and dropped; `endpointing`: what decided that the words
    were over. `cut_ms`: when the caller cut in; `false_cuts`: when that turned out to be nothing.
    `tool_ms`: since when a function has been running, `tool_quiet`: one that acts on the call itself;
    `filled` and `filled_ms`: how many phrases have filled the wait, and when the last began. `interject`, on
    the loop: has the voice say a sentence more; None: it cannot.
    """

    kind: Kind
    said: UserInput | None = None
    text: str = ""
    caller: CallerTurn | None = None
    timing: Timing | None = None
    account: Account = field(default_factory=Account)
    end_reason: EndReason | None = None
    end_detail: str = ""
    pressed: bool = False
    firm: bool = False
    silent: bool = False
    fallback_voice_only: bool = False
    playback: Playback = field(default_factory=Playback)
    sentences: list[str] = field(default_factory=list)
    started_ms: int | None = None
    last_frame_ms: int = 0
    shown: int = 0
    committed: bool = False
    cancelled: bool = False
    deferred: list[Callable[[], None]] = field(default_factory=list)
    yields: bool = False
    drafts: int = 0
    endpointing: str = ""
    cut_ms: int = 0
    false_cuts: list[int] = field(default_factory=list)
    tool_ms: int | None = None
    tool_quiet: bool = False
    filled: int = 0
    filled_ms: int = 0
    interject: Callable[[str], None] | None = None
    task: asyncio.Task[None] | None = None

    @property
    def interruptible(self) -> bool:
        """Not once it is known to end the call, or its deed is being done: a `thank you, bye` over the
        goodbye is no new turn."""
        return self.end_reason is None and self.kind is not Kind.CLOSING and not self.firm

    def end_after(self) -> None:
        """The agent hangs up when this turn has been played."""
        if self.end_reason is None:
            self.end_reason = EndReason.AGENT_HUNG_UP

    def unheard(self) -> str:
        """What the caller has not heard, from the word that was cut."""
        return " ".join(filter(None, (self.playback.unheard(), *self.sentences[self.playback.texts :])))

    @property
    def asking(self) -> bool:
        """The last sentence sounds, and is a question: what the caller says now may answer it."""
        return self.playback.in_last_piece and self.sentences[-1].rstrip("\"'”’)").endswith(("?", "？"))

    def start_over(self) -> None:
        """Drops what was made of the reply so far, a goodbye too; none of it has been played."""
        self.end_reason = None
        self.playback = Playback()
        self.sentences = []
        self.deferred = []
        if self.timing is not None:
            self.timing.start_over()
