"""SIP codes (RFC 3261, 21) and the telephone network's causes (ITU-T Q.850) in words for a tenant."""

from __future__ import annotations

from media_workers.contract.events import EndReason
from media_workers.sip.types import LegEnd

CODE_WORDS: dict[int, str] = {
    300: "The carrier offers several places to call instead; calls are not redirected.",
    301: "The number has moved; calls are not redirected.",
    302: "The call was redirected; calls are not redirected.",
    305: "The carrier wants the call through another proxy; calls are not redirected.",
    400: "The carrier could not read the call (400).",
    402: "The carrier wants payment first: look at the balance there.",
    403: "The carrier refused the call: the caller id, the destination or the account is not allowed there.",
    404: "The carrier does not know this number: look at its format and country code.",
    405: "The other side does not take calls at this address (405).",
    406: "The other side cannot answer in a way that we understand (406).",
    408: "The other side did not answer in time.",
    410: "The number is no longer in use.",
    413: "The call's message was too large for the other side.",
    415: "The other side does not understand the description of the audio.",
    416: "The other side does not understand the address called.",
    420: "The other side does not support an extension that the call required.",
    421: "The other side requires a SIP extension that we do not have.",
    422: "The other side wants a longer session than could be agreed on.",
    423: "The interval was too short for the other side.",
    428: "The carrier wants the caller's identity signed (STIR).",
    433: "The other side takes no anonymous calls: show the caller id.",
    436: "The carrier could not check the signature of the caller's identity.",
    437: "The carrier does not accept the certificate of the caller's identity.",
    438: "The carrier did not accept the signature of the caller's identity.",
    480: "The telephone is not available now: switched off, not registered or out of coverage.",
    481: "The other side no longer knew the call.",
    482: "The call ran in a loop: two systems send it to each other.",
    483: "The call passed through too many systems, most likely in a loop.",
    484: "The number is incomplete.",
    485: "The number is ambiguous.",
    486: "The telephone called is busy.",
    487: "The call was cancelled before it was answered.",
    488: "No audio in common: the codec, the encryption or the address is not accepted.",
    491: "Two changes of the call collided.",
    493: "The other side could not decrypt the message.",
    494: "The other side wants a security agreement first.",
    500: "The carrier's system had an error.",
    501: "The other side does not take calls (501).",
    502: "A system behind the carrier's gave no sensible answer.",
    503: "The carrier has no capacity, or is out of service.",
    504: "A system behind the carrier's did not answer in time.",
    505: "The other side does not speak this version of SIP.",
    513: "The call's message was too large for the other side.",
    580: "The other side could not reserve what the call needs.",
    600: "The person called is busy everywhere.",
    603: "The call was declined.",
    604: "The number does not exist anywhere.",
    606: "No audio in common: the codec, the encryption or the address is not accepted.",
    607: "The person called does not want this caller's calls.",
    608: "The call was blocked as unwanted by an analysis on the way.",
}

Q850_WORDS: dict[int, str] = {
    1: "the number is not assigned",
    2: "no route to the network",
    3: "no route to the destination",
    17: "user busy",
    18: "no user responding",
    19: "no answer from the user",
    20: "subscriber absent",
    21: "call rejected",
    22: "number changed",
    26: "not the selected user",
    27: "destination out of order",
    28: "invalid number format",
    29: "facility rejected",
    34: "no circuit available",
    38: "network out of order",
    41: "temporary failure",
    42: "switching equipment congested",
    43: "access information discarded",
    44: "requested circuit not available",
    47: "resource unavailable",
    50: "facility not subscribed",
    52: "outgoing calls barred",
    54: "incoming calls barred",
    55: "incoming calls barred",
    57: "bearer capability not authorized",
    58: "bearer capability not available",
    63: "service not available",
    65: "bearer capability not implemented",
    69: "facility not implemented",
    79: "service not implemented",
    87: "not a member of the closed user group",
    88: "incompatible destination",
    95: "invalid message",
    99: "unknown information element",
    102: "a timer expired",
    111: "protocol error",
    127: "interworking failed",
}

NORMAL_CAUSES = frozenset({16, 31})
"""Normal clearing says nothing beyond that the call is over."""

GENERIC_CODES = frozenset({408, 480, 487, 500, 502, 503, 504})
"""Codes that gateways to the telephone network also use for what only the cause tells apart."""

Q850_REASONS: dict[int, EndReason] = {
    1: EndReason.NUMBER_UNKNOWN,
    17: EndReason.BUSY,
    18: EndReason.NO_ANSWER,
    19: EndReason.NO_ANSWER,
    21: EndReason.REJECTED,
    22: EndReason.NUMBER_UNKNOWN,
    28: EndReason.NUMBER_UNKNOWN,
    88: EndReason.NO_CODEC,
}


def reason_by_cause(end: LegEnd) -> EndReason | None:
    """What the telephone network's cause says of a call that was not answered, where the code is vague."""
    if end.sip_code not in GENERIC_CODES or end.words.q850 is None:
        return None
    return Q850_REASONS.get(end.words.q850)


def in_words(end: LegEnd) -> str:
    """Why a call was not answered: the code's words, the network's cause, the peer's own, when to try
    again; "" when nothing is known but a code without words, or when the failure was on our side, whose
    `sip_reason` says it."""
    if not end.by_peer and end.sip_code != 408:
        return ""
    parts = [CODE_WORDS.get(end.sip_code, ""), cause_in_words(end)]
    if end.words.retry_after_s is not None:
        parts.append(f"It asks to try again after {end.words.retry_after_s} s.")
    return " ".join(part for part in parts if part)


def cause_in_words(end: LegEnd) -> str:
    """The network's cause and the peer's own words, as far as they say more than that the call is over."""
    cause, said = end.words.q850, end.words.text
    if cause in NORMAL_CAUSES:
        return ""
    network = f"{Q850_WORDS.get(cause, 'no known cause')} (Q.850 cause {cause})" if cause is not None else ""
    if said and said.lower() != Q850_WORDS.get(cause or 0, ""):
        return f"The network says: {network}; “{said}”." if network else f"The other side says: “{said}”."
    return f"The network says: {network}." if network else ""
