"""Plays the openings to `AnswerWatch`, all at once, and counts what it makes of them. Virtual time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from media_workers.audio.vad import VadEngine
from media_workers.conversation.answered_by.judge import Finding
from media_workers.conversation.answered_by.watch import AnswerWatch
from media_workers.conversation.endpointing import energy_of
from media_workers.providers.base import FRAME_MS, Transcript
from tests.media_workers.conversation.answered_by.openings import Rendered

PARTIAL_EVERY_MS = 600
LATE_MS = 300
"""What a transcriber knows, it knows so much later."""

FINAL_MS = 500


@dataclass
class Result:
    """`findings`: each with its time, in ms from the answer."""

    rendered: Rendered
    findings: list[tuple[int, Finding]] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        return self.findings[-1][1].verdict if self.findings else "unknown"

    @property
    def right(self) -> bool:
        return self.verdict == self.rendered.opening.label

    @property
    def ever(self) -> set[str]:
        """Every verdict that was given, the ones that were corrected too."""
        return {finding.verdict for _, finding in self.findings}

    @property
    def at_ms(self) -> int:
        """When the verdict was given that stood in the end."""
        return self.findings[-1][0] if self.findings else len(self.rendered.frames) * FRAME_MS


def play(openings: Sequence[Rendered], *, words: bool) -> list[Result]:
    """`words`: a transcriber hears every word, a little late; else nobody transcribes."""
    engine = VadEngine()
    results = [Result(opening) for opening in openings]
    calls = [
        (
            result,
            engine.open(),
            AnswerWatch(language="en-US", decide_within_ms=6_000),
            _transcripts(result.rendered),
        )
        for result in results
    ]
    for number in range(max(len(opening.frames) for opening in openings)):
        now_ms = (number + 1) * FRAME_MS
        for result, activity, watch, transcripts in calls:
            frames = result.rendered.frames
            if number >= len(frames):
                if number == len(frames):
                    activity.close()
                continue
            pcm = frames[number]
            while words and transcripts and transcripts[0][0] <= now_ms:
                watch.heard(transcripts.pop(0)[1])
            if (found := watch.feed(pcm, activity.feed(pcm), energy_of(pcm))) is not None:
                result.findings.append((now_ms, found))
    return results


def _transcripts(rendered: Rendered) -> list[tuple[int, Transcript]]:
    told = []
    for number, (begin, end, text) in enumerate(rendered.words, 1):
        parts = text.split()
        for at in range(begin + PARTIAL_EVERY_MS, end, PARTIAL_EVERY_MS):
            share = parts[: int(len(parts) * (at - begin) / (end - begin))]
            told.append((at + LATE_MS, Transcript(" ".join(share), final=False, utterance=number)))
        told.append((end + FINAL_MS, Transcript(text, final=True, utterance=number)))
    return sorted(told, key=lambda item: item[0])
