"""What interrupts the agent: neither a `mhm` nor anything at all while a legal notice is read."""

from __future__ import annotations

from collections.abc import Sequence

from media_workers.contract.agent import TurnTaking
from media_workers.conversation.endpointing.completeness import tokens_of
from media_workers.conversation.endpointing.phrases import phrases_of

ALLOWANCE_MS = 300
"""Speech that lasts so much longer than `barge_in_min_speech_ms` is no `mhm`, whatever is known of its
words; twice as much when they have been a `mhm` so far, because transcripts lag behind."""

CERTAIN_MS = 1_000
"""Speech of this length is no cough: the agent's turn is over for good, even before there are words."""

FEWEST_WORDS = 3
"""A sentence belongs to a longer protected phrase from so many words on."""


class BargeIn:
    """When the caller's speech interrupts. Pure."""

    def __init__(self, rules: TurnTaking, language: str) -> None:
        self._rules = rules
        own = frozenset(" ".join(tokens_of(p)) for p in rules.backchannels)
        self._backchannels = own or phrases_of(language).backchannels
        self._longest = max((len(p.split()) for p in self._backchannels), default=0)

    def decides(self, speech_ms: int, text: str, *, final: bool) -> bool:
        """`text` is known so far of `speech_ms` of speech; `final`: nothing will be added to it."""
        shortest_ms = self._rules.barge_in_min_speech_ms
        if speech_ms < shortest_ms:
            return False
        if final:
            return bool(text) and not self.ignores(text)
        if not self._rules.ignore_backchannels:
            return True
        allowance_ms = ALLOWANCE_MS
        if text:
            if not self.ignores(text):
                return True
            allowance_ms *= 2
        return speech_ms >= shortest_ms + allowance_ms

    def ignores(self, text: str) -> bool:
        """Whether `text` is nothing but what a listener says."""
        return self._rules.ignore_backchannels and self._made_of(tokens_of(text))

    def _made_of(self, tokens: Sequence[str]) -> bool:
        """One backchannel after the other (`yes, okay`), up to three."""
        position = 0
        for _ in range(3):
            if position == len(tokens):
                break
            lengths = range(min(self._longest, len(tokens) - position), 0, -1)
            found = (n for n in lengths if " ".join(tokens[position : position + n]) in self._backchannels)
            if not (length := next(found, 0)):
                return False
            position += length
        return 0 < position == len(tokens)


class Protected:
    """Finds the sentences of a turn that are part of a protected phrase. Pure but for what it remembers
    of the text that it saw last."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self._phrases = [tokens for phrase in phrases if (tokens := tokens_of(phrase))]
        self._seen: tuple[int, int] = (0, 0)
        self._covered: frozenset[int] = frozenset()

    def covers(self, sentences: Sequence[str], index: int, turn: int) -> bool:
        """Whether `sentences[index]` must be played to its end. `turn` tells turns apart."""
        if not self._phrases:
            return False
        if self._seen != (turn, len(sentences)):
            self._seen = (turn, len(sentences))
            self._covered = frozenset(self._find(sentences))
        return index in self._covered

    def _find(self, sentences: Sequence[str]) -> set[int]:
        words: list[str] = []
        owners: list[int] = []
        for n, sentence in enumerate(sentences):
            tokens = tokens_of(sentence)
            words += tokens
            owners += [n] * len(tokens)
        covered: set[int] = set()
        for phrase in self._phrases:
            for start in range(len(words)):
                length = _common(phrase, words, start)
                # At the end of what there is, the rest of the phrase may still come.
                begun = start + length == len(words) and length >= FEWEST_WORDS
                if length == len(phrase) or begun:
                    covered.update(owners[start : start + length])
        return covered


def _common(phrase: Sequence[str], words: Sequence[str], start: int) -> int:
    """How many words of `phrase` stand at `start`."""
    length = 0
    for expected, word in zip(phrase, words[start : start + len(phrase)], strict=False):
        if expected != word:
            break
        length += 1
    return length
