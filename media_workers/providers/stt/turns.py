"""From a vendor's turns to the conversation's utterances.

Some vendors tell, again and again, what was said since the turn began, as they understand turns. A
conversation asks for utterances: of one such turn there may be several, and several turns in one.
"""

from __future__ import annotations

from media_workers.providers.stt.utterances import Utterance, Utterances


class TurnTexts:
    """Gives each utterance the words of the running turn that no utterance before it was given. Pure."""

    def __init__(self, utterances: Utterances) -> None:
        self._utterances = utterances
        self._of_turn: list[Utterance] = []

    def take(
        self, transcript: str, confidence: float | None, *, until_ms: float, complete: bool = False
    ) -> None:
        """The turn so far is `transcript`, which covers the audio up to `until_ms`. `complete`: it covers
        what was said, whatever its place."""
        utterance = self._whose(until_ms)
        if utterance is None:
            return
        given = sum(len(u.interim.split()) for u in self._of_turn if u.settled)
        if utterance not in self._of_turn:
            self._of_turn.append(utterance)
        self._utterances.partial(utterance, " ".join(transcript.split()[given:]))
        if confidence is not None:
            utterance.confidences[:] = [confidence]
        if complete:
            self._utterances.settle(utterance)
        self._utterances.heard(until_ms)

    def end(self) -> None:
        """The turn is over: the next transcript begins anew."""
        for utterance in self._of_turn:
            self._utterances.add(utterance, utterance.interim)
        self._of_turn.clear()

    def _whose(self, until_ms: float) -> Utterance | None:
        """The oldest that waits for its text, else the one that is being spoken."""
        for utterance in self._utterances.waiting():
            if utterance.begins_ms < until_ms:
                return utterance
        current = self._utterances.current
        return current if current is not None and current.begins_ms < until_ms else None
