"""Requests written, responses read: as much of RFC 3261 as REGISTER and OPTIONS need."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from media_workers.sip.message import COMPACT_FORMS

COOKIE = "z9hG4bK"
_STATUS = re.compile(r"SIP/2\.0 ([1-6][0-9]{2}) ?(.*)")


@dataclass(frozen=True, slots=True)
class Sender:
    """Where a request says it comes from: `sent_by` (host:port) in Via, `transport` udp, tcp or tls."""

    sent_by: str
    transport: str
    user_agent: str = "Trunkline"


@dataclass(frozen=True, slots=True)
class Request:
    """A request that can be sent, again too: `branch` is its transaction's."""

    method: str
    branch: str
    text: str


@dataclass(frozen=True, slots=True)
class Response:
    """A response's status and its headers, names in lower case and full, in their order."""

    code: int
    reason: str
    headers: tuple[tuple[str, str], ...]

    def all(self, name: str) -> list[str]:
        """The values of every header of that name."""
        return [value for key, value in self.headers if key == name]

    def first(self, name: str) -> str:
        """The first of them; "" without one."""
        return next(iter(self.all(name)), "")

    @property
    def branch(self) -> str:
        """That of the topmost Via, which names the transaction it answers."""
        match = re.search(r";\s*branch\s*=\s*([^\s;,]+)", self.first("via"))
        return match[1] if match else ""

    @property
    def retry_after_s(self) -> int | None:
        """RFC 3261, 20.33."""
        match = re.match(r"\s*(\d{1,9})", self.first("retry-after"))
        return int(match[1]) if match else None


def build(
    method: str,
    uri: str,
    sender: Sender,
    *,
    from_uri: str,
    to_uri: str,
    call_id: str,
    cseq: int,
    from_tag: str,
    headers: Sequence[tuple[str, str]] = (),
) -> Request:
    """A request without a body. Nothing given may hold a line break."""
    branch = COOKIE + secrets.token_hex(10)
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/{sender.transport.upper()} {sender.sent_by};rport;branch={branch}",
        "Max-Forwards: 70",
        f"From: <{from_uri}>;tag={from_tag}",
        f"To: <{to_uri}>",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} {method}",
        f"User-Agent: {sender.user_agent}",
        *(f"{name}: {value}" for name, value in headers),
        "Content-Length: 0",
    ]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header may not hold a line break")
    return Request(method, branch, "\r\n".join(lines) + "\r\n\r\n")


def read_response(text: str) -> Response | None:
    """None for what is no SIP response."""
    head = re.sub(r"\r?\n[ \t]+", " ", re.split(r"\r?\n\r?\n", text, maxsplit=1)[0])
    first, *rest = re.split(r"\r?\n", head)
    status = _STATUS.fullmatch(first.strip())
    if status is None:
        return None
    headers = []
    for line in rest:
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            headers.append((COMPACT_FORMS.get(key, key), value.strip()))
    return Response(int(status[1]), status[2].strip(), tuple(headers))
