"""Which words belong to which utterance: a vendor hears one continuous stream, a conversation numbers what
the caller says. Pure: no socket, no clock.

Places in the stream are milliseconds of audio sent since the connection was made. A vendor's answers are
put to utterances by their place, so that what comes late for one never lands in the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from media_workers.providers.base import Transcript

SLACK_MS = 100
"""How far a vendor's idea of a place may be from ours."""
KEPT = 16
_ATTACHED = frozenset(".,;:!?")


@dataclass(slots=True)
class Utterance:
    """`ends_ms`: where its transcript was asked for. `texts` are final, `interim` may change. `language`: in
    which it is spoken, where the vendor tells."""

    number: int
    begins_ms: int
    ends_ms: int | None = None
    texts: list[str] = field(default_factory=list)
    interim: str = ""
    confidences: list[float] = field(default_factory=list)
    told: str = ""
    language: str = ""
    settled: bool = False

    @property
    def text(self) -> str:
        return " ".join(part for part in (*self.texts, self.interim) if part)

    @property
    def confidence(self) -> float | None:
        return sum(self.confidences) / len(self.confidences) if self.confidences else None


class Utterances:
    """Those of one connection. `tell` gets every new partial text, and one final text of each utterance
    that was asked for."""

    def __init__(self, tell: Callable[[Transcript], None]) -> None:
        self._tell = tell
        self._all: list[Utterance] = []
        self.heard_ms = -SLACK_MS - 1

    def begin(self, number: int, at_ms: int) -> None:
        """`number` was noticed at `at_ms`: its first sound may be anywhere since the one before ended."""
        before = self.current
        ended_ms = before.ends_ms if before is not None else None
        self._all.append(Utterance(number, at_ms if ended_ms is None else ended_ms))
        del self._all[:-KEPT]

    def ask(self, number: int, at_ms: int) -> None:
        """The final text of `number` is wanted; it is told at once when everything is final already."""
        for utterance in self._all:
            if utterance.number == number and utterance.ends_ms is None:
                utterance.ends_ms = at_ms
        self._settle_heard()

    def at(self, place_ms: float) -> Utterance | None:
        """The one that the audio at `place_ms` belongs to."""
        found = None
        for utterance in self._all:
            if found is None or utterance.begins_ms <= place_ms:
                found = utterance
        return found

    @property
    def current(self) -> Utterance | None:
        """The one begun last."""
        return self._all[-1] if self._all else None

    def numbered(self, number: int) -> Utterance | None:
        """The one of that number; a number that comes again (an utterance begun anew) is its last."""
        return next((u for u in reversed(self._all) if u.number == number), None)

    def waiting(self) -> Iterator[Utterance]:
        """Those asked for and not told, the oldest first."""
        return (u for u in list(self._all) if u.ends_ms is not None and not u.settled)

    def partial(self, utterance: Utterance | None, text: str) -> None:
        """What comes after its final texts sounds like `text` for now."""
        if utterance is not None and not utterance.settled:
            utterance.interim = text.strip()
            self._tell_partial(utterance)

    def add(self, utterance: Utterance | None, text: str, confidence: float | None = None) -> None:
        """`text` is final and follows its other final texts."""
        if utterance is None or utterance.settled:
            return
        utterance.interim = ""
        text = text.strip()
        if text and text[0] in _ATTACHED and utterance.texts:
            utterance.texts[-1] += text
        elif text:
            utterance.texts.append(text)
        if text and confidence is not None:
            utterance.confidences.append(confidence)
        self._tell_partial(utterance)

    def heard(self, until_ms: float) -> None:
        """Everything before `until_ms` is final."""
        self.heard_ms = max(self.heard_ms, round(until_ms))
        self._settle_heard()

    def settle(self, utterance: Utterance | None) -> None:
        """The vendor has said of `utterance` what it will: told as final if it was asked for."""
        if utterance is None or utterance.settled or utterance.ends_ms is None:
            return
        utterance.settled = True
        self._tell(
            Transcript(
                utterance.text,
                final=True,
                confidence=utterance.confidence,
                utterance=utterance.number,
                language=utterance.language,
            )
        )

    def _settle_heard(self) -> None:
        for utterance in self.waiting():
            if utterance.ends_ms is not None and utterance.ends_ms <= self.heard_ms + SLACK_MS:
                self.settle(utterance)

    def _tell_partial(self, utterance: Utterance) -> None:
        text = utterance.text
        if text and text != utterance.told:
            utterance.told = text
            self._tell(Transcript(text, final=False, utterance=utterance.number))
