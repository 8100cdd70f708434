"""What a model is to answer, as a JSON schema that all vendors take: each property required, none besides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from media_workers.contract.analysis import CallAnalysis, ExtractionField

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TURN: Schema = {"type": "integer", "description": "The number in brackets before the turn."}
_TYPES: dict[str, Schema] = {
    "string": _TEXT,
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "description": "YYYY-MM-DD"},
    "time": {"type": "string", "description": "HH:MM, of 24 hours"},
    "phone": {"type": "string", "description": "E.164, like +12025550100"},
    "email": {"type": "string", "description": "An e-mail address in lower case"},
}


def answer_schema(fields: Sequence[ExtractionField], analysis: CallAnalysis) -> Schema:
    """Only with what is asked for."""
    parts: dict[str, Schema] = {}
    if fields:
        parts["values"] = _object({field.name: _value(field) for field in fields})
    if analysis.summary:
        parts["summary"] = _TEXT | {"description": "Two or three sentences."}
    if analysis.outcomes:
        parts["outcome"] = _or_null({"type": "string", "enum": analysis.outcomes})
    if analysis.criteria:
        parts["criteria"] = _list(
            name={"type": "string", "enum": [c.name for c in analysis.criteria]},
            met={"type": "boolean"},
            turn=_or_null(_TURN),
            why=_TEXT,
        )
    if analysis.sentiment:
        parts["sentiment"] = _list(turn=_TURN, score=_number("-1 (angry) to 1 (delighted)"))
        parts["sentiment_score"] = _number("-1 to 1, of the whole call")
    if analysis.topics:
        names = [topic.name for topic in analysis.topics]
        parts["topics"] = {"type": "array", "items": {"type": "string", "enum": names}}
    if analysis.unanswered:
        parts["unanswered"] = _list(turn=_TURN, question=_TEXT)
    if analysis.compliance:
        parts["flags"] = _list(
            name={"type": "string", "enum": [rule.name for rule in analysis.compliance]},
            turn=_or_null(_TURN),
            words=_TEXT,
        )
    return _object(parts)


def value_schema(field: ExtractionField) -> Schema:
    """Of one value of the field, as the model gives it."""
    if field.type == "enum":
        return {"type": "string", "enum": field.choices}
    if field.type == "amount":
        return _object(
            {"amount": {"type": "number"}, "currency": _TEXT | {"description": "ISO 4217, or empty"}}
        )
    return _TYPES[field.type]


def _value(field: ExtractionField) -> Schema:
    own = value_schema(field)
    source: dict[str, Schema] = {
        "turn": _or_null(_TURN),
        "quote": _TEXT | {"description": "The words of that turn, copied exactly; empty without a value."},
    }
    if field.many:
        each = {"type": "array", "items": _object({"value": own, **source})}
        return _described(field, {"values": each, "confidence": _number("0 to 1"), "problem": _PROBLEM})
    return _described(
        field, {"value": _or_null(own), **source, "confidence": _number("0 to 1"), "problem": _PROBLEM}
    )


_PROBLEM: Schema = {"type": "string", "description": "Without a value: why, in one sentence. Else empty."}


def _described(field: ExtractionField, properties: dict[str, Schema]) -> Schema:
    told = field.description or field.name.replace("_", " ")
    pattern = f" It matches {field.pattern}" if field.pattern else ""
    return _object(properties) | {"description": told + pattern}


def _number(description: str) -> Schema:
    return {"type": "number", "description": description}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _list(**properties: Schema) -> Schema:
    return {"type": "array", "items": _object(properties)}


def _object(properties: dict[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
