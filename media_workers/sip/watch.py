"""Decides that a call's peer is gone although it never said goodbye. Time is a parameter."""

from __future__ import annotations


class MediaWatch:
    """Silence alone is no reason: a peer may mute, hold or only listen. It is lost when neither RTP
    nor RTCP has arrived from it for the whole timeout, and it has not put us on hold."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._signs = -1
        self._since = 0.0

    def lost(self, signs_of_life: int, *, on_hold: bool, now: float) -> bool:
        """`signs_of_life` is a counter of packets from the peer; `now` in seconds, monotonic."""
        if on_hold or signs_of_life != self._signs:
            self._signs = signs_of_life
            self._since = now
            return False
        return now - self._since >= self._timeout_s
