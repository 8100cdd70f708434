"""How many parts a text message is sent in, which is what carriers count (3GPP TS 23.038 and 23.040)."""

from __future__ import annotations

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE = frozenset("\f^{}\\[~]|€")
"""Of the extension table: each takes the room of two."""


def parts_of(text: str) -> int:
    """160 characters of the GSM alphabet fit into one, or 153 into each of several; of a text with any other
    character 70 UTF-16 units, or 67."""
    if all(c in _BASIC or c in _TWICE for c in text):
        return _parts(len(text) + sum(c in _TWICE for c in text), 160, 153)
    return _parts(len(text.encode("utf-16-be")) // 2, 70, 67)


def _parts(units: int, alone: int, together: int) -> int:
    return 1 if units <= alone else -(-units // together)
