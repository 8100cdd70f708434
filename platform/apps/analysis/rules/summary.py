"""A call in three sentences, put together from what is known of it."""

from __future__ import annotations

from collections.abc import Mapping

from apps.analysis.results import Value, as_text
from apps.analysis.rules.questions import is_question
from apps.analysis.text import shortened
from apps.analysis.transcript import Conversation

_FEWEST_WORDS = 4
_SHOWN_VALUES = 12


def summary(conversation: Conversation, values: Mapping[str, Value]) -> str:
    """What the caller wanted, what was asked and collected, and how it ended; no opinion."""
    parts = [
        _wanted(conversation),
        _asked(conversation),
        _collected(conversation, values),
        _ended(conversation),
    ]
    return " ".join(part for part in parts if part)


def _wanted(conversation: Conversation) -> str:
    """The first thing of some length that the caller said, in their words."""
    said = [line for line in conversation.of("caller") if not line.keys]
    if not said:
        return "The caller said nothing."
    first = next((line for line in said if len(line.words) >= _FEWEST_WORDS), said[0])
    return f"The caller said: “{shortened(first.text, 200)}”."


def _asked(conversation: Conversation) -> str:
    asked = sum(1 for line in conversation.of("caller") if is_question(line))
    own = sum(line.text.count("?") for line in conversation.of("agent"))
    parts = []
    if own:
        parts.append(f"the agent asked {own} question{'s' if own > 1 else ''}")
    if asked:
        parts.append(f"the caller asked {asked}")
    text = ", ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _collected(conversation: Conversation, values: Mapping[str, Value]) -> str:
    known = {name: as_text(value.value) for name, value in values.items() if value.value not in (None, [])}
    known = {**{name: str(text) for name, text in conversation.slots.items() if text}, **known}
    if not known:
        return ""
    shown = [f"{name}: {shortened(text, 80)}" for name, text in list(known.items())[:_SHOWN_VALUES]]
    return f"Collected: {'; '.join(shown)}."


def _ended(conversation: Conversation) -> str:
    seconds = round(conversation.duration_ms / 1_000)
    length = f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"
    ended = conversation.ended.strip().rstrip(".")
    return f"It lasted {length}: {ended[0].lower()}{ended[1:]}." if ended else f"It lasted {length}."
