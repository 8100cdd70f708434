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
        self,
        transcript: str,
        confidence: float | None,
        *,
        until_ms: float,
        complete: bool = False,
        forced: bool = False,
        language: str = "",
    ) -> None:
        """The turn so far is `transcript`, which covers the audio up to `until_ms`. `complete`: it covers
        what was said, whatever its place; `forced`: because that was asked for."""
        oldest = next(self._utterances.waiting(), None) if forced else None
        utterance = oldest or self._whose(until_ms)
        if utterance is None:
            return
        given = sum(len(u.interim.split()) for u in self._of_turn if u.settled)
        if utterance not in self._of_turn:
            self._of_turn.append(utterance)
        utterance.language = language or utterance.language
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
        """The one spoken there. Those before it get no more, whether the vendor has spoken of them or not."""
        utterance = self._utterances.at(until_ms - 1)
        for older in self._utterances.waiting():
            if utterance is not None and older.begins_ms < utterance.begins_ms:
                self._utterances.settle(older)
        return utterance
