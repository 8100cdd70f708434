"""Configurations as they were stored before vendors could be chosen, made whole. Frozen like a migration."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

DEFAULTS: dict[str, Any] = {
    "tools": [],
    "fallbacks": {"models": [], "voices": [], "transcribers": []},
    "sounds": {"comfort_noise": True, "ambience": "none", "ambience_db": -42, "thinking": "none"},
    "fillers": {"phrases": [], "after_ms": 1500},
    "max_duration_warning_ms": None,
    "max_duration_warning": "We have about one minute left.",
}
PARTS: dict[str, dict[str, Any]] = {
    "voice": {"model": "", "first_audio_ms": 2000, "extra": {}},
    "transcriber": {"model": "", "extra": {}},
    "turn_taking": {
        "endpointing_min_ms": 240,
        "endpointing_max_ms": 1400,
        "eager": True,
        "sensitivity": "medium",
        "ignore_backchannels": True,
        "backchannels": [],
        "resume_after_ms": 900,
        "protected_phrases": [],
    },
}
USUAL_SILENCE_MS = 450


def whole(config: dict[str, Any]) -> dict[str, Any]:
    """`config` with its functions beside the model and everything that is new at its default.

    Whoever had chosen a silence of their own keeps the fixed rule; the others get the adaptive one.
    """
    model = dict(config["model"])
    moved = {"tools": model.pop("tools")} if "tools" in model else {}
    if model.get("provider") == "openai_compatible":
        model = {"first_token_ms": 2500} | model
    found = DEFAULTS | config | {"model": model} | moved
    for part, defaults in PARTS.items():
        found[part] = defaults | config.get(part, {})
    turns = found["turn_taking"]
    usual = turns.get("endpointing_ms", USUAL_SILENCE_MS) == USUAL_SILENCE_MS
    found["turn_taking"] = {"endpointing": "adaptive" if usual else "fixed"} | turns
    return found


def split(config: dict[str, Any]) -> dict[str, Any]:
    """What `whole` has moved, moved back."""
    tools = {"tools": config["tools"]} if config["model"].get("provider") == "openai_compatible" else {}
    return {k: v for k, v in config.items() if k not in DEFAULTS} | {"model": config["model"] | tools}


def keys_by_place(api_key: str) -> str:
    """The key of a model as the keys of a configuration, by their places."""
    return json.dumps({"model": api_key}) if api_key else ""


def model_key(api_keys: str) -> str:
    """The model's among the keys of a configuration."""
    key: str = json.loads(api_keys).get("model", "") if api_keys else ""
    return key


def change_rows(model: Any, schema_editor: Any, changes: dict[str, Callable[[Any], Any]]) -> None:
    """Puts these columns of each row through their change."""
    with _untold(model, schema_editor):
        for row in model._base_manager.only(*changes).iterator(chunk_size=200):
            new = {name: change(getattr(row, name)) for name, change in changes.items()}
            model._base_manager.filter(pk=row.pk).update(**new)


@contextmanager
def _untold(model: Any, schema_editor: Any) -> Iterator[None]:
    """In the platform's scope, and without triggers: the audit log tells what people change, and a published
    version still says what it said."""
    table = schema_editor.quote_name(model._meta.db_table)
    schema_editor.execute("SELECT set_config('app.platform', 'on', true)")
    schema_editor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    schema_editor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    schema_editor.execute("SELECT set_config('app.platform', '', true)")
