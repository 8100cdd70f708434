"""SIP URIs that people give: what is in one, and whether a call may go there."""

from __future__ import annotations

import re
from typing import NamedTuple, cast

from media_workers.contract.calls import Gateway, Transport
from telephony.trunks.values import check_host, check_reachable
from tenants.errors import InvalidInput

_URI = re.compile(
    r"(?P<scheme>sips?):(?P<user>[^@:;]{1,80})@(?P<host>\[[0-9A-Fa-f:.]+\]|[^:;?\[\]]{1,160})"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<rest>[;?].*)?"
)
_TRANSPORT = re.compile(r";transport=(udp|tcp|tls)\b", re.IGNORECASE)

UNREADABLE = "Give a SIP URI with a user and a host, like sip:desk@pbx.example.com."


class SipAddress(NamedTuple):
    """`host` in normal form; `port` None: as DNS says (RFC 3263)."""

    user: str
    host: str
    port: int | None
    transport: str

    @property
    def gateway(self) -> Gateway:
        return Gateway(host=self.host, port=self.port, transport=cast(Transport, self.transport))


def read_sip_uri(uri: str) -> SipAddress:
    """What is in it. Raises InvalidInput."""
    found = _URI.fullmatch(uri)
    port = int(found["port"]) if found and found["port"] else None
    if found is None or (port is not None and not 0 < port < 65_536):
        raise InvalidInput(UNREADABLE, field="sip_uri")
    named = _TRANSPORT.search(found["rest"] or "")
    transport = named[1].lower() if named else ("tls" if found["scheme"] == "sips" else "udp")
    try:
        host = check_host(found["host"].strip("[]"))
    except InvalidInput as error:
        raise InvalidInput(error.detail, field="sip_uri") from error
    return SipAddress(found["user"], host, port, transport)


def sip_uri_refusal(uri: str) -> str:
    """Why no call may go there, in words; "": it may. The same as of gateways: nobody is to be sent into our
    own network."""
    try:
        address = read_sip_uri(uri)
    except InvalidInput as error:
        return error.detail
    try:
        check_reachable(address.host)
    except InvalidInput as error:
        return error.detail
    return ""
