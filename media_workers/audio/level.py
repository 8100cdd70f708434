"""How loud audio is. Pure."""

from __future__ import annotations

from typing import Final

SILENT_PEAK: Final = 16
"""What G.711 makes of digital silence is 0 (PCMU) or 8 (PCMA); a microphone's noise is above this."""


def is_sound(pcm: bytes) -> bool:
    """Whether 16-bit samples hold anything but digital silence."""
    samples = memoryview(pcm).cast("h")
    return bool(samples) and max(max(samples), -min(samples)) > SILENT_PEAK
