"""From a `DialTarget` to the addresses of an INVITE. Nothing a tenant typed reaches SIP unchecked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from media_workers.contract.calls import DialTarget, Gateway

_USER = re.compile(r"[A-Za-z0-9+*#._~!'()%&=$,/-]{1,128}")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]+\]")
_HEADER_NAME = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")


@dataclass(frozen=True, slots=True)
class InviteAddresses:
    """`request_uri` is where the INVITE goes, `from_uri` who it says is calling."""

    request_uri: str
    from_uri: str
    transport: str


def invite_addresses(target: DialTarget, our_address: str) -> InviteAddresses:
    """Addresses for the first gateway. ValueError names the field that cannot be used.

    With credentials the caller is a user of the trunk's domain, otherwise of our own address.
    """
    if not target.gateways:
        raise ValueError("gateways: give at least one gateway to dial through")
    gateway = target.gateways[0]
    number = _checked("number", target.number, _USER).replace("#", "%23")
    caller = _checked("caller_id", target.caller_id, _USER).replace("#", "%23")
    host = _checked("gateways.0.host", gateway.host, _HOST)
    return InviteAddresses(
        request_uri=f"sip:{number}@{host}:{gateway.port}{_transport_parameter(gateway)}",
        from_uri=f"sip:{caller}@{host if target.username else our_address}",
        transport=gateway.transport,
    )


def checked_headers(headers: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """`headers` when they are safe to write into a message; ValueError names the one that is not."""
    for name, value in headers:
        if not _HEADER_NAME.fullmatch(name) or re.search(r"[\r\n\x00]", value):
            raise ValueError(f"headers: {name!r} is not a header that can be sent on one line")
    return list(headers)


def _checked(field: str, value: str, allowed: re.Pattern[str]) -> str:
    if not allowed.fullmatch(value):
        raise ValueError(f"{field}: {value!r} cannot be part of a SIP address")
    return value


def _transport_parameter(gateway: Gateway) -> str:
    return "" if gateway.transport == "udp" else f";transport={gateway.transport}"
