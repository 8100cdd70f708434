"""How a word sounds that the recogniser's dictionary does not know: names above all.

flite's letter-to-sound rules say it in the same phones. Where flite is not installed, such words stay
unknown.
"""

from __future__ import annotations

import re
import subprocess

LIMIT_S = 2.0
_SPELLED = re.compile(r"[a-z']{1,40}")
_OTHER_NAMES = {"ax": "AH"}


def guess(word: str) -> str:
    """Phones of `word` (lower case) as CMU's dictionary writes them; empty when nobody can tell. Blocks
    for some 10 ms."""
    if not _SPELLED.fullmatch(word):
        return ""
    try:
        said = subprocess.run(
            ["flite", "-voice", "kal", "-ps", "-t", word, "-o", "none"],
            capture_output=True,
            check=True,
            text=True,
            timeout=LIMIT_S,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return " ".join(_OTHER_NAMES.get(p, p.upper()) for p in said.stdout.split() if p != "pau")
