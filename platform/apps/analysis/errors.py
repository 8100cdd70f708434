"""What keeps a call from being analyzed."""

from __future__ import annotations


class ReadingFailed(Exception):
    """The text says why, for people, and holds neither keys nor what was said. `again_s`: it may work after
    so many seconds; None: not before somebody changes something. `status`: the vendor's, if it gave one."""

    def __init__(self, words: str, *, again_s: int | None = None, status: int | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.again_s = again_s
        self.status = status
