"""One SIP dialog: what may be asked of it from any thread, and what happens to it on the owner thread."""

from __future__ import annotations

import dataclasses
import logging
import re
import time
from collections.abc import Callable
from typing import Protocol

import pjsua2

from media_workers.contract.calls import LegPolicy
from media_workers.contract.events import MediaStats
from media_workers.sip import sdp
from media_workers.sip.call import DialogCall
from media_workers.sip.glare import GlareRetry
from media_workers.sip.headers import header_vector
from media_workers.sip.last_words import ends_a_call, read_last_words
from media_workers.sip.leg_media import LegMedia
from media_workers.sip.message import headers_of, user_of
from media_workers.sip.observer import LegObserver
from media_workers.sip.ports import PortPool
from media_workers.sip.trace import TracedMessage
from media_workers.sip.transfer import FormerCall, Transfers, checked_target
from media_workers.sip.types import LastWords, Leg, LegEnd, LegHandler, PacketSink

log = logging.getLogger(__name__)

LADDER_PATIENCE_S = 0.5
"""How long the news that a call is over waits for the peer's last message, so that the ladder is whole:
the ACK of a refusal, or the answer to our BYE."""

CANCEL_PATIENCE_S = 3.0
"""How long a call that we hung up may wait for the peer's word before it is reported as over. pjsip
keeps the dialog, and its call slot, until the transaction times out (32 s)."""

MAX_DIGITS = 32
_DIGITS = re.compile(r"[0-9*#A-D]+")
_DTMF_METHODS = {"rfc4733": pjsua2.PJSUA_DTMF_METHOD_RFC2833, "info": pjsua2.PJSUA_DTMF_METHOD_SIP_INFO}
_NOT_IN_QUOTES = re.compile(r'[\x00-\x1f\x7f"\\]')


class LegOwner(Protocol):
    """What a leg needs of its line."""

    ports: PortPool
    host: str

    def post(self, command: Callable[[], None]) -> None: ...
    def slot_freed(self) -> None: ...
    def replaced(self, leg: PjsuaLeg, sip_call_id: str) -> None: ...


