"""What a collect node asks for, and the value in what was said or pressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from media_workers.contract.flow import CollectNode
from media_workers.contract.part import fill
from media_workers.contract.tools import KeyInput
from media_workers.providers.base import UserInput
from media_workers.providers.llm.flow import spoken
from media_workers.providers.llm.phrases import ANY_DIGITS, Match, Phrase
from media_workers.providers.words import words

KEYS_PAUSE_MS = 4_000
"""Between two keys of a number that somebody reads from a paper."""

YES_KEY, NO_KEY = "1", "2"


@dataclass(frozen=True, slots=True)
class _Choice:
    text: str
    phrase: Phrase


class Collector:
    """A collect node, with the call's variables filled in."""

    def __init__(self, node: CollectNode, variables: Mapping[str, str], language: str) -> None:
        self._node = node
        self._language = language
        texts = [fill(choice, variables) for choice in node.choices]
        self._choices = [_Choice(text, Phrase(text, {})) for text in texts]

    @property
    def expected(self) -> list[str]:
        """For a transcriber that must know what to expect; empty when anything may come."""
        if self._node.by == "keys":
            return []
        match self._node.type:
            case "choice":
                return [choice.text for choice in self._choices]
            case "yes_no":
                return spoken.consents(self._language)
            case "digits":
                return [ANY_DIGITS]
        return []

    @property
    def key_input(self) -> KeyInput:
        node = self._node
        length = node.max_digits
        if node.type == "yes_no" or node.by == "voice":
            length = 1
        elif node.type == "choice":
            length = len(str(max(1, len(node.choices))))
        terminator = node.terminator if length > 1 else ""
        return KeyInput(
            length=length, terminator=terminator, timeout_ms=KEYS_PAUSE_MS, sensitive=node.sensitive
        )

    def value(self, said: UserInput) -> str | None:
        """None: it was not understood, or is not what was asked for."""
        if said.dtmf:
            return self._pressed(said.dtmf) if self._node.by != "voice" else None
        return self._spoken(said.text) if said.text and self._node.by != "keys" else None

    def _pressed(self, keys: str) -> str | None:
        node = self._node
        if node.terminator and keys.endswith(node.terminator):
            keys = keys[: -len(node.terminator)]
        match node.type:
            case "yes_no":
                return {YES_KEY: "yes", NO_KEY: "no"}.get(keys)
            case "choice":
                number = int(keys) if keys.isdecimal() else 0
                return self._choices[number - 1].text if 0 < number <= len(self._choices) else None
            case "number":
                return keys.lstrip("0") or "0" if self._fits(keys) else None
        return keys if self._fits(keys) else None

    def _spoken(self, text: str) -> str | None:
        match self._node.type:
            case "yes_no":
                return spoken.yes_or_no(text, self._language)
            case "choice":
                return self._chosen(text)
            case "number":
                return spoken.number(text, self._language)
            case "digits":
                digits = spoken.digits(text, self._language)
                return digits if self._fits(digits) else None
        return text.strip() or None

    def _fits(self, digits: str) -> bool:
        return digits.isdecimal() and self._node.min_digits <= len(digits) <= self._node.max_digits

    def _chosen(self, text: str) -> str | None:
        """The choice that fits best; of equals the first."""
        heard = words(text)
        best: tuple[str, Match] | None = None
        for choice in self._choices:
            match = choice.phrase.match(heard) if heard else None
            if match and (best is None or match.score > best[1].score):
                best = choice.text, match
        return best[0] if best else None
