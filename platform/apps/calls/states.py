"""The states of a call and where each leads. `models.Call.move_to` is the one function that moves it."""

from __future__ import annotations

from django.db import models


class CallState(models.TextChoices):
    """`queued` and `dialing` are states of outbound calls only; an inbound call begins `ringing`."""

    QUEUED = "queued", "Queued"
    DIALING = "dialing", "Dialing"
    RINGING = "ringing", "Ringing"
    IN_PROGRESS = "in_progress", "In progress"
    ENDED = "ended", "Ended"


ON_A_NODE = (CallState.DIALING, CallState.RINGING, CallState.IN_PROGRESS)
"""States in which a media node carries the call."""

NEXT: dict[CallState, frozenset[CallState]] = {
    CallState.QUEUED: frozenset({CallState.DIALING, CallState.ENDED}),
    CallState.DIALING: frozenset({CallState.RINGING, CallState.IN_PROGRESS, CallState.ENDED}),
    CallState.RINGING: frozenset({CallState.IN_PROGRESS, CallState.ENDED}),
    CallState.IN_PROGRESS: frozenset({CallState.ENDED}),
    CallState.ENDED: frozenset(),
}

TIME_OF: dict[CallState, str] = {
    CallState.QUEUED: "queued_at",
    CallState.DIALING: "dialing_at",
    CallState.RINGING: "ringing_at",
    CallState.IN_PROGRESS: "answered_at",
    CallState.ENDED: "ended_at",
}


class InvalidTransition(RuntimeError):
    """A call was asked to go where its state does not lead: a bug of the caller, never bad input."""


def may_move(current: str, to: CallState) -> bool:
    """Whether a call in `current` may go to `to`."""
    return to in NEXT[CallState(current)]
