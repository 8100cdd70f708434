"""A message of RFC 4475 and what may be answered to it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SHARED = b"z9hG4bKkdjuw"
_TOP_VIA = re.compile(rb"(?im)^((?:via|v)\s*:\s*SIP\s*/\s*[0-9.]+\s*/\s*\w+\s+[^;,\s]+)")


@dataclass(frozen=True)
class Torture:
    """`octets` as the RFC prints them (its `name`.dat). `answers`: the final responses that a user agent
    may give; empty: it must not answer at all. `tests` tells what the RFC tests with it."""

    name: str
    section: str
    octets: bytes
    answers: frozenset[int]
    tests: str

    @property
    def is_response(self) -> bool:
        return self.octets.startswith(b"SIP/2.0")

    @property
    def reachable(self) -> bytes:
        """The octets with rport (RFC 3581) in the topmost Via: the answer comes to the sender's port
        instead of the imaginary host in it. And the branch that many of them share is told apart: sent
        one after the other they would be retransmissions. Nothing else is changed."""
        told_apart = self.octets.replace(_SHARED, _SHARED + self.name.encode(), 1)
        return _TOP_VIA.sub(rb"\1;rport", told_apart, count=1)

    @property
    def call_id(self) -> bytes:
        """What an answer to it can be told by; its Via's branch when it has none."""
        found = re.search(rb"(?im)^(?:call-id|i)[ \t]*:[ \t]*(\S+)", self.octets)
        return found.group(1) if found else b"z9hG4bKkdj.insuf"


def crlf(text: str) -> bytes:
    """Lines as the RFC prints them, ended as SIP ends them."""
    return text.lstrip("\n").replace("\n", "\r\n").encode()


def sdp(host: str = "192.0.2.1", time: str = "0 0") -> str:
    """The session description that most of the RFC's INVITEs carry."""
    return f"""
v=0
o=mhandley 29739 7272939 IN IP4 {host}
s=-
c=IN IP4 {host}
t={time}
m=audio 49217 RTP/AVP 0 12
m=video 3227 RTP/AVP 31
a=rtpmap:31 LPC
"""
