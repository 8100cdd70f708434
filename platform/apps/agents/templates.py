"""Templates: whole configurations to begin an agent with, one JSON file each in `library/`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from apps.agents.configuration import parse_config
from apps.agents.model_keys import split_keys

LIBRARY = Path(__file__).parent / "library"
_ORDER = ["reception", "appointment", "survey", "reminder", "order_status", "assistant"]


@cache
def templates() -> list[dict[str, Any]]:
    """``{key, name, description, config}`` of each template; `config` is whole, with every default."""
    return [_template(key) for key in _ORDER]


def _template(key: str) -> dict[str, Any]:
    template = json.loads((LIBRARY / f"{key}.json").read_text())
    return {"key": key, **template, "config": split_keys(parse_config(template["config"]))[0]}
