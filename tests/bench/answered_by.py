"""How well, and how soon, it is told who answered: over the labelled set of openings, in virtual time.

`words`: a transcriber hears every word a little late; `no_words`: nobody transcribes, so that cadence and
tones decide alone. The rate that counts is that of people who are taken for a machine.
"""

from __future__ import annotations

from statistics import median
from typing import Any

from tests.media_workers.conversation.answered_by.openings import rendered
from tests.media_workers.conversation.answered_by.scoring import Result, play

Figure = dict[str, Any]

GOALS = {
    "words": {"human": 95.0, "machine": 95.0, "screening": 80.0, "menu": 85.0},
    "no_words": {"human": 95.0, "machine": 80.0},
}


def run() -> list[Figure]:
    """The figures of both ways to hear."""
    figures = []
    for name, words in (("words", True), ("no_words", False)):
        results = play(rendered(), words=words)
        figures += _accuracy(name, results)
        figures += _people(name, [r for r in results if r.rendered.opening.label == "human"])
        figures += _times(name, [r for r in results if r.right])
    return figures


def _accuracy(name: str, results: list[Result]) -> list[Figure]:
    figures = []
    for label, goal in GOALS[name].items():
        found = [r.right for r in results if r.rendered.opening.label == label]
        share = 100 * sum(found) / len(found)
        figures.append(_figure(f"{name}_{label}_right", share, "%", "higher", goal))
    return figures


def _people(name: str, people: list[Result]) -> list[Figure]:
    wrong = [r for r in people if r.ever & {"machine", "screening", "menu"}]
    share = 100 * len(wrong) / len(people)
    return [_figure(f"{name}_people_taken_for_machines", share, "%", "lower", 0.0)]


def _times(name: str, right: list[Result]) -> list[Figure]:
    times = sorted(r.at_ms for r in right)
    return [
        _figure(f"{name}_verdict_p50_ms", median(times), "ms", "lower", None),
        _figure(f"{name}_verdict_p95_ms", times[len(times) * 95 // 100], "ms", "lower", None),
    ]


def _figure(name: str, value: float, unit: str, better: str, goal: float | None) -> Figure:
    return {
        "name": f"answered_by.{name}",
        "value": value,
        "unit": unit,
        "better": better,
        "goal": goal,
        "peer": None,
        "peer_value": None,
        "ratio": None,
    }
