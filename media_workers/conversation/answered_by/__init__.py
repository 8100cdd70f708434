"""Who answered an outbound call: a person, a machine, a screening service or a menu.

`AnswerWatch` listens (tones, cadence, words) and judges; nothing here acts.
"""

from __future__ import annotations

from media_workers.conversation.answered_by.judge import Finding, Verdict
from media_workers.conversation.answered_by.watch import AnswerWatch

__all__ = ["AnswerWatch", "Finding", "Verdict"]
