"""Ties a party to a leg: frames from the media clock, actions to the dialog, both ways thin."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from media_workers.contract.events import LegInfo, MediaStats, SipMessage
from media_workers.sandbox.party import Action, EndCall, Party, PressKeys
from media_workers.sip.types import Leg, LegEnd


class PartyLeg:
    """A `LegHandler` whose ears and mouth are a `Party`'s.

    The party's time begins with the first frame after the answer. `on_end` is called once, on the
    line's owner thread. What was heard is kept when `keep_audio` is set.
    """

    def __init__(
        self,
        *,
        on_end: Callable[[PartyLeg, LegEnd], None],
        on_ring: Callable[[int], None] | None = None,
        keep_audio: bool = False,
    ) -> None:
        self.party: Party | None = None
        self.end: LegEnd | None = None
        self.heard = bytearray()
        self.codec = ""
        self.answered_at: float | None = None
        self._leg: Leg | None = None
        self._on_end = on_end
        self._on_ring = on_ring
        self._keep_audio = keep_audio
        self._talking = False

    def attach(self, leg: Leg) -> None:
        """The leg that actions go to; known only after `Line.dial` or `on_invite`."""
        self._leg = leg

    def take_part(self, party: Party) -> None:
        """Who speaks here, given before the call is answered."""
        self.party = party

    def on_ringing(self, sip_code: int) -> None:
        if self._on_ring:
            self._on_ring(sip_code)

    def on_answered(self, codec: str) -> None:
        self.codec = codec
        self._talking = True
        self.answered_at = time.monotonic()

    def on_dtmf(self, digit: str) -> None:
        if self.party:
            self.party.press_heard(digit)

    def on_hold(self, held: bool) -> None:
        """A simulated person waits in patience."""

    def on_refer(self, target: str) -> bool:
        return False

    def on_transfer(self, sip_code: int, sip_reason: str, final: bool) -> None:
        """A simulated person transfers nobody."""

    def on_replace(self, caller: str) -> bool:
        return False

    def on_sip_message(self, message: SipMessage, at: datetime) -> None:
        """The sandbox keeps no trace; the platform's own end does."""

    def on_leg(self, info: LegInfo) -> None:
        """As with messages."""

    def on_stats(self, stats: MediaStats) -> None:
        """Only the last ones, which come with the end."""

    def packet_sink(self) -> None:
        """Nor does it keep packets."""

    def on_ended(self, end: LegEnd) -> None:
        self.end = end
        self._talking = False
        if self.party:
            self.party.ended()
        self._on_end(self, end)

    def on_frame(self, pcm: bytes) -> None:
        if not (self._talking and self.party and self._leg):
            return
        if self._keep_audio:
            self.heard += pcm
        for action in self.party.hear(pcm):
            _perform(action, self._leg)

    def next_frame(self) -> bytes | None:
        return self.party.speak() if self._talking and self.party else None


def _perform(action: Action, leg: Leg) -> None:
    match action:
        case PressKeys(digits):
            leg.send_dtmf(digits)
        case EndCall():
            leg.hang_up()
