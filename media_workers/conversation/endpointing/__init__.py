"""When the caller's turn is over: what is speech, and how much silence after it is enough.

`SpeechDetector` turns voice activity into changes of state; an `Endpointing` says, at every pause and
whenever more is known of it, after how much silence the turn is over. `build` makes the one that an
agent has chosen.
"""

from __future__ import annotations

from media_workers.contract.agent import TurnTaking
from media_workers.conversation.endpointing.adaptive import Adaptive
from media_workers.conversation.endpointing.detector import (
    GAP_MS,
    SENSITIVITIES,
    Change,
    SpeechDetector,
    State,
    energy_of,
)
from media_workers.conversation.endpointing.fixed import Fixed
from media_workers.conversation.endpointing.semantic import Semantic
from media_workers.conversation.endpointing.strategy import Endpointing, Pause, Verdict
from media_workers.conversation.endpointing.vendor import Vendor

__all__ = [
    "GAP_MS",
    "SENSITIVITIES",
    "Change",
    "Endpointing",
    "Pause",
    "SpeechDetector",
    "State",
    "Verdict",
    "build",
    "energy_of",
]


def build(rules: TurnTaking, *, turn_model: bool) -> Endpointing:
    """The strategy of one call. `turn_model`: there is one, to be asked at every pause; without it
    `semantic` is `adaptive`."""
    if rules.endpointing == "fixed":
        return Fixed(rules)
    adaptive = Adaptive(rules)
    if rules.endpointing == "vendor":
        return Vendor(rules, adaptive)
    if rules.endpointing == "semantic" and turn_model:
        return Semantic(rules, adaptive)
    return adaptive
