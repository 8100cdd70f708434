"""Telnyx as a carrier. What each method asks of it is in the module that it names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from ipaddress import ip_network

from django.conf import settings

from media_workers.contract.calls import Gateway, LegPolicy
from telephony.carriers import ours
from telephony.carriers.telnyx import callbacks, client, figures, numbers, ports, regulation, trunk
from telephony.carriers.telnyx.trunk import profile_of_messages
from telephony.carriers.values import (
    Address,
    Available,
    Bundle,
    BundleWish,
    CallerName,
    CallPrice,
    CallRecord,
    CarrierTrunk,
    Dialing,
    Network,
    News,
    NumberPrice,
    NumberType,
    Owned,
    Port,
    Portability,
    PortWish,
    Requirements,
    Search,
    UsageLine,
)

SIGNALLING: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "192.76.120.10/32",  # United States
        "64.16.250.10/32",
        "5.172.39.10/32",  # Europe
        "5.172.39.25/32",
        "193.108.220.10/32",  # Canada
        "193.108.220.25/32",
        "103.135.104.10/32",  # Australia
        "103.135.104.25/32",
    )
)
"""https://developers.telnyx.com/docs/voice/sip-trunking/routing; other ones: TELNYX_SIP_NETWORKS."""


class TelnyxCarrier:
    """Reads TELNYX_* and CARRIER_* of the settings."""

    name = "telnyx"
    label = "Telnyx"
    number_types: tuple[NumberType, ...] = ("local", "mobile", "toll_free", "national")

    @property
    def configured(self) -> bool:
        return bool(settings.TELNYX_API_KEY)

    # --- Calls
    def dialing(self) -> Dialing:
        """Audio is encrypted whenever Telnyx does it: over TLS it decides that itself."""
        secret = trunk.password()
        leg = LegPolicy(srtp="optional" if ours.secure() else "off")
        return Dialing(self.gateways(), ours.username(secret), secret, leg)

    def gateways(self) -> list[Gateway]:
        return ours.gateways(settings.TELNYX_SIP_GATEWAYS, trunk.DOMAIN)

    def networks(self) -> Collection[Network]:
        return tuple(ip_network(text) for text in settings.TELNYX_SIP_NETWORKS) or SIGNALLING

    def sends_from(self, address: str, port: int) -> bool:
        return ours.is_among(tuple(self.networks()), address)

    def ensure_trunk(self) -> CarrierTrunk:
        return trunk.ensure()

    # --- Numbers
    def search(self, wish: Search) -> list[Available]:
        return numbers.search(wish)

    def requirements(self, country: str, type: NumberType, *, business: bool = True) -> Requirements:
        return regulation.requirements(country, type)

    def number_price(self, country: str, type: NumberType) -> NumberPrice:
        return numbers.number_price(country, type)

    def buy(self, *, e164: str, key: str, address: str = "", bundle: str = "") -> Owned:
        """An address is one of a bundle's papers at Telnyx."""
        return numbers.buy(e164=e164, key=key, bundle=bundle)

    def owned(self, e164: str) -> Owned | None:
        return numbers.owned(e164)

    def all_owned(self) -> Iterator[Owned]:
        return numbers.all_owned()

    def attach(self, owned: Owned, trunk: CarrierTrunk) -> None:
        numbers.attach(owned, trunk, profile_of_messages())

    def release(self, id: str) -> None:
        numbers.release(id)

    def set_caller_name(self, owned: Owned, name: str) -> CallerName:
        return numbers.set_name(owned, name)

    def create_address(self, *, key: str, address: Address) -> str:
        return regulation.create_address(key=key, address=address)

    def create_bundle(self, *, key: str, wish: BundleWish) -> Bundle:
        return regulation.create_bundle(key=key, wish=wish)

    def bundle(self, id: str) -> Bundle:
        return regulation.bundle(id)

    # --- Ports
    def portability(self, e164: str) -> Portability:
        return ports.portability(e164)

    def port_in(self, *, key: str, wish: PortWish) -> Port:
        return ports.port_in(key=key, wish=wish)

    def find_port(self, *, key: str, e164: str) -> Port | None:
        return ports.find(key)

    def port(self, id: str) -> Port:
        return ports.port(id)

    def cancel_port(self, id: str) -> Port:
        return ports.cancel(id)

    # --- Messages and figures
    def send_message(
        self, *, sender: str, to: str, text: str, key: str, since: datetime | None = None
    ) -> str:
        """Telnyx knows no keys of ours, and its records no texts: after an attempt whose end nobody knows
        any message from there to there since then is taken for it."""
        if since is not None and (sent := figures.was_sent(sender=sender, to=to, since=since)):
            return sent
        told_at = ours.callback("telnyx", key=key)
        body = {"from": sender, "to": to, "text": text} | ({"webhook_url": told_at} if told_at else {})
        return str(client.post("send the message", "/messages", body)["id"])

    def call_prices(self, country: str) -> list[CallPrice]:
        return figures.call_prices(country)

    def usage(self, day: date) -> list[UsageLine]:
        return figures.usage(day)

    def call_records(self, since: datetime, until: datetime) -> Iterator[CallRecord]:
        return figures.call_records(since, until)

    # --- Callbacks
    def hear(self, *, url: str, headers: Mapping[str, str], body: bytes) -> list[News]:
        return callbacks.hear(url=url, headers=headers, body=body)
