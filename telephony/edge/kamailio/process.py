"""How Kamailio is started: in the foreground, as whoever starts it, all its files in one folder."""

from __future__ import annotations

from pathlib import Path

from telephony.edge.kamailio.render import CONFIG

SHARED_MB = 128
PRIVATE_MB = 16


def command(folder: Path) -> list[str]:
    """The command line; the log goes to standard error."""
    return [
        "kamailio", "-DD", "-E", "-f", str(folder / CONFIG), "-Y", str(folder), "-w", str(folder),
        "-m", str(SHARED_MB), "-M", str(PRIVATE_MB),
    ]  # fmt: skip
