"""A text of no particular form: what was answered, without the words that only lead to it."""

from __future__ import annotations

import re

from apps.analysis.rules.found import Found

LONGEST = 500
_LEADS = re.compile(
    r"^(?:\W*\b(?:yes|yeah|yep|sure|okay|ok|well|so|um+|uh+|erm|hi|hello|oh|right|of course|please|"
    r"ja|sí|oui)\b[\s,.!-]*)*"
    r"(?:(?:(?:my|the|our)\s+(?:[a-z]+\s+){0,2}(?:name|number|address|reason|code|id|birthday|e-?mail)"
    r"\s+(?:is|was)|my name['’]s|"
    r"it\s+is|it['’]s|that\s+is|that['’]s|this is|"
    r"i\s+am|i['’]m|i\s+would\s+like|i['’]d\s+like|i\s+want|it\s+was|name\s+is|"
    r"you\s+can\s+call\s+me|call\s+me|mein\s+name\s+ist|ich\s+hei(?:ß|ss)e|"
    r"me\s+llamo|je\s+m['’]appelle|mon\s+nom\s+est)\s+)?",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[\s,.;!?…]*(?:,?\s*(?:please|thank you|thanks)[\s.!]*)?$", re.IGNORECASE)
_NOTHING = re.compile(
    r"^\W*(?:yes|yeah|no|nope|okay|ok|sure|thanks|thank you|hello|hi|bye|goodbye|what|pardon|sorry|"
    r"excuse me|um+|uh+)?\W*$",
    re.IGNORECASE,
)
_AFTER = re.compile(r"^(?:\s*(?:number|code|name|id))?\s*(?:is|was|would be|['’]s|:|=)\s+", re.IGNORECASE)


def find(text: str) -> list[Found]:
    """The answer, at most one; none where there are no words in it, or nothing but politeness."""
    start = _LEADS.match(text).end()  # type: ignore[union-attr]
    return _trimmed(text, start, 0.8)


def find_after(text: str, end: int) -> list[Found]:
    """What is said to be it: ``my order number is ...``, with the words it is called by ending at `end`."""
    leads = _AFTER.match(text[end:])
    return _trimmed(text, end + leads.end(), 0.85) if leads else []


def _trimmed(text: str, start: int, sure: float) -> list[Found]:
    rest = text[start:]
    end = start + _TAIL.search(rest).start()  # type: ignore[union-attr]
    while start < end and not (text[start].isalnum() or text[start] in "#+("):
        start += 1
    value = text[start:end]
    if not value or _NOTHING.match(value) or len(value) > LONGEST or not re.search(r"\w", value):
        return []
    return [Found(value, start, end, sure)]
