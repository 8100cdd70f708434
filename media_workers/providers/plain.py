"""Text from outside, made fit for everything it may reach: JSON, PostgreSQL, a voice, a screen."""

from __future__ import annotations

import re

_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters but tab and line ends; halves of surrogate pairs, which cannot be encoded."""


def plain(text: str) -> str:
    """`text` with a space for every character that is none. Takes time in proportion to its length: cut
    it first."""
    return _UNFIT.sub(" ", text)
