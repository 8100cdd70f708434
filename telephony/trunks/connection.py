"""What the other side of a trunk has to be told to reach us."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from telephony.edge.kamailio.config import edge_config
from telephony.edge.selectors import sip_addresses
from telephony.trunks.models import Trunk


def connection() -> dict[str, Any]:
    """What holds for every trunk: where SIP is spoken, codecs, DTMF, the ports of RTP.

    Behind an edge its sockets, by the address that the outside sees; else the lines of the live nodes.
    """
    first, last = settings.RTP_PORTS
    addresses, transports = _edge() if settings.EDGE or settings.EDGE_PUBLIC_ADDRESS else _lines()
    return {
        "addresses": addresses,
        "transports": transports,
        "codecs": ["PCMU", "PCMA"],
        "dtmf": "RFC 4733 or SIP INFO",
        "rtp_ports": {"first": first, "last": last},
        "sip_domain": settings.SIP_DOMAIN,
    }


def connection_of(trunk: Trunk) -> dict[str, Any]:
    """`connection`, and what is the trunk's own."""
    return connection() | {
        "codecs": [codec.upper() for codec in trunk.codecs],
        "domain": trunk.domain,
        "request_uri": f"sip:<number>@{trunk.domain}",
        "username": trunk.inbound_username,
        "realm": settings.SIP_DOMAIN,
        "srtp": trunk.srtp,
    }


def _edge() -> tuple[list[str], list[str]]:
    config = edge_config()
    places = [f"{config.public_address or socket.host}:{socket.port}" for socket in config.listen]
    return list(dict.fromkeys(places)), list(dict.fromkeys(socket.transport for socket in config.listen))


def _lines() -> tuple[list[str], list[str]]:
    return sip_addresses(), ["udp", "tcp"]
