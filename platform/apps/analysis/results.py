"""What an extractor gives: the same of rules and of a model, as it is stored and shown."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

CALLER_DID_NOT_KNOW = "The caller did not know."


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from: the words `quote` stand so in the turn `turn`."""

    turn: int
    quote: str


@dataclass(frozen=True, slots=True)
class Value:
    """Of one field. `value` None: there is none, and `problem` says why. A value without a `turn` is one that
    the dialogue collected without the caller having said it so, like a key that was pressed. `sources`: of a
    list, one for each value."""

    value: Any = None
    turn: int | None = None
    quote: str = ""
    confidence: float = 0.0
    problem: str = ""
    sources: tuple[Source, ...] = ()

    def as_json(self) -> dict[str, Any]:
        told = asdict(self)
        told["confidence"] = round(self.confidence, 2)
        told["sources"] = [asdict(source) for source in self.sources]
        if not self.sources:
            del told["sources"]
        return told


@dataclass(frozen=True, slots=True)
class Reason:
    """Whether a criterion is met; None: the rules cannot tell."""

    criterion: str
    met: bool | None
    turn: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """`name` of the rule; `turn` where it was broken, None where something is missing."""

    name: str
    turn: int | None
    words: str


@dataclass(slots=True)
class Result:
    """`sentiment`: (turn, -1 to 1) of the caller's turns. `unanswered`: (turn, question)."""

    values: dict[str, Value] = field(default_factory=dict)
    summary: str = ""
    outcome: str = ""
    reasons: list[Reason] = field(default_factory=list)
    sentiment: list[tuple[int, float]] = field(default_factory=list)
    sentiment_score: float | None = None
    topics: list[str] = field(default_factory=list)
    unanswered: list[tuple[int, str]] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def success(self) -> bool | None:
        """Every criterion met; None without any, or when that of one that is left cannot be told."""
        told = [reason.met for reason in self.reasons]
        if not told:
            return None
        return False if False in told else None if None in told else True

    def as_columns(self) -> dict[str, Any]:
        """What `models.Analysis` keeps of it."""
        return {
            "values": {name: value.as_json() for name, value in self.values.items()},
            "summary": self.summary,
            "outcome": self.outcome,
            "success": self.success,
            "reasons": [asdict(reason) for reason in self.reasons],
            "sentiment": [{"turn": turn, "score": round(score, 2)} for turn, score in self.sentiment],
            "sentiment_score": None if self.sentiment_score is None else round(self.sentiment_score, 3),
            "topics": self.topics,
            "unanswered": [{"turn": turn, "question": question} for turn, question in self.unanswered],
            "flags": [asdict(flag) for flag in self.flags],
            "usage": {
                "prompt_tokens": self.prompt_tokens,
                "completion_tokens": self.completion_tokens,
            },
        }


def as_text(value: Any) -> str:
    """A value as somebody would compare it: ``yes``, ``2026-03-05``, ``12.50 USD``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict) and "amount_micros" in value:
        return f"{value['amount_micros'] / 1_000_000:.2f} {value.get('currency', '')}".strip()
    if isinstance(value, list):
        return ", ".join(as_text(one) for one in value)
    return str(value)


def equals(value: Any, wanted: str) -> bool:
    """Whether a value, or one of a list, is what somebody wrote as `wanted`; case does not count."""
    if isinstance(value, list):
        return any(equals(one, wanted) for one in value)
    text = wanted.strip().casefold()
    if isinstance(value, bool):
        return text in (("yes", "true", "1") if value else ("no", "false", "0"))
    return as_text(value).casefold() == text
