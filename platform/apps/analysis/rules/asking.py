"""Which of the agent's questions a field is about, and where the caller speaks of it unasked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from apps.analysis.text import folded, listed, places
from apps.analysis.transcript import Conversation, Exchange, Line
from media_workers.contract.analysis import ExtractionField

_EMPTY = frozenset(
    listed(
        """a an and any are as at be been by call called caller callee can could customer did do does for
    from give given has have he her his how i if in is it its like may me my of on or our person
    please said say says she so than that the their them they this to told us value was we what when
    where whether which who will with would you your wants want wanted asked asks ask number text yes
    no true false e g etc der die das und ein eine"""
    )
)
_PLURAL = 4


@dataclass(frozen=True, slots=True)
class Spoken:
    """A turn of the caller's, how much speaks for its being about the field (0 to 1), and the question that
    it answers ("": it answers none). `after`: where in the turn the field's own words end."""

    line: Line
    weight: float
    question: str = ""
    after: int = 0


def answers(field: ExtractionField, conversation: Conversation) -> list[Spoken]:
    """Answers to questions with the field's keywords; where it has none, or none was asked, to those with
    words of its name or its description. In the order of the call."""
    by_keyword = list(_answers(field.keywords, conversation, 0.95))
    return by_keyword or list(_answers_to_own_words(field, conversation))


def unasked(field: ExtractionField, conversation: Conversation) -> Iterator[Spoken]:
    """Turns in which the caller uses the field's keywords, or the words of its name."""
    for weight, phrases in ((0.85, field.keywords), (0.75, [field.name])):
        for line in conversation.of("caller"):
            for phrase in phrases:
                for _, after in places(line.words, folded(phrase))[:1]:
                    yield Spoken(line, weight, after=line.words[after - 1].end)


def _answers(phrases: list[str], conversation: Conversation, weight: float) -> Iterator[Spoken]:
    wanted = [folded(phrase) for phrase in phrases]
    for exchange in conversation.exchanges:
        if any(places(line.words, phrase) for line in exchange.asked for phrase in wanted):
            yield from _of(exchange, weight)


def _answers_to_own_words(field: ExtractionField, conversation: Conversation) -> Iterator[Spoken]:
    name, described = _own(field.name), _own(field.description) - _own(field.name)
    enough = min(2, len(described))
    for exchange in conversation.exchanges:
        asked = {_stem(word.folded) for line in exchange.asked for word in line.words}
        of_name, of_description = len(name & asked), len(described & asked)
        if name and of_name == len(name):
            yield from _of(exchange, 0.85)
        elif of_name or (enough and of_description >= enough):
            yield from _of(exchange, 0.7)


def _of(exchange: Exchange, weight: float) -> Iterator[Spoken]:
    question = " ".join(line.text for line in exchange.asked)
    for line in exchange.answered:
        yield Spoken(line, weight, question)


def _own(text: str) -> set[str]:
    return {_stem(word) for word in folded(text) if word not in _EMPTY and len(word) > 1}


def _stem(word: str) -> str:
    """Without the ending of a plural: `names` asks for a `name`."""
    return word[:-1] if len(word) >= _PLURAL and word.endswith("s") and not word.endswith("ss") else word
