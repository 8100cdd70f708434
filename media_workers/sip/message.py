"""Just enough reading of SIP messages: headers, addresses, an `Invite`, and credentials masked.

pjsip has parsed and accepted what comes here, except where a function says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from media_workers.sip.dial import SIPS_OWN
from media_workers.sip.sdp import offers_srtp
from media_workers.sip.types import Edge, Invite

COMPACT_FORMS = {
    "i": "call-id",
    "m": "contact",
    "e": "content-encoding",
    "l": "content-length",
    "c": "content-type",
    "f": "from",
    "s": "subject",
    "k": "supported",
    "t": "to",
    "v": "via",
}
"""RFC 3261, 7.3.3."""

OUR_PREFIX = "x-trunkline-"
SOURCE = "x-trunkline-source"
AUTHENTICATED = "x-trunkline-auth"
"""Set by our own edge, which removes them from what arrives from outside."""

_SOURCE = re.compile(r"([0-9.]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5});(udp|tcp|tls)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_VIA = re.compile(r"SIP\s*/\s*2\.0\s*/\s*(\w+)", re.IGNORECASE)
_USER = re.compile(r"(?:sips?:([^@>\s]*)@|tel:([^;>]*))", re.IGNORECASE)
_SECRET = re.compile(r"(?im)^((?:proxy-)?authorization\s*:\s*\w+)[^\r\n]*((?:\r?\n[ \t][^\r\n]*)*)")

MAX_HEADERS = 40
MAX_HEADER_BYTES = 4096
_NAME = re.compile(r"[a-z0-9.!%*_+`'~-]{1,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_MEDIA_KEY = re.compile(r"(?im)^(a=crypto:\s*\d+\s+\S+\s+)[^\r\n]*")


def headers_of(text: str) -> dict[str, str]:
    """Header fields by their full name in lower case; of repeated ones the first, folding undone."""
    head = re.split(r"\r?\n\r?\n", text, maxsplit=1)[0]
    unfolded = re.sub(r"\r?\n[ \t]+", " ", head)
    found: dict[str, str] = {}
    for line in re.split(r"\r?\n", unfolded)[1:]:
        name, colon, value = line.partition(":")
        key = name.strip().lower()
        if colon:
            found.setdefault(COMPACT_FORMS.get(key, key), value.strip())
    return found


def custom_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Of an INVITE's headers those that are not the protocol's own, by their name in lower case and
    without control characters: at most `MAX_HEADERS`, and `MAX_HEADER_BYTES` in all."""
    kept: dict[str, str] = {}
    room = MAX_HEADER_BYTES
    for name, value in headers.items():
        if name in SIPS_OWN or not _NAME.fullmatch(name):
            continue
        clean = _CONTROL.sub("", value)
        size = len(name) + len(clean.encode())
        if len(kept) < MAX_HEADERS and size <= room:
            kept[name] = clean
            room -= size
    return kept


def user_of(address: str) -> str:
    """The user part of a SIP or tel address (`"Ann" <sip:+12025550100@host>;tag=1`); "" without one.

    What a display name looks like does not matter: `"sip:ann@host" <sip:bob@host>` is bob.
    """
    match = _USER.search(_QUOTED.sub("", address))
    if match is None:
        return ""
    user = match.group(1) if match.group(1) is not None else match.group(2)
    return unquote(user.split(";")[0].split(":")[0])


def mask_credentials(text: str) -> str:
    """`text` without what Authorization and Proxy-Authorization prove (RFC 3261, 22.4) and without the
    keys of encrypted media (RFC 4568), whose place is kept: Content-Length stays right."""
    return _MEDIA_KEY.sub(
        lambda key: key[1] + "*" * (len(key[0]) - len(key[1])), _SECRET.sub(r"\1 ***", text)
    )


def read_invite(text: str, source: str, edge: Edge | None = None) -> Invite:
    """An INVITE and the network address (`host:port`) it came from. What our own headers say is believed
    of the `edge` only; from anybody else they are taken away."""
    headers = headers_of(text)
    request_uri = text.split(" ", 2)[1]
    host, _, port = source.rpartition(":")
    via = _VIA.match(headers.get("via", ""))
    transport = via[1].lower() if via else "udp"
    sender = (host.strip("[]").removeprefix("::ffff:"), int(port), transport)
    ours = {name: headers.pop(name) for name in list(headers) if name.startswith(OUR_PREFIX)}
    by_edge = edge is not None and edge.sent(*sender)
    address, source_port, transport = _seen_by_edge(ours.get(SOURCE, "")) or sender if by_edge else sender
    return Invite(
        sip_call_id=headers.get("call-id", ""),
        source_address=address,
        source_port=source_port,
        transport=transport,
        request_uri=request_uri,
        dialed_number=user_of(request_uri) or user_of(headers.get("to", "")),
        caller=user_of(headers.get("from", "")),
        headers=headers,
        edge=source if by_edge else "",
        authenticated_as=ours.get(AUTHENTICATED, "") if by_edge else "",
        srtp_offered=offers_srtp(text),
    )


def _seen_by_edge(value: str) -> tuple[str, int, str] | None:
    """`203.0.113.5:5071;tls`, an IPv6 address in brackets."""
    match = _SOURCE.fullmatch(value)
    return (match[1].strip("[]"), int(match[2]), match[3]) if match else None
