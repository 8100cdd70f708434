"""The floor at one moment, for the picture of a test call."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from media_workers.conversation.hearing import Hearing
from media_workers.conversation.stage import Stage

FULL_SCALE = 32768.0**2
SILENT_DB = -96.0

AgentState = Literal["none", "making", "speaking", "resuming"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`at_ms` counts from the answer. `speech`: probability (0..1) that the caller speaks; `level_db` under
    full scale, -96 and more. `state`: quiet, speaking or paused; in a pause `silence_ms` have passed, and
    `endpoint_ms` will end the turn, for `reason`. `agent`: `resuming` is silent because of something that
    may prove to be nothing."""

    at_ms: int
    speech: float
    level_db: float
    state: str
    silence_ms: int
    endpoint_ms: int
    reason: str
    agent: AgentState


def snapshot(hearing: Hearing, stage: Stage, probability: float, energy: float, now_ms: int) -> Snapshot:
    """`at_ms` is `now_ms` still."""
    level_db = 10 * math.log10(energy / FULL_SCALE) if energy > 0 else SILENT_DB
    last_ms = hearing.last_speech_ms
    return Snapshot(
        at_ms=now_ms,
        speech=round(probability, 3),
        level_db=round(max(SILENT_DB, level_db), 1),
        state=hearing.state.value,
        silence_ms=now_ms - last_ms if last_ms and not hearing.speaking else 0,
        endpoint_ms=hearing.verdict.needed_ms,
        reason=hearing.verdict.reason,
        agent=_agent(stage),
    )


def _agent(stage: Stage) -> AgentState:
    if stage.suspended is not None:
        return "resuming"
    if stage.agent is None:
        return "none"
    return "making" if stage.agent.started_ms is None else "speaking"
