"""What becomes of a request before pjsip's own user agent sees it. No socket, no clock, no pjsua2.

RFC 3261, 8.2 (methods), 11.2 (OPTIONS); RFC 6086 and 2976 (INFO); RFC 3515 (REFER); RFC 5359 is what
the others expect of a telephone.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Literal, Protocol

from media_workers.sip.message import headers_of

ALLOW = ("INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "PRACK", "UPDATE", "INFO", "NOTIFY")
"""What a peer may send us. REFER is understood and declined unless a handler takes it."""

KNOWN_AND_REFUSED = frozenset({"MESSAGE", "SUBSCRIBE", "PUBLISH", "REGISTER"})
SUPPORTED = ("100rel", "timer", "replaces")
"""Extensions that we understand, whether we use them or not."""

DTMF_TYPES = ("application/dtmf-relay", "application/dtmf")
ACCEPT = ", ".join(("application/sdp", "multipart/mixed", *DTMF_TYPES))
RETRY_AFTER_S = 5
"""When a caller whom a full line has turned away may try again: calls end all the time."""

REMEMBERED = 64
"""So many answers inside dialogs are kept for the retransmissions of their requests."""

SCANNERS = re.compile(
    r"friendly-scanner|friendly-request|sipvicious|sipcli|sip-scan|sundayddr|iwar\b|pplsip|sivus|gulp\b|"
    r"smap\b|siparmyknife",
    re.IGNORECASE,
)
"""User-Agent headers of the programs that look for telephones to abuse. Any answer invites more."""

_AUDIO = re.compile(r"^m=audio[ \t]+(\d+)\S*[ \t]+(\S+)", re.MULTILINE)
PROFILES = frozenset({"RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF"})

_TAG = re.compile(r";\s*tag\s*=\s*([^;,\s>]+)", re.IGNORECASE)
_SIGNAL = re.compile(r"^\s*Signal\s*=\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_DIGIT = re.compile(r"[0-9*#A-D]")


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came, its headers by full name in lower case."""

    method: str
    headers: dict[str, str]
    body: str

    @property
    def call_id(self) -> str:
        return self.headers.get("call-id", "")

    @property
    def cseq(self) -> str:
        return self.headers.get("cseq", "").split(" ")[0]

    def tag(self, header: Literal["from", "to"]) -> str:
        """The dialog tag in From or To; "" without one."""
        found = _TAG.search(self.headers.get(header, "").rpartition(">")[2])
        return found.group(1) if found else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A final response. `why` names for the log what was turned away; "" when nothing was."""

    code: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """No answer at all."""

    why: str


Verdict = Answer | Drop | Literal["pass"]


class DialogEvents(Protocol):
    """What a request inside a call tells its leg."""

    def digit_received(self, digit: str) -> None: ...
    def refer_received(self, target: str) -> bool:
        """The peer wants the call transferred there; whether we take that on."""


class Dialogs(Protocol):
    """The calls of the line."""

    @property
    def full(self) -> bool:
        """There is no room for one more."""

    def find(self, call_id: str, local_tag: str, remote_tag: str) -> DialogEvents | None:
        """The leg of that dialog."""


class Gate:
    """Judges requests. `contact`: our own address, as a URI."""

    def __init__(self, dialogs: Dialogs, contact: str) -> None:
        self._dialogs = dialogs
        self._contact = contact
        self._answered: OrderedDict[tuple[str, ...], Answer] = OrderedDict()

    def judge(self, request: Request) -> Verdict:
        """The answer to it, none at all, or "pass" when it is pjsip's affair.

        pjsip takes an ACK without a tag for a merged request, and ends the process in answering it.
        """
        local_tag = request.tag("to")
        if request.method == "ACK":
            return "pass" if local_tag else Drop("an ACK of nothing")
        if request.method == "CANCEL":
            return "pass"
        if local_tag:
            return self._inside(request, local_tag)
        return self._outside(request)

    def _outside(self, request: Request) -> Verdict:
        if SCANNERS.search(request.headers.get("user-agent", "")):
            return Drop("a scanner")
        match request.method:
            case "INVITE":
                return self._invite(request)
            case "OPTIONS":
                return self._capabilities(request)
            case "BYE" | "UPDATE" | "PRACK" | "INFO" | "NOTIFY":
                return _no_dialog()
            case "REFER":
                return Answer(603, "Decline", why="a REFER outside a call")
        return self._method_refused(request)

    def _invite(self, request: Request) -> Verdict:
        if why := unusable_audio(request.body):
            return Answer(
                488, "Not Acceptable Here", (("Warning", f'399 trunkline "{why}"'),), why="an offer"
            )
        if not self._dialogs.full:
            return "pass"
        headers = (("Retry-After", str(RETRY_AFTER_S)),)
        return Answer(503, "All places are taken", headers, why="an INVITE beyond what the line carries")

    def _inside(self, request: Request, local_tag: str) -> Verdict:
        if request.method in {"INVITE", "BYE", "UPDATE", "PRACK", "NOTIFY"}:
            return "pass"
        leg = self._dialogs.find(request.call_id, local_tag, request.tag("from"))
        if leg is None:
            return _no_dialog()
        key = (request.call_id, request.tag("from"), request.cseq, request.method)
        if key in self._answered:
            return self._answered[key]
        answer = self._in_call(request, leg)
        self._answered[key] = answer
        if len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
        return answer

    def _in_call(self, request: Request, leg: DialogEvents) -> Answer:
        match request.method:
            case "OPTIONS":
                return self._capabilities(request)
            case "INFO":
                return _info(request, leg)
            case "REFER":
                return self._refer(request, leg)
        return self._method_refused(request)

    def _refer(self, request: Request, leg: DialogEvents) -> Answer:
        target = request.headers.get("refer-to", request.headers.get("r", "")).strip()
        if not target:
            return Answer(400, "Refer-To is missing")
        if leg.refer_received(target):
            return Answer(202, "Accepted", (("Contact", f"<{self._contact}>"),))
        return Answer(603, "Decline", why="a REFER that nobody allows")

    def _capabilities(self, request: Request) -> Answer:
        required = [option.strip() for option in request.headers.get("require", "").split(",")]
        if unknown := [option for option in required if option and option not in SUPPORTED]:
            return Answer(420, "Bad Extension", (("Unsupported", ", ".join(unknown)),))
        told = {
            "Allow": ", ".join(ALLOW),
            "Accept": ACCEPT,
            "Accept-Encoding": "identity",
            "Accept-Language": "en",
            "Supported": ", ".join(SUPPORTED),
            "Contact": f"<{self._contact}>",
        }
        return Answer(200, "OK", tuple(told.items()))

    def _method_refused(self, request: Request) -> Answer:
        allow = (("Allow", ", ".join(ALLOW)),)
        if request.method in KNOWN_AND_REFUSED:
            return Answer(405, "Method Not Allowed", allow, why=f"a {request.method}")
        return Answer(501, "Not Implemented", allow, why="a method that SIP does not know")


def read_request(text: str, method: str) -> Request:
    """A request that pjsip has parsed; `method` as it understands it."""
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    return Request(method, headers_of(head), body)


def unusable_audio(body: str) -> str:
    """Why no stream of an offer can be taken, as far as its transport goes; "" when one may be.

    pjsip ends the process at the second INVITE that offers DTLS ("UDP/TLS/RTP/SAVPF").
    """
    offered = [profile for port, profile in _AUDIO.findall(body.replace("\r", "")) if int(port)]
    if unknown := [profile for profile in offered if profile not in PROFILES]:
        return f"media over {unknown[0]} is not supported"
    if offered and all("SAVP" in profile for profile in offered) and "a=crypto:" not in body:
        return "SRTP needs its keys in the offer (SDES)"
    return ""


def _no_dialog() -> Answer:
    return Answer(481, "Call/Transaction Does Not Exist")


def _info(request: Request, leg: DialogEvents) -> Answer:
    """A key (the two body types in use), nothing at all (a sign of life), or something not for us."""
    if "info-package" in request.headers:
        return Answer(469, "Bad Info Package", (("Recv-Info", "nil"),))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind and not request.body.strip():
        return Answer(200, "OK")
    if kind not in DTMF_TYPES:
        return Answer(415, "Unsupported Media Type", (("Accept", ", ".join(DTMF_TYPES)),))
    digit = read_digit(request.body)
    if not digit:
        return Answer(400, "No digit in this body")
    leg.digit_received(digit)
    return Answer(200, "OK")


def read_digit(body: str) -> str:
    """The key of an application/dtmf-relay (`Signal=5`) or application/dtmf (`5`) body; "" without one.

    10 and 11 are what some gateways write for * and #.
    """
    signal = _SIGNAL.search(body)
    key = (signal.group(1) if signal else body.strip()).upper()
    key = {"10": "*", "11": "#"}.get(key, key)
    return key if _DIGIT.fullmatch(key) else ""
