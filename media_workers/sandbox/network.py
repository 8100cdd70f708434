"""The sandbox carrier: every INVITE is put through to the phone of the number dialed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping

from media_workers.sandbox.leg import PartyLeg
from media_workers.sandbox.numbers import Answers, Asks, Phone, Refuses, RingsOut, phone_for
from media_workers.sandbox.party import Party
from media_workers.sandbox.script import Script
from media_workers.sandbox.told import Ask, nobody_told
from media_workers.sip.types import Invite, Leg, LegEnd, LegHandler

log = logging.getLogger(__name__)

Renderer = Callable[[Script], Mapping[str, bytes]]


class PhoneNetwork:
    """A `LineHandler`. `render` gives the audio of a script's lines; it may take a moment. `ask` tells whom a
    phone is to play that does not know by itself."""

    def __init__(self, render: Renderer, ask: Ask = nobody_told) -> None:
        self._render = render
        self._ask = ask

    def on_invite(self, leg: Leg, invite: Invite) -> LegHandler:
        phone = phone_for(invite.dialed_number)
        log.info("%s called, phone: %s", invite.dialed_number, phone.name)
        ringing = _Ringing(phone, leg, self._render, lambda: self._ask(invite.headers))
        ringing.start()
        return ringing.handler


class _Ringing:
    """A phone from the INVITE to its answer or refusal; the waiting happens on a thread of its own."""

    def __init__(self, phone: Phone, leg: Leg, render: Renderer, ask: Callable[[], Script | None]) -> None:
        self.handler = PartyLeg(on_end=self._ended)
        self.handler.attach(leg)
        self._phone = phone
        self._leg = leg
        self._render = render
        self._ask = ask
        self._over = threading.Event()

    def start(self) -> None:
        match self._phone.does:
            case Refuses(code, reason, ring_ms=0):
                self._leg.reject(code, reason)
            case Refuses(code, reason, ring_ms):
                self._leg.ring()
                self._in_background(lambda: self._refuse(code, reason, ring_ms))
            case RingsOut():
                self._leg.ring()
            case Answers() as answers:
                self._leg.ring()
                self._in_background(lambda: self._answer(answers))

            case Asks(ring_ms):
                self._leg.ring()
                self._in_background(lambda: self._answer_as_told(ring_ms))

    def _in_background(self, wait: Callable[[], None]) -> None:
        threading.Thread(target=wait, name=f"phone {self._phone.number}", daemon=True).start()

    def _refuse(self, code: int, reason: str, ring_ms: int) -> None:
        if not self._over.wait(ring_ms / 1000):
            self._leg.reject(code, reason)

    def _answer_as_told(self, ring_ms: int) -> None:
        script = self._ask()
        if script is None:
            self._leg.reject(404, "Not Found")
            return
        self._answer(Answers(script, ring_ms=ring_ms))

    def _answer(self, answers: Answers) -> None:
        """Rings on while the lines are rendered, so that the first answer is not late."""
        answer_at = time.monotonic() + answers.ring_ms / 1000
        try:
            party = Party(answers.script, self._render(answers.script))
        except Exception:
            log.exception("%s cannot speak, so it does not answer", self._phone.number)
            self._leg.reject(500, "Sandbox phone has no voice")
            return
        self.handler.take_part(party)
        if not self._over.wait(max(0.0, answer_at - time.monotonic())):
            self._leg.answer(send_audio=answers.sends_rtp)

    def _ended(self, handler: PartyLeg, end: LegEnd) -> None:
        self._over.set()
        log.info("%s: call over, %s %s", self._phone.number, end.sip_code, end.sip_reason)
        if handler.party and handler.party.account.problem and end.answered:
            log.info("%s: %s", self._phone.number, handler.party.account.problem)