class PjsuaLeg:
    """Implements `types.Leg`: the methods of that protocol may be called from any thread."""

    def __init__(
        self, owner: LegOwner, *, inbound: bool, media_timeout_s: float, policy: LegPolicy | None = None
    ) -> None:
        self.sip_call_id = ""
        self.end_told = False
        self._owner = owner
        self._inbound = inbound
        self._policy = policy
        self._handler: LegHandler | None = None
        self._call: DialogCall | None = None
        self.observed = LegObserver(inbound=inbound)
        self._media = LegMedia(owner.ports, self.observed, timeout_s=media_timeout_s)
        self._ringing_code = 0
        self._confirmed = False
        self._answered = False
        self._media_lost = False
        self._last_rung = ""
        self._disconnected = False
        self._hung_up_at: float | None = None
        self._end: LegEnd | None = None
        self._ended_at = 0.0
        self._transfers = Transfers(self._do, self._tell, owner.post)
        self._former: list[FormerCall] = []
        self._words = LastWords()
        self._glare = GlareRetry(owns_call_id=not inbound)

    # --- from any thread ------------------------------------------------------------------------

    def ring(self) -> None:
        """180 Ringing."""
        self._owner.post(lambda: self._respond(pjsua2.PJSIP_SC_RINGING))

    def answer(self, policy: LegPolicy | None = None, *, send_audio: bool = True) -> None:
        """200 OK with our SDP as `policy` wants it; the stream runs by the time it leaves. An offer that
        the policy does not take is answered 488, which says why. Without `send_audio` the SDP promises
        audio all the same, but no RTP packet is ever sent."""
        self._media.send_audio = send_audio
        self._owner.post(lambda: self._answer(policy or LegPolicy()))

    def reject(self, code: int, reason: str, headers: dict[str, str] | None = None) -> None:
        """A final failure to an INVITE that has not been answered. ValueError: not 300 to 699."""
        if not 300 <= code <= 699:
            raise ValueError(f"code {code} does not reject a call: give one from 300 to 699")
        self._owner.post(lambda: self._respond(code, reason, headers or {}))

    def hang_up(self, reason: str = "") -> None:
        """Ends the call whatever its state. Doing it twice, or after the end, does no harm."""
        self._owner.post(lambda: self._hang_up(reason))

    def send_dtmf(self, digits: str) -> None:
        """One after another, as the leg's policy says: RFC 4733 telephone-events, which are lost without
        media, or SIP INFO."""
        if len(digits) > MAX_DIGITS or not _DIGITS.fullmatch(digits):
            raise ValueError(f"digits must be 1 to {MAX_DIGITS} of 0-9, *, #, A-D, not {digits!r}")
        self._owner.post(lambda: self._send_dtmf(digits))

    def refer(self, target: str) -> None:
        """Asks the peer to call `target`. ValueError: no SIP or tel URI."""
        checked = checked_target(target)
        self._owner.post(lambda: self._transfers.refer(checked))

    def refer_replaces(self, other: Leg) -> None:
        """Asks the peer to take our place in the call of `other`, a leg of the same line."""
        if not isinstance(other, PjsuaLeg):
            raise TypeError("other: give a leg of this line")
        self._owner.post(lambda: self._transfers.refer_replaces(other._call))

    def report_transfer(self, sip_code: int, sip_reason: str) -> None:
        """What became of the transfer that the peer asked for."""
        self._owner.post(lambda: self._transfers.report(sip_code, sip_reason))

    def stats(self) -> MediaStats:
        """The latest figures that the owner thread has read."""
        return self._media.stats

    # --- the line, on the owner thread ----------------------------------------------------------

    def attach(self, call: DialogCall) -> None:
        """The pjsua2 call behind this leg."""
        self._call = call
        call.policy = self._policy  # of an INVITE that came in it is known when it is answered

    def set_handler(self, handler: LegHandler) -> None:
        """Who hears of this leg."""
        self._handler = handler

    @property
    def holds_slot(self) -> bool:
        """pjsip still has a call for this leg."""
        return self._call is not None

    def release_if_over(self) -> None:
        """Frees the pjsua2 objects of a dialog that has ended. Never inside pjsip's callbacks."""
        for former in self._former:
            former.release_if_over()
        if not self._disconnected:
            return
        self._media.release()
        if self._call is not None:
            self._call.detach()
            self._call = None

    def fail(self, sip_code: int, sip_reason: str) -> None:
        """The INVITE could not be sent."""
        self._disconnected = True
        self._owner.slot_freed()
        self._finish(sip_code, sip_reason, by_peer=False)

    def traced(self, message: TracedMessage) -> None:
        """A SIP message of this dialog crossed the wire."""
        if message.direction == "in" and message.method == self._last_rung:
            self._last_rung = ""
        if message.direction == "in" and ends_a_call(message.method, message.status):
            self._words = read_last_words(message.text)
        if message.direction == "in" and self._answered:
            self._glare.answered(message.method, message.status, time.monotonic())
        if (kept := self.observed.traced(message)) is not None:
            self._tell("on_sip_message", kept, message.at)

    def housekeep(self, now: float) -> None:
        """Once a second: fresh figures, and whether the peer is still there. `now`: monotonic, s."""
        if self._call is not None and not self._disconnected and not self._call.isActive():
            self.disconnected(500, "The call was lost", by_peer=False)  # pjsip gave it up without a word
        if self._call is None or self._disconnected or not self._answered:
            return
        self._media.read_figures(self._call)
        self._media.keep_lock(self._call, now)
        self._retry(now)
        if (reading := self._media.listen(self._call, now)) is not None:
            self._tell("on_stats", reading)
        if self._media.lost(self._call, now):
            self._media_lost = True
            self._hang_up("no media from the peer")

    def _retry(self, now: float) -> None:
        """Sends again what had collided with a request of the peer."""
        again = self._glare.due(now)
        if again is not None and self._hung_up_at is None:
            unchanged = pjsua2.CallOpParam(True)
            unchanged.opt.audioCount, unchanged.opt.videoCount = 1, 0
            self._do(lambda call: call.update(unchanged) if again == "UPDATE" else call.reinvite(unchanged))

    def latch(self, now: float) -> None:
        """Every turn of the loop: locks the call's audio to where it comes from. `now`: monotonic, s."""
        if self._answered and self._call is not None:
            self._media.latch(self._call, now)

    def tell_set_up(self) -> None:
        """Tells, once, how the leg was set up: after the messages of that."""
        if (self._answered or self._end is not None) and not self.observed.told:
            self.observed.told = True
            self._tell("on_leg", self.observed.info())

    def end_due(self, now: float) -> bool:
        """Whether it is time to tell the handler of the end. `now`: monotonic, s."""
        if self.end_told:
            return False
        if self._end is None and self._hung_up_at is not None and now - self._hung_up_at > CANCEL_PATIENCE_S:
            self._finish(487, "Request Terminated", by_peer=False)
        if self._end is None:
            return False
        return not self._last_rung or now - self._ended_at >= LADDER_PATIENCE_S

    def tell_end(self) -> None:
        """Tells the handler, once."""
        self.end_told = True
        if self._end is not None and self._end.by_peer:
            self._end = dataclasses.replace(self._end, words=self._words)
        self._tell("on_ended", self._end)
        self._handler = None

    def abandon(self) -> None:
        """The line is closing and waits no longer."""
        self._last_rung = ""
        self._disconnected = True
        if self._end is None:
            self._finish(487, "Request Terminated", by_peer=False)

    # --- commands, on the owner thread ----------------------------------------------------------

    def _answer(self, policy: LegPolicy) -> None:
        if self._call is None:
            return
        self._policy = self._call.policy = policy
        answer = self._call.first_answer
        if problem := sdp.refusal(self._call.offer, policy) or sdp.shortcoming(answer, policy):
            self._respond(pjsua2.PJSIP_SC_NOT_ACCEPTABLE_HERE, problem)
        else:
            self._respond(pjsua2.PJSIP_SC_OK, description=answer)

    def _respond(
        self, code: int, reason: str = "", headers: dict[str, str] | None = None, description: str = ""
    ) -> None:
        if self._call is None or self._end is not None or self._confirmed or not self._inbound:
            return
        if code >= 300:
            self._hung_up_at = time.monotonic()
        answer = pjsua2.CallOpParam(True)
        answer.statusCode = code
        answer.reason = _NOT_IN_QUOTES.sub(" ", reason)
        answer.txOption.headers = header_vector((headers or {}).items())
        answer.sdp.wholeSdp = description
        self._do(lambda call: call.answer(answer))

    def _hang_up(self, reason: str) -> None:
        if self._call is None or self._end is not None or self._hung_up_at is not None:
            return
        self._hung_up_at = time.monotonic()
        self._media.read_figures(self._call)
        goodbye = pjsua2.CallOpParam()
        if reason:
            text = _NOT_IN_QUOTES.sub(" ", reason)
            goodbye.txOption.headers = header_vector([("Reason", f'Q.850;cause=16;text="{text}"')])
        self._do(lambda call: call.hangup(goodbye))

    def _send_dtmf(self, digits: str) -> None:
        if self._answered and self._end is None:
            keys = pjsua2.CallSendDtmfParam()
            keys.method = _DTMF_METHODS[self._policy.dtmf if self._policy else "rfc4733"]
            keys.digits = digits
            self._do(lambda call: call.sendDtmf(keys))

    def _do(self, action: Callable[[DialogCall], None]) -> bool:
        """pjsip refuses what the state no longer allows: the peer may have been faster. Of a call that it
        has ended already it aborts instead."""
        try:
            if self._call is not None and self._call.isActive():
                action(self._call)
                return True
        except pjsua2.Error as error:
            log.warning("pjsip refused: %s", error.info())
        return False

    # --- events of the pjsua2 call, on the owner thread -----------------------------------------

    def ringing(self, sip_code: int) -> None:
        """180, 183 or another provisional answer."""
        if not self._inbound and sip_code != self._ringing_code:
            self._ringing_code = sip_code
            self._tell("on_ringing", sip_code)

    def confirmed(self) -> None:
        """ACK received or sent."""
        self._confirmed = True
        self._answer_when_ready()

    def media_changed(self) -> None:
        """A stream started, stopped or changed direction: connect it to the handler's port."""
        if self._call is None:
            return
        self._media.find_stream(self._call)
        self._tell_hold(not self._media.has_stream or not self._call.peer_listens())
        if self._media.has_stream:
            self._media.connect(self._call, early=self._early_listener())
            self._answer_when_ready()

    def _early_listener(self) -> LegHandler | None:
        """Before the answer the handler hears what the far side sends, when that is wanted."""
        wanted = self._policy is not None and self._policy.early_media == "listen"
        return self._handler if wanted and not self._inbound and not self._answered else None

    def _tell_hold(self, held: bool) -> None:
        if self._answered and held != self._media.held:
            self._media.held = held
            self._tell("on_hold", held)

    @property
    def our_host(self) -> str:
        return self._owner.host

    def rtcp_received(self, packet: bytes) -> None:
        """On pjsip's media thread."""
        self._media.rtcp_received(packet)

    def packet_sink(self) -> PacketSink | None:
        """Who keeps the packets of the stream that is about to run."""
        return self._handler.packet_sink() if self._handler is not None else None

    def stream_created(self, stream: int) -> None:
        """pjsip has made a stream (its address), and not yet sent anything."""
        self._media.stream_created(stream)

    def stream_ending(self) -> None:
        """pjsip is about to destroy the stream: the last chance to read its figures."""
        self._media.stream_ending(self._call)

    def digit_received(self, digit: str) -> None:
        """RFC 4733 or SIP INFO."""
        self._tell("on_dtmf", digit)

    def refer_received(self, target: str) -> bool:
        """REFER."""
        return self._end is None and self._transfers.asked(target)

    def transfer_progressed(self, sip_code: int, sip_reason: str, *, final: bool) -> None:
        """NOTIFY of the transfer that we asked for."""
        self._transfers.progressed(sip_code, sip_reason, final=final)

    def replace_requested(self, invite: str) -> bool:
        """An INVITE with Replaces that names this call."""
        caller = user_of(headers_of(invite).get("from", ""))
        return self._answered and self._end is None and self._tell("on_replace", caller) is True

    def replaced(self, call_id: int) -> DialogCall | None:
        """pjsip has a new call in the place of this one, which it is about to hang up."""
        if self._call is None:
            return None
        self._media.replaced(self._call)
        self._former.append(FormerCall(self._call, self._owner.slot_freed))
        self._call = DialogCall(self._call.account, self, call_id)
        self._owner.replaced(self, self._call.getInfo().callIdString)
        return self._call

    def disconnected(self, sip_code: int, sip_reason: str, *, by_peer: bool) -> None:
        """The dialog is over."""
        self._disconnected = True
        self._owner.slot_freed()
        self._media.fall_silent()
        if self._end is None:
            if self._inbound and not self._confirmed:
                self._last_rung = "ACK"
            elif self._confirmed and self._hung_up_at is not None:
                self._last_rung = "BYE"
            # A peer's BYE is a 200; another end of a confirmed call is pjsip's decision: a session timer
            # that ran out (408), a request of ours that the peer answered as if it knew no call (481).
            theirs = by_peer and self._hung_up_at is None and (sip_code == 200 or not self._confirmed)
            self._finish(sip_code, sip_reason, by_peer=theirs)

    def _answer_when_ready(self) -> None:
        if self._answered or not self._confirmed:
            return
        if not self._media.connected:
            self._hang_up("no common audio")
            return
        self._answered = True
        self._media.answered(self._call, time.monotonic())
        self._tell("on_answered", self._media.stats.codec)
        self._tell_hold(self._call is not None and not self._call.peer_listens())
        if self._handler is not None:
            self._media.lend(self._handler)

    def _finish(self, sip_code: int, sip_reason: str, *, by_peer: bool) -> None:
        self._ended_at = time.monotonic()
        self._end = LegEnd(
            sip_code=sip_code,
            sip_reason=sip_reason,
            by_peer=by_peer,
            answered=self._answered,
            media_lost=self._media_lost,
            stats=self.observed.stats(self._ended_at) if self._answered else None,
        )

    def _tell(self, event: str, *args: object) -> object:
        """A handler's mistake is its own: it is logged and the line goes on."""
        try:
            if self._handler is not None:
                return getattr(self._handler, event)(*args)
        except Exception:
            log.exception("a call's %s failed", event)
        return None
