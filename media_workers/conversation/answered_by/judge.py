"""From what was heard to who answered. Pure.

Everything heard gives points; the points make probabilities (a softmax, with one for `cannot tell`). They
lean to people: whoever is not sure to be a machine is answered like a person, since a machine that is talked
to costs seconds, and a person who is hung up on is lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from media_workers.conversation.answered_by.cadence import Cadence
from media_workers.conversation.answered_by.lexicon import CERTAIN, LIKELY, Kind, Sign

Verdict = Literal["human", "machine", "screening", "menu", "unknown"]

SURE: Final = {"human": 0.6, "machine": 0.85, "screening": 0.75, "menu": 0.75}
"""How probable each must be to be the verdict."""

SETTLED_MS: Final = 900
"""So long after its last word an utterance is over, and whoever it was waits for an answer."""

HELLO_MS, GREETING_MS, LONG_MS = 1_300, 2_600, 4_200
RECITED_MS, ENDLESS_MS = 6_800, 9_500
"""`Hello?`, `Anna speaking, hello?`, a company's greeting; nobody who answers speaks on for seven seconds."""

BEEP: Final = 6.0
LONE_BEEP: Final = 1.0
ALONE_MS: Final = 1_500
"""After a beep and so much silence nobody is there but a machine."""

MOST_FROM_WORDS: Final = 7.0


@dataclass(frozen=True, slots=True)
class Finding:
    """Who answered, as far as one can tell. `signals`: what spoke for it, in words, the strongest first."""

    verdict: Verdict
    confidence: float
    signals: tuple[str, ...] = ()


UNKNOWN: Final = Finding("unknown", 0.0)


@dataclass(slots=True)
class Evidence:
    """All that is known of an opening. `beeps`: heard after speech; `lone_beeps`: heard before any.
    `fax`, `sit`: what was heard of those. `answers`: how often they spoke in answer to the agent. `quiet_ms`:
    since the last speech or tone."""

    cadence: Cadence = field(default_factory=Cadence)
    signs: Sequence[Sign] = ()
    beeps: int = 0
    lone_beeps: int = 0
    fax: bool = False
    sit: str = ""
    answers: int = 0
    quiet_ms: int = 0


@dataclass(slots=True)
class _Points:
    of: dict[Verdict, float]
    why: list[tuple[float, Verdict, str]] = field(default_factory=list)

    def give(self, to: Verdict, points: float, why: str) -> None:
        self.of[to] += points
        self.why.append((points, to, why))


def judge(evidence: Evidence) -> Finding:
    """The verdict as things stand; `unknown` while nothing is probable enough."""
    points = _Points({"human": 0.4, "machine": -0.4, "screening": -1.0, "menu": -1.0, "unknown": 1.0})
    _tones(evidence, points)
    _rhythm(evidence.cadence, points, held=_certain(evidence, "hold"))
    _words(evidence, points)
    if evidence.answers:
        points.give("human", min(2.0, 1.0 * evidence.answers), "answers when spoken to")
    total = sum(math.exp(p) for p in points.of.values())
    best: Verdict = max(points.of, key=lambda verdict: points.of[verdict])
    confidence = math.exp(points.of[best]) / total
    if best == "unknown" or confidence < SURE[best]:
        return UNKNOWN
    return Finding(best, round(confidence, 2), _reasons(points, best))


def _tones(evidence: Evidence, points: _Points) -> None:
    if evidence.beeps and not _certain(evidence, "screening"):
        points.give("machine", BEEP, "a beep")
    elif evidence.lone_beeps:
        alone = not evidence.cadence.said and evidence.quiet_ms >= ALONE_MS
        points.give("machine", BEEP if alone else LONE_BEEP, "a beep before any word")
    if evidence.fax:
        points.give("machine", BEEP, "a fax tone")
    if evidence.sit:
        points.give("machine", BEEP, f"special information tones ({evidence.sit})")


def _rhythm(cadence: Cadence, points: _Points, *, held: bool) -> None:
    """`held`: they say that somebody else is coming."""
    longest, spoken = cadence.longest_ms, cadence.spoken_ms
    if not cadence.said:
        return
    if longest >= ENDLESS_MS or spoken >= ENDLESS_MS:
        points.give("machine", 4.6, f"spoke for {_seconds(max(longest, spoken))} s at once")
    elif longest >= RECITED_MS:
        points.give("machine", 3.2, f"spoke for {_seconds(longest)} s without a pause")
    if cadence.steady and spoken >= RECITED_MS:
        points.give("machine", 0.3, "speaks at one level")
    if held or (cadence.silent_ms < SETTLED_MS and not cadence.over):
        return
    if spoken <= HELLO_MS:
        points.give("human", 2.2, f"said {_seconds(spoken)} s and waits")
    elif spoken <= GREETING_MS:
        points.give("human", 1.6, f"said {_seconds(spoken)} s and waits")
    elif spoken <= LONG_MS:
        points.give("human", 0.8, f"said {_seconds(spoken)} s and waits")
    if cadence.over and GREETING_MS < spoken < RECITED_MS:
        points.give("human", 0.8 if spoken <= LONG_MS else 1.5, "waits for an answer")


def _words(evidence: Evidence, points: _Points) -> None:
    """The strongest phrase counts in full, each further one a little; a mere greeting for next to nothing,
    because machines greet as well."""
    kinds: tuple[Literal["machine", "screening", "menu", "human"], ...] = (
        "machine",
        "screening",
        "menu",
        "human",
    )
    for kind in kinds:
        signs = sorted((s for s in evidence.signs if s.kind == kind), key=lambda s: -s.weight)
        if not signs:
            continue
        sum_ = sum(s.weight * (1.0 if n == 0 else 0.45) for n, s in enumerate(signs))
        if kind == "human" and signs[0].weight < LIKELY:
            sum_ = min(sum_, 0.6)
        points.give(kind, min(MOST_FROM_WORDS, sum_), "“" + "”, “".join(s.phrase for s in signs[:3]) + "”")
    if _certain(evidence, "machine") and _certain(evidence, "menu"):
        # `Press one for more options` is how voicemail ends.
        points.of["menu"] -= 3.0
    if _certain(evidence, "screening"):
        points.of["machine"] -= 2.0
        points.of["menu"] -= 2.0


def _certain(evidence: Evidence, kind: Kind) -> bool:
    return any(sign.kind == kind and sign.weight >= CERTAIN for sign in evidence.signs)


def _reasons(points: _Points, verdict: Verdict) -> tuple[str, ...]:
    return tuple(why for _, to, why in sorted(points.why, key=lambda w: -w[0]) if to == verdict)


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.1f}"
