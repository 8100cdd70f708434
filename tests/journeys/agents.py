"""The agents of the journeys: as short as they can be and still talk."""

from __future__ import annotations

import json
from typing import Any

from config.local.environment import BASE_DIR

Config = dict[str, Any]

FALLBACK = "Sorry, there is a problem. Please call again later. Goodbye."
GREETING = "Hello, this is the reception. How can I help you?"
HOURS = "We are open from nine to five."
LONG_STORY = (
    "Our house was founded a long time ago by two sisters, who wanted to make a place where everybody "
    "is welcome. They began with a single room and one lamp, and every year they added another room, "
    "and another lamp, until the house was as large as it is today."
)


def reception(**changes: Any) -> Config:
    """Knows its opening hours and a long story, takes a key, and hangs up on goodbye."""
    branches = [
        {"phrases": ["what are your opening hours", "opening hours"], "reply": HOURS},
        {"phrases": ["tell me your story"], "reply": LONG_STORY},
        {"dtmf": "1", "set": {"confirmed": "yes"}, "reply": "Confirmed."},
        {"phrases": ["goodbye"], "reply": "Goodbye.", "action": "end_call"},
    ]
    return {
        "first_message": GREETING,
        "model": {"provider": "script", "nodes": {"start": {"expect": branches}}},
        "turn_taking": {"endpointing_ms": 300},
        **changes,
    }


def reminder(**changes: Any) -> Config:
    """The demo's agent for outbound calls, less patient with silence."""
    path = BASE_DIR / "platform" / "config" / "demo" / "reminder.json"
    config: Config = json.loads(path.read_text(encoding="utf-8"))
    config["silence"] = {"prompt_after_ms": 3_000, "prompts": ["Hello, can you hear me?"]}
    return config | changes


def dead_model(port: int) -> Config:
    """Its language model is at a port where nobody listens."""
    model = {
        "provider": "openai_compatible",
        "base_url": f"http://127.0.0.1:{port}/v1",
        "model": "none",
        "timeout_ms": 1_000,
    }
    return {
        "first_message": "Hello.",
        "model": model,
        "fallback_message": FALLBACK,
    }
