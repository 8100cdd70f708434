"""Just enough reading of SIP messages: headers, addresses, an `Invite`, and credentials masked.

pjsip has parsed and accepted what comes here, except where a function says otherwise.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from media_workers.sip.types import Invite

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

_USER = re.compile(r"(?:sips?:([^@>\s]*)@|tel:([^;>]*))", re.IGNORECASE)
_SECRET = re.compile(r"(?im)^((?:proxy-)?authorization\s*:\s*\w+)[^\r\n]*((?:\r?\n[ \t][^\r\n]*)*)")


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


def user_of(address: str) -> str:
    """The user part of a SIP or tel address (`"Ann" <sip:+12025550100@host>;tag=1`); "" without one."""
    match = _USER.search(address)
    if match is None:
        return ""
    user = match.group(1) if match.group(1) is not None else match.group(2)
    return unquote(user.split(";")[0].split(":")[0])


def mask_credentials(text: str) -> str:
    """`text` without what Authorization and Proxy-Authorization prove (RFC 3261, 22.4)."""
    return _SECRET.sub(r"\1 ***", text)


def read_invite(text: str, source: str) -> Invite:
    """An INVITE and the network address (`host:port`) it came from."""
    headers = headers_of(text)
    request_uri = text.split(" ", 2)[1]
    host, _, port = source.rpartition(":")
    via = headers.get("via", "").split()
    return Invite(
        sip_call_id=headers.get("call-id", ""),
        source_address=host.strip("[]"),
        source_port=int(port),
        transport=via[0].rsplit("/", 1)[-1].lower() if via else "udp",
        request_uri=request_uri,
        dialed_number=user_of(request_uri) or user_of(headers.get("to", "")),
        caller=user_of(headers.get("from", "")),
        headers=headers,
    )
