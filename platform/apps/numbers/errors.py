"""Failures of orders."""

from __future__ import annotations


class OrderFailed(Exception):
    """The order cannot be fulfilled, however often it is tried. Words for people; `code` for programs."""

    def __init__(self, words: str, *, code: str) -> None:
        super().__init__(words)
        self.words, self.code = words, code
