"""A tenant's own headers as they are kept: JSON, encrypted."""

from __future__ import annotations

import json
from collections.abc import Mapping


def read_headers(kept: str) -> dict[str, str]:
    """Name and value, from what `write_headers` made."""
    return json.loads(kept) if kept else {}


def write_headers(headers: Mapping[str, str]) -> str:
    """What is kept of them."""
    return json.dumps(dict(headers)) if headers else ""
