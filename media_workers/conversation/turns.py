"""The caller's side: utterances, and the turn that they make together."""

from __future__ import annotations

from dataclasses import dataclass, field

from media_workers.providers.base import Transcript


@dataclass(slots=True)
class Utterance:
    """Speech up to a pause. Times are monotonic ms; `asked_ms`: when its transcript was asked for."""

    number: int
    started_ms: int
    ended_ms: int
    speech_ms: int = 0
    asked_ms: int | None = None
    got_ms: int | None = None
    timed_out: bool = False
    partial: str = ""
    final: str | None = None
    confidence: float | None = None
    language: str = ""

    @property
    def settled(self) -> bool:
        """Its text is final, or has been waited for long enough."""
        return self.final is not None or self.timed_out

    @property
    def text(self) -> str:
        return self.partial if self.final is None else self.final


@dataclass(eq=False, slots=True)
class CallerTurn:
    """Utterances that no answer has come between.

    `whole`: each utterance was transcribed from the turn's beginning, so that the latest text stands
    for all. `decided_ms`: when the silence was long enough; None while the caller may go on.
    `endpointing`: which strategy found so, and why. `drafts`: answers begun and dropped, because the turn
    went on. `echo_ms` and `plain_ms`: how much of what was heard while the agent was audible was our own
    voice, and how much was not. `cut_in`: the turn interrupted the agent. `over_agent`: it
    began while the agent could be heard. `dropped`: nothing was understood and nothing was
    answered; only a transcript that arrives too late can still revive it.
    """

    whole: bool = False
    utterances: list[Utterance] = field(default_factory=list)
    decided_ms: int | None = None
    endpointing: str = ""
    drafts: int = 0
    echo_ms: int = 0
    plain_ms: int = 0
    over_agent: bool = False
    cut_in: bool = False
    dropped: bool = False

    def begin(self, number: int, started_ms: int, now_ms: int) -> None:
        self.utterances.append(Utterance(number, started_ms, now_ms))
        self.decided_ms = None
        self.dropped = False

    @property
    def last(self) -> Utterance:
        return self.utterances[-1]

    @property
    def settled(self) -> bool:
        """The text can be answered."""
        return self.last.settled if self.whole else all(u.settled for u in self.utterances)

    @property
    def text(self) -> str:
        texts = [text for u in self.utterances if (text := u.text.strip())]
        return texts[-1] if self.whole and texts else " ".join(texts)

    @property
    def confidence(self) -> float | None:
        """The lowest of its utterances that count; None when the vendor gives none."""
        counted = self.utterances[-1:] if self.whole else self.utterances
        return min((u.confidence for u in counted if u.confidence is not None), default=None)

    @property
    def language(self) -> str:
        """Of its last words, where the vendor tells."""
        return next((u.language for u in reversed(self.utterances) if u.language), "")

    @property
    def started_ms(self) -> int:
        return self.utterances[0].started_ms

    @property
    def ended_ms(self) -> int:
        return self.last.ended_ms

    @property
    def speech_ms(self) -> int:
        return sum(u.speech_ms for u in self.utterances)

    def take(self, transcript: Transcript, now_ms: int) -> bool:
        """Notes a transcript of one of the turn's utterances; False when it belongs to none of them or
        changes nothing. One that is called final before it was asked for may still go on."""
        for utterance in self.utterances:
            if utterance.number != transcript.utterance or utterance.final is not None:
                continue
            utterance.language = transcript.language or utterance.language
            if transcript.final and utterance.asked_ms is not None:
                utterance.final, utterance.confidence = transcript.text, transcript.confidence
                utterance.got_ms = now_ms
            else:
                utterance.partial = transcript.text
            return True
        return False

    def time_out(self, after_ms: int, now_ms: int) -> bool:
        """Stops waiting for transcripts asked for `after_ms` ago; True when that changed something."""
        late = [
            u
            for u in self.utterances
            if u.asked_ms is not None and not u.settled and now_ms - u.asked_ms >= after_ms
        ]
        for utterance in late:
            utterance.timed_out, utterance.got_ms = True, now_ms
        return bool(late)
