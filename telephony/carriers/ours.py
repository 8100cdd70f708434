"""What this installation tells carriers of itself: its name, where their calls come, its password there."""

from __future__ import annotations

import base64
import hashlib
import hmac
from ipaddress import ip_address, ip_network
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from media_workers.contract.calls import Gateway, LegPolicy, Transport
from telephony.carriers.base import CarrierRefused
from telephony.carriers.values import Network


def name() -> str:
    """Of our trunk at a carrier: two installations with one account have two."""
    return f"{settings.PRODUCT_NAME} {urlsplit(settings.PUBLIC_URL).hostname}"


def label(account: str, length: int = 12) -> str:
    """The same as letters and digits, nobody else's: for names that are one in a carrier's whole network."""
    return hashlib.sha256(f"{account}\n{name()}".encode()).hexdigest()[:length]


def sip_uris() -> tuple[str, ...]:
    """Where carriers' calls come in, in the order to try. CarrierRefused when there is no such place."""
    if settings.CARRIER_SIP_URIS:
        return tuple(settings.CARRIER_SIP_URIS)
    if not settings.EDGE_PUBLIC_ADDRESS:
        raise CarrierRefused(
            "Carriers do not know where to send calls.",
            code="account",
            to_do="Set EDGE_PUBLIC_ADDRESS or CARRIER_SIP_URIS (docs/guides/carriers.md).",
        )
    host, port = _host_and_port(settings.EDGE_PUBLIC_ADDRESS)
    heard = dict(map(_listens, settings.EDGE_LISTEN))
    if "tls" in heard:
        return (f"sip:{host}:{port or heard['tls']};transport=tls",)
    transport = "udp" if "udp" in heard else "tcp"
    return (f"sip:{host}:{port or heard[transport]};transport={transport}",)


def _host_and_port(text: str) -> tuple[str, str]:
    """Of a name, an address, or [an IPv6 address], each with a port or without ("")."""
    if text.startswith("["):
        host, _, rest = text.partition("]")
        return f"{host}]", rest.removeprefix(":")
    host, _, port = text.partition(":")
    return host, port


def _listens(text: str) -> tuple[str, str]:
    transport, _, rest = text.partition(":")
    return transport, rest.rpartition(":")[2]


def secure() -> bool:
    """Whether calls are encrypted both ways: signalling (TLS) and audio (SRTP)."""
    try:
        uris = sip_uris()
    except CarrierRefused:
        return False
    return all("transport=tls" in uri for uri in uris)


def leg() -> LegPolicy:
    """How calls of carriers are spoken on."""
    return LegPolicy(srtp="required" if secure() else "off")


def gateways(given: list[str], host: str) -> list[Gateway]:
    """Those of the settings ("transport:host" or "transport:host:port"), else `host` by its DNS."""
    if not given:
        transport: Transport = "tls" if secure() else "udp"
        return [Gateway(host=host, port=None, transport=transport)]
    return [_gateway(text) for text in given]


def _gateway(text: str) -> Gateway:
    transport, _, rest = text.partition(":")
    host, _, port = rest.partition(":")
    return Gateway.model_validate({"transport": transport, "host": host, "port": int(port) if port else None})


def allowed() -> tuple[Network, ...]:
    """Addresses that our calls come from; none: the password alone counts."""
    return tuple(ip_network(text) for text in settings.CARRIER_ALLOWED_ADDRESSES)


def password(carrier: str, account: str) -> str:
    """Our SIP password at the carrier: made of SECRET_KEY, so that every process knows it and none keeps it.
    Another SECRET_KEY is another password, which `ensure_trunk` then tells the carrier."""
    digest = hmac.digest(
        settings.SECRET_KEY.encode(), f"sip\n{carrier}\n{account}\n{name()}".encode(), "sha256"
    )
    # Carriers want a capital, a small letter and a digit.
    return f"Aa1{base64.b32encode(digest).decode().rstrip('=')[:29]}"


def username(secret: str) -> str:
    """Our SIP user name: it tells which password goes with it, which carriers do not."""
    return f"trunkline{hashlib.sha256(secret.encode()).hexdigest()[:12]}"


def is_among(networks: tuple[Network, ...], address: str) -> bool:
    """Whether `address` is in one of `networks`."""
    place = ip_address(address)
    return any(place in network for network in networks if network.version == place.version)


def callback(carrier: str, **parameters: str) -> str:
    """Where a carrier tells us of something; "" when it could not reach us there."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    if host == "localhost" or (host.replace(".", "").isdigit() and ip_address(host).is_loopback):
        return ""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"{settings.PUBLIC_URL}/webhooks-in/{carrier}{query}"
