"""Calls in virtual time: the far side is a plan of who is loud when, a frame is 20 ms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from media_workers.providers.base import FRAME_BYTES, FRAME_MS
from media_workers.sandbox.mouth import tone
from media_workers.sandbox.party import Action, EndCall, Party
from media_workers.sandbox.script import Script

LOUD = tone(300, 1_000)[:FRAME_BYTES]
SILENCE = bytes(FRAME_BYTES)


@dataclass
class PlayedCall:
    """What came of a call played to its end (or to `until_ms`)."""

    party: Party
    actions: list[tuple[int, Action]] = field(default_factory=list)
    sent: list[bytes | None] = field(default_factory=list)

    @property
    def hung_up_at(self) -> int | None:
        return next((at for at, action in self.actions if isinstance(action, EndCall)), None)

    def sent_ms(self) -> int:
        """How long the party sent anything at all."""
        return FRAME_MS * sum(frame is not None for frame in self.sent)


Play = Callable[..., PlayedCall]


@pytest.fixture
def play() -> Play:
    """`play(steps, far=[(1000, 2500)])`: the far side is loud in those stretches of ms.

    Every line takes `line_ms` to say. With `far_reacts`, a function of the call so far, the far side
    is loud whenever it returns true.
    """

    def run(
        steps: list[dict[str, object]],
        *,
        far: list[tuple[int, int]] = (),
        far_reacts: Callable[[PlayedCall, int], bool] | None = None,
        line_ms: int = 1_000,
        until_ms: int = 120_000,
    ) -> PlayedCall:
        script = Script.model_validate({"steps": steps})
        call = PlayedCall(Party(script, {text: tone(500, line_ms) for text in script.lines()}))
        for now in range(0, until_ms, FRAME_MS):
            loud = any(start <= now < end for start, end in far)
            loud = loud or (far_reacts is not None and far_reacts(call, now))
            call.actions += [(now, action) for action in call.party.hear(LOUD if loud else SILENCE)]
            if call.hung_up_at is not None:
                break
            call.sent.append(call.party.speak())
        call.party.ended()
        return call

    return run
