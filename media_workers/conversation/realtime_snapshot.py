"""The present moment of a call whose model speaks itself, for the picture of a test call."""

from __future__ import annotations

import math

from media_workers.conversation.realtime_floor import RealtimeFloor
from media_workers.conversation.realtime_hearing import PAUSE_MS
from media_workers.conversation.snapshot import FULL_SCALE, SILENT_DB, Snapshot


def snapshot(floor: RealtimeFloor, probability: float, energy: float, now_ms: int, at_ms: int) -> Snapshot:
    """The vendor decides, and does not say when. `at_ms`: `now_ms` since the answer."""
    detector, answers = floor.detector, floor.answers
    last_ms = detector.last_speech_ms
    level_db = 10 * math.log10(energy / FULL_SCALE) if energy > 0 else SILENT_DB
    speaking = bool(answers) and answers[0].turn.started_ms is not None
    return Snapshot(
        at_ms=at_ms,
        speech=round(probability, 3),
        level_db=round(max(SILENT_DB, level_db), 1),
        state=detector.state.value,
        silence_ms=now_ms - last_ms if last_ms and not detector.speaking else 0,
        endpoint_ms=PAUSE_MS,
        reason="vendor",
        agent="speaking" if speaking else "making" if answers else "none",
    )
