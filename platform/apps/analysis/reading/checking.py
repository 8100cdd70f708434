"""A model's answer, believed as far as the transcript bears it out.

A value stays only with words that stand in a turn; what does not hold is a fault: the model is told of it
once, and after that the value is left out and says why.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

from jsonschema import Draft202012Validator

from apps.analysis.reading.schema import answer_schema, value_schema
from apps.analysis.results import Flag, Reason, Result, Source, Value
from apps.analysis.rules.patterns import BadPattern, matches
from apps.analysis.text import shortened, standing
from apps.analysis.transcript import Conversation
from media_workers.contract.analysis import CallAnalysis, ExtractionField

MOST = 100
"""Entries of a list that are kept."""

_LONGEST = 2_000
_NO_WORDS = "The model showed no words of the call for it."
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class Unfit(Exception):
    """A value that is not what its field takes; the text says why."""


def parsed(text: str) -> dict[str, Any] | None:
    """The JSON object in `text`, also in a fence; None: there is none."""
    begin, end = text.find("{"), text.rfind("}")
    try:
        found = json.loads(text[begin : end + 1]) if begin >= 0 else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


class Checked:
    """What of an answer holds (`result`), and what does not (`faults`, for the model)."""

    def __init__(
        self,
        answer: Mapping[str, Any],
        conversation: Conversation,
        fields: Sequence[ExtractionField],
        analysis: CallAnalysis,
    ) -> None:
        self.faults: list[str] = []
        self._answer = answer
        self._conversation = conversation
        self._form(answer_schema(fields, analysis))
        self.result = Result(
            values={field.name: self._value(field) for field in fields},
            summary=shortened(self._text("summary"), _LONGEST) if analysis.summary else "",
            outcome=self._outcome(analysis),
            reasons=self._reasons(analysis),
            sentiment=self._sentiment() if analysis.sentiment else [],
            sentiment_score=_score(answer.get("sentiment_score")) if analysis.sentiment else None,
            topics=self._topics(analysis),
            unanswered=self._unanswered() if analysis.unanswered else [],
            flags=self._flags(analysis),
        )

    def _form(self, schema: dict[str, Any]) -> None:
        for error in list(Draft202012Validator(schema).iter_errors(self._answer))[:20]:
            place = ".".join(map(str, error.absolute_path)) or "the answer"
            self.faults.append(f"{place}: {shortened(error.message, 200)}")

    # --- values -------------------------------------------------------------------------------------

    def _value(self, field: ExtractionField) -> Value:
        values = self._answer.get("values")
        told = values.get(field.name) if isinstance(values, dict) else None
        if not isinstance(told, dict):
            return Value(problem="The model said nothing of it.")
        try:
            return self._many(field, told) if field.many else self._one(field, told)
        except Unfit as why:
            self.faults.append(f"values.{field.name}: {why}")
            return Value(problem=shortened(f"The model's value was left out: {why}", 500))

    def _one(self, field: ExtractionField, told: Mapping[str, Any]) -> Value:
        if told.get("value") is None:
            return Value(problem=_said(told.get("problem")) or "The model found none.")
        value, source = fitting(field, told["value"]), self._source(told)
        return Value(value, source.turn, source.quote, _sure(told))

    def _many(self, field: ExtractionField, told: Mapping[str, Any]) -> Value:
        given = told.get("values")
        items = [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []
        found = [(fitting(field, item.get("value")), self._source(item)) for item in items[:MOST]]
        if not found:
            return Value(problem=_said(told.get("problem")) or "The model found none.")
        sources = tuple(source for _, source in found)
        values = [value for value, _ in found]
        return Value(values, sources[0].turn, sources[0].quote, _sure(told), sources=sources)

    def _source(self, told: Mapping[str, Any]) -> Source:
        """The words as they stand in the turn; if they stand in another one alone, it is that."""
        quote, turn = str(told.get("quote") or ""), told.get("turn")
        line = self._conversation.by_index.get(turn) if isinstance(turn, int) else None
        if line is not None and (found := standing(quote, line.text)):
            return Source(line.index, found)
        others = [(one, found) for one in self._conversation.lines if (found := standing(quote, one.text))]
        if len(others) == 1:
            return Source(others[0][0].index, others[0][1])
        if not quote.strip():
            raise Unfit(_NO_WORDS)
        raise Unfit(f"the words “{shortened(quote, 100)}” do not stand in turn {turn}.")

    # --- the rest -----------------------------------------------------------------------------------

    def _outcome(self, analysis: CallAnalysis) -> str:
        outcome = self._answer.get("outcome")
        return outcome if outcome in analysis.outcomes else ""

    def _reasons(self, analysis: CallAnalysis) -> list[Reason]:
        told = {item["name"]: item for item in self._items("criteria") if isinstance(item.get("name"), str)}
        reasons = []
        for criterion in analysis.criteria:
            item = told.get(criterion.name)
            if item is None or not isinstance(item.get("met"), bool):
                reasons.append(Reason(criterion.name, None, None, "The model did not judge it."))
            else:
                words = shortened(_said(item.get("why")), 500)
                reasons.append(Reason(criterion.name, item["met"], self._turn(item), words))
        return reasons

    def _sentiment(self) -> list[tuple[int, float]]:
        caller = {line.index for line in self._conversation.of("caller")}
        scores = {
            item["turn"]: score
            for item in self._items("sentiment", most=len(caller))
            if self._turn(item) in caller and (score := _score(item.get("score"))) is not None
        }
        return sorted(scores.items())

    def _topics(self, analysis: CallAnalysis) -> list[str]:
        told = self._answer.get("topics")
        return [topic.name for topic in analysis.topics if isinstance(told, list) and topic.name in told]

    def _unanswered(self) -> list[tuple[int, str]]:
        return [
            (turn, shortened(_said(item.get("question")), 300))
            for item in self._items("unanswered")
            if (turn := self._turn(item)) is not None and _said(item.get("question"))
        ]

    def _flags(self, analysis: CallAnalysis) -> list[Flag]:
        names = {rule.name for rule in analysis.compliance}
        return [
            Flag(item["name"], self._turn(item), shortened(_said(item.get("words")), 500))
            for item in self._items("flags")
            if item.get("name") in names
        ]

    def _items(self, part: str, most: int = MOST) -> list[dict[str, Any]]:
        told = self._answer.get(part)
        return [item for item in told if isinstance(item, dict)][:most] if isinstance(told, list) else []

    def _turn(self, item: Mapping[str, Any]) -> int | None:
        turn = item.get("turn")
        return turn if isinstance(turn, int) and turn in self._conversation.by_index else None

    def _text(self, part: str) -> str:
        return _said(self._answer.get(part))


def fitting(field: ExtractionField, value: Any) -> Any:
    """`value` as it is stored. Unfit when the field does not take it."""
    if not Draft202012Validator(value_schema(field)).is_valid(value):
        raise Unfit(f"{shortened(json.dumps(value, ensure_ascii=False), 100)} is no {field.type}.")
    try:
        return _SHAPES.get(field.type, _text)(field, value)
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise Unfit(f"“{shortened(str(value), 100)}” is no {field.type}.") from error


def _text(field: ExtractionField, value: Any) -> Any:
    if field.type == "string" and field.pattern:
        try:
            if not matches(field.pattern, value):
                raise Unfit(f"“{shortened(value, 100)}” does not match {field.pattern}.")
        except BadPattern as bad:
            raise Unfit(str(bad)) from None
    return value.strip()[:_LONGEST] if isinstance(value, str) else value


def _amount(_: ExtractionField, value: Any) -> Any:
    micros = int(Decimal(str(value["amount"])) * 1_000_000)
    return {"amount_micros": micros, "currency": str(value["currency"])[:3].upper()}


def _matching(pattern: re.Pattern[str], value: str) -> str:
    if not pattern.fullmatch(value):
        raise ValueError
    return value


_SHAPES: dict[str, Callable[[ExtractionField, Any], Any]] = {
    "date": lambda _, value: date.fromisoformat(value).isoformat(),
    "time": lambda _, value: time.fromisoformat(value).strftime("%H:%M"),
    "amount": _amount,
    "phone": lambda _, value: _matching(_E164, value),
    "email": lambda _, value: _matching(_EMAIL, value.lower()),
}


def _said(text: Any) -> str:
    return text.strip() if isinstance(text, str) else ""


def _sure(told: Mapping[str, Any]) -> float:
    sure = told.get("confidence")
    return min(1.0, max(0.0, float(sure))) if isinstance(sure, int | float) else 0.5


def _score(value: Any) -> float | None:
    return min(1.0, max(-1.0, float(value))) if isinstance(value, int | float) else None
