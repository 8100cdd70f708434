"""What the fakes of transcribers have in common: the audio of a call, heard piece by piece."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from tests.fakes.hearing import Hear, saying
from tests.fakes.websocket_server import WebSocketServer

BYTES_PER_MS = 16


class ListeningServer(WebSocketServer):
    """Linear PCM at 8 kHz. `hear` says what there is in a piece of audio; `final_ms`: how long a final
    transcript takes; `interim_ms`: a partial one comes after so much audio, 0: none."""

    def __init__(self, hear: Hear | None = None, *, final_ms: int = 0, interim_ms: int = 0) -> None:
        super().__init__()
        self.hear = hear or saying(("yes please",))
        self.final_ms = final_ms
        self.interim_ms = interim_ms

    def reset(self) -> None:
        super().reset()
        self.final_ms = self.interim_ms = 0

    async def think(self) -> None:
        """The time that a final transcript takes."""
        await asyncio.sleep(self.final_ms / 1000)


@dataclass
class Piece:
    """The audio since the last final transcript; `begins_ms` is its place in the stream."""

    server: ListeningServer
    number: int = 0
    begins_ms: int = 0
    pcm: bytearray = field(default_factory=bytearray)
    told: int = 0

    @property
    def length_ms(self) -> int:
        return len(self.pcm) // BYTES_PER_MS

    @property
    def ends_ms(self) -> int:
        return self.begins_ms + self.length_ms

    @property
    def text(self) -> str:
        return self.server.hear(self.number, bytes(self.pcm))

    def add(self, pcm: bytes) -> bool:
        """Takes audio; True when a partial transcript is due."""
        self.pcm += pcm
        every = self.server.interim_ms
        if not every or self.length_ms // every == self.told:
            return False
        self.told = self.length_ms // every
        return True

    def finish(self) -> tuple[str, int, int]:
        """Text, begin and end in ms; the next piece begins."""
        text, begins_ms, ends_ms = self.text, self.begins_ms, self.ends_ms
        self.number += 1
        self.begins_ms = ends_ms
        self.pcm.clear()
        self.told = 0
        return text, begins_ms, ends_ms


def timed(text: str, begins_ms: int, ends_ms: int) -> list[tuple[str, float, float]]:
    """The words of `text` spread evenly over its time: word, begin and end in ms."""
    words = text.split()
    each = (ends_ms - begins_ms) / max(1, len(words))
    return [(word, begins_ms + each * i, begins_ms + each * (i + 1)) for i, word in enumerate(words)]
