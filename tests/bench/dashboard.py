"""What a browser loads before the dashboard's first page stands: the files that index.html names.

Scripts, styles and what they import at once, each compressed as it is served. Fonts and pages that
are loaded later do not count. The build must be there: `scripts/frontend build`.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "frontend" / "dist"
_LOADED = re.compile(r"""(?:src|href)="/([^"]+\.(?:js|css))\"""")

Figure = dict[str, Any]


def run() -> list[Figure]:
    if not (DIST / "index.html").exists():
        subprocess.run([ROOT / "scripts" / "frontend", "build"], check=True)
    return [
        {
            "name": "dashboard.bundle_kb",
            "value": round(bundle_kb(DIST), 1),
            "unit": "KB",
            "better": "lower",
            "goal": None,
            "peer": None,
            "peer_value": None,
            "ratio": None,
        }
    ]


def bundle_kb(dist: Path) -> float:
    """The sum of the gzip sizes in KB (1000 bytes)."""
    return sum(len(gzip.compress((dist / name).read_bytes(), 9)) for name in first_load(dist)) / 1000


def first_load(dist: Path) -> set[str]:
    """The files of the first page, by their paths in `dist`: index.html, what it names, and their imports."""
    named = set(_LOADED.findall((dist / "index.html").read_text()))
    manifest = _manifest(dist)
    by_file = {chunk["file"]: chunk for chunk in manifest.values()}
    loaded, rest = {"index.html"}, list(named)
    while rest:
        name = rest.pop()
        if name in loaded:
            continue
        loaded.add(name)
        chunk = by_file.get(name, {})
        rest += [manifest[key]["file"] for key in chunk.get("imports", [])] + chunk.get("css", [])
    return loaded


def _manifest(dist: Path) -> dict[str, Any]:
    path = dist / ".vite" / "manifest.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found
