"""Requests that nobody should send: what is wrong with them, and the answer. No socket, no pjsua2.

pjsip drops what it cannot parse without a word, so that the sender tries again for 32 s; and some of
what it can parse ends the process: a request whose CSeq names another method meets an assertion in a
transaction with the same branch (sip_transaction.c, tsx_on_state_confirmed).
"""

from __future__ import annotations

import re

from media_workers.sip.gate import ALLOW, KNOWN_AND_REFUSED, PROFILES
from media_workers.sip.message import COMPACT_FORMS

ONCE = frozenset({"from", "to", "call-id", "cseq", "content-length", "max-forwards"})
COPIED = ("via", "from", "to", "call-id", "cseq")
"""Headers of a response that are the request's (RFC 3261, 8.2.6.2)."""

SCHEMES = re.compile(r"(?:sips?|tel):", re.IGNORECASE)
_AUDIO = re.compile(r"^m=audio[ \t]+(\d{1,5})(?:/\d+)?[ \t]+(\S+)[ \t]+([^\n]*)", re.MULTILINE)
_CSEQ = re.compile(r"\d+\s+(\S+)")
_TAG = re.compile(r";\s*tag\s*=", re.IGNORECASE)


def fault_of(text: str, method: str, size: int) -> str:
    """What is wrong with a request that pjsip has parsed, in words; "" when nothing is.

    `method` as pjsip understands it; `size`: octets of the datagram or of the message in a stream;
    `text` may be cut before them.
    """
    head, blank, _ = text.replace("\r\n", "\n").partition("\n\n")
    headers = _headers(head)
    names = [name for name, _ in headers]
    if repeated := sorted(name for name in ONCE if names.count(name) > 1):
        return f"{repeated[0]} is given more than once"
    values = dict(headers)
    sequence = _CSEQ.fullmatch(values.get("cseq", "").strip())
    if sequence is not None and sequence[1] != method:
        return "CSeq names another method"
    whole = _octets(text) >= size
    length = values.get("content-length", "").strip()
    if blank and whole and length.isdigit() and int(length) > _octets(text) - _head_size(text):
        return "Content-Length is more than there is"
    return ""


def is_useless_early_answer(text: str) -> bool:
    """Whether a provisional response to an INVITE brings a session description that no call of ours could
    use. pjsip gives up the call's media for it, and ends the process when another branch then answers.
    """
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    first, headers = head.lstrip().partition("\n")[0], dict(reversed(_headers(head)))
    if not re.match(r"SIP/2\.0 1(?!00)\d\d\b", first) or not headers.get("cseq", "").endswith("INVITE"):
        return False
    kind = headers.get("content-type", "").lower()
    described = "application/sdp" in kind or "application/sdp" in body.lower()
    return described and not any(
        int(port) and profile in PROFILES and {"0", "8"} & set(payloads.split())
        for port, profile, payloads in _AUDIO.findall(body)
    )


def answer_to_unreadable(text: str) -> bytes | None:
    """The response to a request that pjsip could not parse; None when there is nothing to answer."""
    head = text.replace("\r\n", "\n").partition("\n\n")[0]
    line = head.lstrip().partition("\n")[0]
    method, _, rest = line.partition(" ")
    headers = _headers(head)
    if not rest or method == "ACK" or method.upper().startswith("SIP/") or "via" not in dict(headers):
        return None
    status, extra = _status(method, rest.strip())
    copied = [(name, value) for wanted in COPIED for name, value in headers if name == wanted]
    lines = [f"SIP/2.0 {status}", *(f"{_written(name)}: {_tagged(name, value)}" for name, value in copied)]
    return "\r\n".join([*lines, *extra, "Content-Length: 0", "", ""]).encode(errors="surrogateescape")


def _status(method: str, rest: str) -> tuple[str, list[str]]:
    """As far as the first line can be understood, the rules for it come first."""
    uri, _, version = rest.rpartition(" ")
    if re.fullmatch(r"SIP/\d+\.\d+", version) and version != "SIP/2.0":
        return "505 Version Not Supported", []
    if re.match(r"[A-Za-z][A-Za-z0-9.+-]*:", uri) and not SCHEMES.match(uri):
        return "416 Unsupported URI Scheme", []
    if method in KNOWN_AND_REFUSED:
        return "405 Method Not Allowed", [f"Allow: {', '.join(ALLOW)}"]
    return "400 Bad Request", []


def _headers(head: str) -> list[tuple[str, str]]:
    unfolded = re.sub(r"\n[ \t]+", " ", head)
    split = (line.partition(":") for line in unfolded.split("\n")[1:])
    named = ((name.strip().lower(), value.strip()) for name, colon, value in split if colon)
    return [(COMPACT_FORMS.get(name, name), value) for name, value in named]


def _head_size(text: str) -> int:
    """Octets up to and with the empty line."""
    end = re.search(r"\r?\n\r?\n", text)
    return _octets(text[: end.end()] if end else text)


def _octets(text: str) -> int:
    """pjsua2 hands on what is not UTF-8 as surrogates."""
    return len(text.encode(errors="surrogateescape"))


def _written(name: str) -> str:
    return {"call-id": "Call-ID", "cseq": "CSeq"}.get(name, name.capitalize())


def _tagged(name: str, value: str) -> str:
    return value if name != "to" or _TAG.search(value) else f"{value};tag=unreadable"
