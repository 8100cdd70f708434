"""Vendors that transcribe what lies in a buffer when it is committed: one commit for each utterance."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import ClassVar

from media_workers.providers.stt.sockets import SocketTranscription
from media_workers.providers.stt.stream import BYTES_PER_MS, Callbacks
from media_workers.providers.stt.utterances import Utterance
from media_workers.providers.websocket import Message


class CommitTranscription(SocketTranscription):
    """Commits are answered in the order in which they were sent."""

    least_ms: ClassVar[int]
    """A buffer with less audio is refused: silence is put after it."""

    def __init__(self, callbacks: Callbacks, *, model: str, secret: str = "") -> None:
        super().__init__(callbacks, model=model, secret=secret)
        self._committed: deque[int] = deque()
        self._buffered_ms = 0

    def _ask(self, number: int, at_ms: int) -> None:
        self._utterances.ask(number, at_ms)
        self._committed.append(number)
        if self._buffered_ms < self.least_ms:
            self._send_audio(bytes((self.least_ms - self._buffered_ms) * BYTES_PER_MS))
        self._buffered_ms = 0
        self._put(self._ending())

    def _send_audio(self, pcm: bytes) -> None:
        self._buffered_ms += len(pcm) // BYTES_PER_MS
        super()._send_audio(pcm)

    def _speaking_of(self) -> Utterance | None:
        """The one that the vendor's next words are of: the oldest committed, else the one being spoken."""
        if self._committed:
            return self._utterances.numbered(self._committed[0])
        return self._utterances.current

    def _answered(self) -> Utterance | None:
        """The one that an answer to a commit is of."""
        return self._utterances.numbered(self._committed.popleft()) if self._committed else None

    def _ending(self) -> Sequence[Message]:
        raise NotImplementedError
