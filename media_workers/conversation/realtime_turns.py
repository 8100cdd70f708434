"""The turns of a conversation with a model that hears and speaks itself: what is played, and the order in
which turns are told although transcripts come late."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from media_workers.conversation.speaking import BYTES_PER_CHARACTER, BYTES_PER_MS, AgentTurn, Kind, Playback
from media_workers.conversation.turns import CallerTurn, Utterance
from media_workers.providers.base import FRAME_BYTES


@dataclass(eq=False, slots=True)
class SpokenAnswer:
    """One answer of the model: its audio as it comes, and the words that it says, which come beside it.
    `complete`: nothing more will come."""

    id: str
    turn: AgentTurn
    text: str = ""
    complete: bool = False
    _audio: bytearray = field(default_factory=bytearray)
    _queued: int = 0
    _played: int = 0

    def add(self, pcm: bytes) -> None:
        self._audio += pcm
        self._queued += len(pcm)

    def next_frame(self) -> bytes | None:
        """The next 20 ms; None when they are not there (yet). The last frame is filled with silence."""
        if len(self._audio) < FRAME_BYTES and not (self.complete and self._audio):
            return None
        frame = bytes(self._audio[:FRAME_BYTES])
        del self._audio[:FRAME_BYTES]
        self._played += len(frame)
        return frame.ljust(FRAME_BYTES, b"\0")

    @property
    def finished(self) -> bool:
        return self.complete and not self._audio

    @property
    def ahead_ms(self) -> int:
        """How much audio waits to be played."""
        return len(self._audio) // BYTES_PER_MS

    @property
    def played_ms(self) -> int:
        return self._played // BYTES_PER_MS

    def heard(self) -> str:
        """The words that were played: whole ones, in proportion to the audio."""
        text = self.text.strip()
        if self.finished:
            return text
        length = self._queued if self.complete else max(self._queued, len(text) * BYTES_PER_CHARACTER)
        shown = len(text) * self._played // max(1, length)
        return text[: shown + 1].rpartition(" ")[0].strip()

    def report(self) -> AgentTurn:
        """The turn as it is told: what was heard, and nothing else."""
        playback = Playback()
        playback.begin(self.heard())
        playback.end()
        self.turn.playback = playback
        return self.turn


@dataclass(eq=False, slots=True)
class CallerWords:
    """A turn of the caller. `text` may still change until `settled`."""

    started_ms: int
    ended_ms: int
    text: str = ""
    settled: bool = False

    def report(self) -> CallerTurn:
        utterance = Utterance(1, self.started_ms, max(self.started_ms, self.ended_ms), final=self.text)
        return CallerTurn(utterances=[utterance])


class Order:
    """Turns are told in the order in which they began, each as soon as it and all before it are settled."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Callable[[], bool], Callable[[], None]]] = deque()

    def add(self, settled: Callable[[], bool], tell: Callable[[], None]) -> None:
        self._waiting.append((settled, tell))
        self.flush()

    def flush(self, *, all: bool = False) -> None:
        """`all`: also what is not settled and never will be."""
        while self._waiting and (all or self._waiting[0][0]()):
            self._waiting.popleft()[1]()


def agent_turn(kind: Kind) -> AgentTurn:
    return AgentTurn(kind, committed=True)
