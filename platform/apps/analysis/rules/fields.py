"""The value of one field: what the dialogue collected, else what was answered, else what was said.

Every value is a piece of a turn; what the rules cannot tell is left out, and the value says why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from apps.analysis.results import CALLER_DID_NOT_KNOW, Source, Value
from apps.analysis.rules import kinds, texts, yes_no
from apps.analysis.rules.asking import Spoken, answers, unasked
from apps.analysis.rules.found import Found, Setting
from apps.analysis.rules.patterns import BadPattern, matches
from apps.analysis.text import first_of, folded, listed, shortened, standing
from apps.analysis.transcript import Conversation, Line
from media_workers.contract.analysis import ExtractionField

ANYWHERE = 0.55
MOST_VALUES = 50
_PAST = frozenset(
    listed("birth born last previous past purchased bought ordered happened since ago started delivered")
)
_INSTEAD = re.compile(
    r"\b(?:no|sorry|actually|rather|instead|i mean|make (?:it|that)|correction|or rather|wait)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Hit:
    """A value found in a turn. `sure`: of the words, the place and the transcriber together."""

    line: Line
    found: Found
    sure: float

    @property
    def quote(self) -> str:
        return self.line.text[self.found.start : self.found.end]


class _Unclear(Exception):
    """Several values, and nothing that says which; the text says so."""


def extract(field: ExtractionField, conversation: Conversation, *, alone: bool = True) -> Value:
    """The field's value. `alone`: no other field has its type: a value said anywhere is this one's."""
    setting = setting_of(field, conversation)
    slot = _of_slot(field, conversation, setting)
    if slot.value is not None:
        return slot
    try:
        hits = _hits(field, conversation, setting, alone)
    except BadPattern as bad:
        return Value(problem=str(bad))
    except _Unclear as unclear:
        return Value(problem=str(unclear))
    if hits:
        return _value(field, hits)
    return Value(problem=slot.problem or _why_none(field, conversation))


def extract_all(fields: Sequence[ExtractionField], conversation: Conversation) -> dict[str, Value]:
    """The values of all fields, by name."""
    types = [field.type for field in fields]
    return {
        field.name: extract(field, conversation, alone=types.count(field.type) == 1 or bool(field.pattern))
        for field in fields
    }


def setting_of(field: ExtractionField, conversation: Conversation) -> Setting:
    own = {word for text in (field.name, field.description, *field.keywords) for word in folded(text)}
    return Setting(
        tongue=conversation.tongue,
        today=conversation.at.date(),
        country=conversation.country,
        past=bool(own & _PAST),
    )


# --- what the dialogue collected -------------------------------------------------------------------


def _of_slot(field: ExtractionField, conversation: Conversation, setting: Setting) -> Value:
    text = str(conversation.slots.get(field.slot or field.name) or "").strip()
    if not text:
        return Value()
    try:
        value = _read_slot(field, text, setting)
    except BadPattern as bad:
        return Value(problem=str(bad))
    if value is None:
        words = kinds.WORDS[field.type]
        return Value(
            problem=f"The dialogue collected “{shortened(text, 80)}”, which is no {words} that fits."
        )
    line = next((one for one in reversed(conversation.of("caller")) if standing(text, one.text)), None)
    quote = standing(text, line.text) if line else None
    whole = [value] if field.many else value
    source = (Source(line.index, quote),) if field.many and line and quote else ()
    return Value(whole, line.index if line else None, quote or "", 0.95, sources=source)


def _read_slot(field: ExtractionField, text: str, setting: Setting) -> object:
    if field.type == "string":
        return text if not field.pattern or matches(field.pattern, text) else None
    if field.type == "boolean" and text.lower() in ("true", "1", "false", "0"):
        return text.lower() in ("true", "1")
    if field.type == "enum" and text in field.choices:
        return text
    found = kinds.candidates(field, text, setting, asked=True)
    return found[0].value if len({_key(one.value) for one in found}) == 1 else None


# --- what was said ---------------------------------------------------------------------------------


def _hits(field: ExtractionField, conversation: Conversation, setting: Setting, alone: bool) -> list[_Hit]:
    """The values in the place that tells most; one, or several where the field takes a list."""
    for spoken in (answers(field, conversation), _volunteered(field, conversation)):
        found = _in_turns(field, spoken, setting)
        if found:
            return found
    if alone and kinds.is_telling(field):
        return _anywhere(field, conversation, setting)
    return []


def _volunteered(field: ExtractionField, conversation: Conversation) -> list[Spoken]:
    """Not for what only an answer can tell."""
    return [] if field.type == "boolean" else list(unasked(field, conversation))


def _in_turns(field: ExtractionField, spoken: list[Spoken], setting: Setting) -> list[_Hit]:
    """The last turn with a value counts: what comes later corrects what came before."""
    collected: list[_Hit] = []
    for one in reversed(spoken):
        hits = [_Hit(one.line, f, f.sure * one.weight * one.line.sure) for f in _found(field, one, setting)]
        if hits and not field.many:
            return [_one_of(hits)]
        collected = [*hits, *collected]
    return _different(collected)


def _found(field: ExtractionField, one: Spoken, setting: Setting) -> list[Found]:
    if one.question:
        return kinds.candidates(field, one.line.text, setting, asked=True)
    if field.type == "string" and not field.pattern:
        return texts.find_after(one.line.text, one.after)
    found = kinds.candidates(field, one.line.text, setting, asked=False)
    behind = [f for f in found if f.start >= one.after]
    return (behind or found[-1:])[: len(found) if field.many else 1]


def _anywhere(field: ExtractionField, conversation: Conversation, setting: Setting) -> list[_Hit]:
    hits = [
        _Hit(line, found, found.sure * ANYWHERE * line.sure)
        for line in conversation.of("caller")
        for found in kinds.candidates(field, line.text, setting, asked=False)
    ]
    different = _different(hits)
    if field.many or len(different) <= 1:
        return different
    raise _Unclear(_several(different))


def _one_of(hits: list[_Hit]) -> _Hit:
    """The one of a turn. Of several the last, when the words between take the first back."""
    different = _different(hits)
    if len(different) == 1:
        return hits[0]
    last, before = hits[-1], hits[-2]
    between = before.line.text[before.found.end : last.found.start]
    if _INSTEAD.search(between):
        return last
    raise _Unclear(_several(different))


def _different(hits: list[_Hit]) -> list[_Hit]:
    seen: dict[str, _Hit] = {}
    for hit in hits:
        seen.setdefault(_key(hit.found.value), hit)
    return list(seen.values())[:MOST_VALUES]


def _value(field: ExtractionField, hits: list[_Hit]) -> Value:
    first = hits[0]
    if not field.many:
        return Value(first.found.value, first.line.index, first.quote, first.sure)
    sources = tuple(Source(hit.line.index, hit.quote) for hit in hits)
    values = [hit.found.value for hit in hits]
    sure = min(hit.sure for hit in hits)
    return Value(values, first.line.index, first.quote, sure, sources=sources)


# --- why there is none -----------------------------------------------------------------------------


def _why_none(field: ExtractionField, conversation: Conversation) -> str:
    if not kinds.reads(field, conversation.tongue):
        words = kinds.WORDS[field.type]
        return f"The rules read a {words} in English only, and the call was in {conversation.language}."
    asked = answers(field, conversation)
    if not asked:
        return "It was not asked for, and the caller did not say it."
    if any(first_of(one.line.words, yes_no.DOES_NOT_KNOW) for one in asked):
        return CALLER_DID_NOT_KNOW
    last = asked[-1]
    return (
        f"The answer “{shortened(last.line.text, 120)}” has no {kinds.WORDS[field.type]} in it."
        if not field.pattern
        else f"The answer “{shortened(last.line.text, 120)}” does not fit the field's pattern."
    )


def _several(hits: list[_Hit]) -> str:
    said = "; ".join(f"“{shortened(hit.quote, 60)}”" for hit in _shown(hits))
    return f"Several were said, and the rules cannot tell which counts: {said}."


def _shown(hits: list[_Hit]) -> Iterator[_Hit]:
    yield from hits[:5]


def _key(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)
