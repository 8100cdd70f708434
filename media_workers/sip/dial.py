"""From a `DialTarget` to what an INVITE says. Nothing a tenant typed reaches SIP unchecked."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from media_workers.contract.calls import DialTarget, Gateway

ANONYMOUS = '"Anonymous" <sip:anonymous@anonymous.invalid>'
"""Who calls when the caller's number is withheld (RFC 3323, 4.1.1.3)."""

SIPS_OWN = frozenset(
    [
        "accept",
        "allow",
        "authorization",
        "call-id",
        "contact",
        "content-disposition",
        "content-encoding",
        "content-length",
        "content-type",
        "cseq",
        "event",
        "expires",
        "from",
        "max-forwards",
        "mime-version",
        "min-se",
        "proxy-authorization",
        "proxy-require",
        "rack",
        "record-route",
        "refer-to",
        "replaces",
        "require",
        "route",
        "rseq",
        "session-expires",
        "subscription-state",
        "supported",
        "to",
        "user-agent",
        "via",
        "c",
        "d",
        "e",
        "f",
        "i",
        "k",
        "l",
        "m",
        "o",
        "r",
        "s",
        "t",
        "u",
        "v",
        "x",
    ]
)
"""Headers that the protocol itself needs; "d" and the like are compact forms."""

_USER = re.compile(r"[A-Za-z0-9+*#._~!'()%&=$,/-]{1,128}")
_HOST = re.compile(r"[A-Za-z0-9_.-]{1,253}|\[[0-9A-Fa-f:.]+\]")
_HEADER_NAME = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")


@dataclass(frozen=True, slots=True)
class InviteAddresses:
    """`request_uri` is whom the INVITE asks for, `caller` goes into From (a name-addr), `headers` tell
    the rest of who calls."""

    request_uri: str
    caller: str
    transport: str
    headers: list[tuple[str, str]]


def invite_addresses(target: DialTarget, our_address: str) -> InviteAddresses:
    """Addresses for the first gateway. ValueError names the field that cannot be used.

    With credentials the caller is a user of the trunk's domain, otherwise of our own address.
    """
    if not target.gateways:
        raise ValueError("gateways: give at least one gateway to dial through")
    gateway = target.gateways[0]
    number = _checked("number", target.number, _USER).replace("#", "%23")
    user = _checked("caller_id", target.caller_id, _USER).replace("#", "%23")
    host = _checked("gateways.0.host", bracketed(gateway.host), _HOST)
    caller = f"<sip:{user}@{host if target.username else our_address}>"
    port = "" if gateway.port is None else f":{gateway.port}"
    return InviteAddresses(
        request_uri=f"sip:{number}@{host}{port}{_transport_parameter(gateway)}",
        caller=ANONYMOUS if target.caller_id_private else caller,
        transport=gateway.transport,
        headers=[*_identity(target, caller), *_tenants(target.headers)],
    )


def bracketed(host: str) -> str:
    """An IPv6 address as it stands in a URI."""
    try:
        return f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    except ValueError:
        return host


def checked_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """`headers` when they are safe to write into a message; ValueError names the one that is not."""
    checked = list(headers)
    for name, value in checked:
        if not _HEADER_NAME.fullmatch(name) or re.search(r"[\r\n\x00]", value):
            raise ValueError(f"headers: {name!r} is not a header that can be sent on one line")
    return checked


def _tenants(headers: dict[str, str]) -> list[tuple[str, str]]:
    for name in headers:
        if name.lower() in SIPS_OWN:
            raise ValueError(f"headers: {name} is SIP's own and cannot be set")
    return checked_headers(headers.items())


def _identity(target: DialTarget, caller: str) -> list[tuple[str, str]]:
    """Who calls, for the carrier (RFC 3325; draft-ietf-sip-privacy-04 for Remote-Party-ID, which says in
    the same header whether the person called may see it)."""
    headers = []
    if target.caller_id_header == "p_asserted_identity":
        headers.append(("P-Asserted-Identity", caller))
    elif target.caller_id_header == "remote_party_id":
        privacy = "full" if target.caller_id_private else "off"
        headers.append(("Remote-Party-ID", f"{caller};party=calling;privacy={privacy};screen=yes"))
    if target.caller_id_private:
        headers.append(("Privacy", "id"))
    return headers


def _checked(field: str, value: str, allowed: re.Pattern[str]) -> str:
    if not allowed.fullmatch(value):
        raise ValueError(f"{field}: {value!r} cannot be part of a SIP address")
    return value


def _transport_parameter(gateway: Gateway) -> str:
    return "" if gateway.transport == "udp" else f";transport={gateway.transport}"
