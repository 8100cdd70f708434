"""Our own voice on its way back, which must never become a turn: by its sound, and by its words."""

from __future__ import annotations

from difflib import SequenceMatcher

from media_workers.audio.echo import LATEST_MS, WINDOW_FRAMES, EchoDetector
from media_workers.conversation.endpointing.completeness import tokens_of
from media_workers.conversation.turns import CallerTurn
from media_workers.providers.base import FRAME_MS

AUDIBLE_FRAMES = LATEST_MS // FRAME_MS + WINDOW_FRAMES
"""So long after its last frame our voice may still be in what comes in."""

LOOK_EVERY = 3
"""Frames: what 300 ms look like does not change in 20."""

SPEECH_AT = 0.25
"""Softer probabilities do nobody harm and are not looked at."""

COPIED = 0.8
"""Share of the words that must stand, in their order, in what the agent has just said."""

SOUNDS_LIKE_US = 0.5
MANY_WORDS = 6
"""The share of the speech that must sound like us, or the words from which on a copy needs no proof: few
callers repeat so many while they are being told them."""

RECENT_WORDS = 80

SOMEBODY_MS = 300
"""With so much that is not ours, and little that is, it is a caller whose speech must have no holes."""


class OwnVoice:
    """One call's. Plain state; a frame costs a microsecond, or 30 while somebody seems to speak over the
    agent."""

    def __init__(self) -> None:
        self._echo = EchoDetector()
        self._silent_frames = AUDIBLE_FRAMES
        self._caller: CallerTurn | None = None
        self._is_echo = False
        self._looked = 0

    @property
    def audible(self) -> bool:
        """What comes in may be ours."""
        return self._silent_frames < AUDIBLE_FRAMES

    def sent(self, frame: bytes | None) -> None:
        self._silent_frames = 0 if frame is not None else self._silent_frames + 1
        self._echo.sent(frame)

    def comes_back(self, pcm: bytes, probability: float) -> bool:
        """Whether 20 ms that came in are ours."""
        self._echo.came(pcm)
        if probability < SPEECH_AT or not self.audible:
            self._looked, self._is_echo = 0, False
            return False
        self._looked += 1
        if self._looked % LOOK_EVERY == 1:
            self._is_echo = self._echo.likeness().is_echo
        caller = self._caller
        if caller is None:
            return self._is_echo
        if self._is_echo:
            caller.echo_ms += FRAME_MS
        else:
            caller.plain_ms += FRAME_MS
        return self._is_echo and not _is_somebody(caller)

    def begin(self, caller: CallerTurn) -> None:
        """An utterance of `caller` begins."""
        self._caller = caller
        caller.over_agent = caller.over_agent or self.audible

    def explains(self, caller: CallerTurn, said: str) -> bool:
        """Whether the words of `caller` are those that the agent has just `said`."""
        words = tokens_of(caller.text)
        if not words or not caller.over_agent:
            return False
        ours = caller.echo_ms / max(1, caller.echo_ms + caller.plain_ms)
        if ours < SOUNDS_LIKE_US and len(words) < MANY_WORDS:
            return False
        recent = tokens_of(said)[-RECENT_WORDS:]
        blocks = SequenceMatcher(None, recent, words, autojunk=False).get_matching_blocks()
        return sum(block.size for block in blocks) >= COPIED * len(words)


def _is_somebody(caller: CallerTurn) -> bool:
    return caller.plain_ms >= SOMEBODY_MS and caller.plain_ms > 2 * caller.echo_ms
