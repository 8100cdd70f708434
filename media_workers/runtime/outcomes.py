"""How a call ended, from SIP codes and from what was decided here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from media_workers.contract.events import SIP_CODE_REASONS, EndReason
from media_workers.runtime.sip_words import cause_in_words, in_words, reason_by_cause
from media_workers.sip.types import LegEnd

NO_ACK = "The caller did not confirm the answer (no ACK)."
LOST_SESSION = {
    408: "The other side stopped confirming that the call is alive (session timer, RFC 4028).",
    481: "The other side no longer knew the call when it was asked to confirm it.",
}
NO_AUDIO = "The caller's answer to our offer brought no audio that we can use."


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a call, before its durations are known."""

    reason: EndReason
    sip_code: int | None = None
    sip_reason: str = ""
    detail: str = ""


class CallOver(Exception):
    """The call is over, and this is how."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


def not_connected(end: LegEnd, *, rang: bool, has_password: bool = True) -> Outcome:
    """Why an outbound leg was not answered. `rang`: the other side had said so (18x). `has_password`: the
    trunk has one to give.

    A telephone that nobody picks up ends, after it rang, in the peer's own 408 or 480, or in 487
    when something in between cancelled it: all of them mean that nobody answered.
    """
    return Outcome(_reason(end, rang=rang), end.sip_code, end.sip_reason, _detail(end, has_password))


def _reason(end: LegEnd, *, rang: bool) -> EndReason:
    code = end.sip_code
    if by_cause := reason_by_cause(end):
        return by_cause
    if rang and code in {408, 480, 487}:
        return EndReason.NO_ANSWER
    if known := SIP_CODE_REASONS.get(code):
        return known
    if code >= 600:
        return EndReason.REJECTED
    if code >= 500:
        return EndReason.UNREACHABLE
    return EndReason.FAILED


def _detail(end: LegEnd, has_password: bool) -> str:
    if end.sip_code in {401, 407}:
        if has_password:
            return "The gateway did not accept the trunk's user name and password."
        return "The gateway asks for a user name and password, and the trunk has none."
    return in_words(end)


def fails_over(end: LegEnd, *, rang: bool) -> bool:
    """Whether another gateway may do better: this one failed, rather than the telephone behind it, of which
    the network's cause speaks."""
    code = end.sip_code
    return not rang and (code == 408 or 500 <= code < 600) and reason_by_cause(end) is None


def connected_end(end: LegEnd, direction: Literal["inbound", "outbound", "browser"]) -> Outcome:
    """Why an answered leg is over, when nothing here had decided to end it."""
    if end.media_lost:
        reason = EndReason.MEDIA_LOST
    elif end.by_peer:
        reason = EndReason.CALLEE_HUNG_UP if direction == "outbound" else EndReason.CALLER_HUNG_UP
    else:
        words = LOST_SESSION.get(end.sip_code, "")
        return Outcome(EndReason.FAILED, end.sip_code, end.sip_reason, words)
    return Outcome(reason, end.sip_code, end.sip_reason, cause_in_words(end) if end.by_peer else "")


def abandoned(end: LegEnd) -> Outcome:
    """An inbound leg that ended before it was answered. A peer ends one with CANCEL (487) or BYE (200):
    408 is pjsip's word for the ACK that did not come, whoever it says has ended the call."""
    if end.sip_code == 408:
        return Outcome(EndReason.FAILED, end.sip_code, end.sip_reason, NO_ACK)
    if not end.by_peer and end.sip_code == 200:
        return Outcome(EndReason.NO_CODEC, detail=NO_AUDIO)
    if not end.by_peer and end.sip_code == 488:  # ours, in words: the plan does not take the offer
        return Outcome(EndReason.NO_CODEC, end.sip_code, "Not Acceptable Here", f"{end.sip_reason}.")
    if end.by_peer:
        return Outcome(EndReason.CANCELLED, end.sip_code, end.sip_reason, cause_in_words(end))
    return Outcome(_reason(end, rang=False), end.sip_code, end.sip_reason)
