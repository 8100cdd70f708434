"""Where the time between the caller's last word and the agent's first audio went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from media_workers.contract.events import LatencyParts, Moments


@dataclass(slots=True)
class Timing:
    """Moments of one answer, monotonic ms; None: has not happened (or does not exist: a pressed digit
    needs no transcript).

    The parts, each an integer number of ms:
    - `endpoint`: `speech_end` -> `decided`, the silence that had to pass before the turn was over.
    - `transcript`: `transcript_asked` -> `transcript_got`.
    - `retrieval`: `retrieval_asked` -> `retrieval_got`, in the agent's documents, before the model is asked.
    - `first_token`: `model_asked` -> `token_got`, those who were passed over included.
    - `sentence`: `token_got` -> `sentence_got`, while the model was still writing its first sentence.
    - `first_audio`: `voice_asked` -> `audio_got`, those who were passed over included.
    - `total`: `speech_end` -> `first_frame`: the tick of the media clock in which the first frame of the
      answer was handed to the media port, which sends it as a packet in the same tick.
    - `own`: `total` minus all the time in which at least one of these waits was going on. The waits
      overlap (the model works while the turn is not yet decided), so the parts may add up to more than
      `total`; `own` is what nobody but the engine can be blamed for, never negative.
    """

    speech_end: int
    decided: int | None = None
    transcript_asked: int | None = None
    transcript_got: int | None = None
    retrieval_asked: int | None = None
    retrieval_got: int | None = None
    model_asked: int | None = None
    token_got: int | None = None
    sentence_got: int | None = None
    voice_asked: int | None = None
    audio_got: int | None = None
    first_frame: int | None = None

    def start_over(self) -> None:
        """The vendors are asked again; the waits go on from where they began."""
        self.token_got = self.sentence_got = self.voice_asked = self.audio_got = None

    def looked_up(self, took_ms: int, now_ms: int) -> None:
        """Documents have been searched for `took_ms`: the model is asked only now. Counts once."""
        if self.retrieval_got is None and self.token_got is None:
            self.retrieval_asked, self.retrieval_got = now_ms - took_ms, now_ms
            self.model_asked = now_ms

    def parts(self) -> LatencyParts:
        endpoint = _span(self.speech_end, self.decided)
        transcript = _span(self.transcript_asked, self.transcript_got)
        retrieval = _span(self.retrieval_asked, self.retrieval_got)
        first_token = _span(self.model_asked, self.token_got)
        sentence = _span(self.token_got, self.sentence_got)
        first_audio = _span(self.voice_asked, self.audio_got)
        total = _span(self.speech_end, self.first_frame)
        waits = [w for w in (endpoint, transcript, retrieval, first_token, sentence, first_audio) if w]
        return LatencyParts(
            endpoint=_length(endpoint),
            transcript=_length(transcript),
            retrieval=_length(retrieval),
            first_token=_length(first_token),
            sentence=_length(sentence),
            first_audio=_length(first_audio),
            own=None if total is None else total[1] - total[0] - covered(waits, *total),
            total=_length(total),
        )

    def moments(self) -> Moments:
        """All of them, in ms after the end of speech."""

        def after(moment: int | None) -> int | None:
            return None if moment is None else max(0, moment - self.speech_end)

        return Moments(
            transcript_asked=after(self.transcript_asked),
            transcript=after(self.transcript_got),
            decided=after(self.decided),
            model_asked=after(self.model_asked),
            first_token=after(self.token_got),
            first_sentence=after(self.sentence_got),
            voice_asked=after(self.voice_asked),
            first_audio=after(self.audio_got),
            first_packet=after(self.first_frame),
        )


Span = tuple[int, int]


def covered(spans: Iterable[Span], start: int, end: int) -> int:
    """How much of [start, end] lies in at least one of the spans."""
    total, reached = 0, start
    for begin, until in sorted(spans):
        begin, until = max(begin, reached), min(until, end)
        if until > begin:
            total += until - begin
            reached = until
    return total


def _span(start: int | None, end: int | None) -> Span | None:
    return None if start is None or end is None or end < start else (start, end)


def _length(span: Span | None) -> int | None:
    return None if span is None else span[1] - span[0]
