"""What a listen node expects, and which of it was said or pressed."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from media_workers.contract.flow import ListenNode, ScriptBranch
from media_workers.contract.part import fill
from media_workers.providers.llm.phrases import MAX_EXPANSIONS, Match, Phrase, expand
from media_workers.providers.words import words

log = logging.getLogger(__name__)

Heard = tuple[ScriptBranch, Mapping[str, str]]
"""The branch, and the slots that its phrase had in it."""


class Listener:
    """A listen node against the values of its slots, with the call's variables filled in."""

    def __init__(
        self, name: str, node: ListenNode, slots: Mapping[str, Sequence[str]], variables: Mapping[str, str]
    ) -> None:
        self._node = node
        patterns = [[fill(phrase, variables) for phrase in branch.phrases] for branch in node.expect]
        self._phrases = [[Phrase(pattern, slots) for pattern in row] for row in patterns]
        found = [phrase for row in patterns for pattern in row for phrase in expand(pattern, slots)]
        if len(found) > MAX_EXPANSIONS:
            log.warning("node %s expects %d phrases; %d are listened for", name, len(found), MAX_EXPANSIONS)
        self.expected = found[:MAX_EXPANSIONS]

    @property
    def takes_keys(self) -> bool:
        return any(branch.dtmf is not None for branch in self._node.expect)

    def pressed(self, digits: str) -> Heard | None:
        """Of several digits the first that is expected counts."""
        branches = {branch.dtmf: branch for branch in reversed(self._node.expect)}
        return next(((branches[digit], {}) for digit in digits if digit in branches), None)

    def spoken(self, text: str) -> Heard | None:
        """The branch that fits best; of equals the first."""
        heard = words(text)
        best: tuple[ScriptBranch, Match] | None = None
        for branch, phrases in zip(self._node.expect, self._phrases, strict=True):
            for phrase in phrases:
                match = phrase.match(heard)
                if match and (best is None or match.score > best[1].score):
                    best = branch, match
        return (best[0], best[1].slots) if best else None
