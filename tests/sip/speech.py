"""Recorded speech for SIPp: flite speaks, sox makes mu-law of it, a timeline puts it in place."""

from __future__ import annotations

import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

ULAW_BYTES_PER_MS = 8
SILENCE = b"\xff"


@lru_cache
def ulaw(text: str, voice: str = "rms") -> bytes:
    """`text` as raw 8000 Hz mu-law, silence at both ends trimmed. Never espeak: it is not understood."""
    with tempfile.TemporaryDirectory() as folder:
        wav, raw = Path(folder, "line.wav"), Path(folder, "line.ulaw")
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", wav], check=True, timeout=30)
        trim = ["silence", "1", "0.01", "0.5%", "reverse", "silence", "1", "0.01", "0.5%", "reverse"]
        encode = ["-t", "raw", "-r", "8000", "-e", "mu-law", "-c", "1", raw]
        subprocess.run(["sox", wav, *encode, *trim], check=True, timeout=30)
        return raw.read_bytes()


def timeline(*parts: str | int, voice: str = "rms") -> bytes:
    """Texts and pauses (ms) one after the other: `timeline(3000, "Goodbye.", 1000)`."""
    return b"".join(
        SILENCE * (part * ULAW_BYTES_PER_MS) if isinstance(part, int) else ulaw(part, voice) for part in parts
    )


def duration_ms(speech: bytes) -> int:
    """Length of mu-law."""
    return len(speech) // ULAW_BYTES_PER_MS
