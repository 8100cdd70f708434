"""Twilio as a carrier. What each method asks of it is in the module that it names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from ipaddress import ip_network

from django.conf import settings

from media_workers.contract.calls import Gateway
from telephony.carriers import ours
from telephony.carriers.twilio import callbacks, figures, messages, names, numbers, ports, regulation, trunk
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
        "54.172.60.0/30",  # Virginia
        "54.244.51.0/30",  # Oregon
        "54.171.127.192/30",  # Ireland
        "35.156.191.128/30",  # Frankfurt
        "54.65.63.192/30",  # Tokyo
        "54.169.127.128/30",  # Singapore
        "54.252.254.64/30",  # Sydney
        "177.71.206.192/30",  # Sao Paulo
    )
)
"""https://www.twilio.com/docs/sip-trunking/ip-addresses; other ones: TWILIO_SIP_NETWORKS."""


class TwilioCarrier:
    """Reads TWILIO_* and CARRIER_* of the settings."""

    name = "twilio"
    label = "Twilio"
    number_types: tuple[NumberType, ...] = ("local", "mobile", "toll_free", "national")

    @property
    def configured(self) -> bool:
        return bool(settings.TWILIO_ACCOUNT_SID)

    # --- Calls
    def dialing(self) -> Dialing:
        secret = trunk.password()
        return Dialing(self.gateways(), ours.username(secret), secret, ours.leg())

    def gateways(self) -> list[Gateway]:
        return ours.gateways(settings.TWILIO_SIP_GATEWAYS, trunk.domain())

    def networks(self) -> Collection[Network]:
        return tuple(ip_network(text) for text in settings.TWILIO_SIP_NETWORKS) or SIGNALLING

    def sends_from(self, address: str, port: int) -> bool:
        return ours.is_among(tuple(self.networks()), address)

    def ensure_trunk(self) -> CarrierTrunk:
        return trunk.ensure()

    # --- Numbers
    def search(self, wish: Search) -> list[Available]:
        return numbers.search(wish)

    def requirements(self, country: str, type: NumberType, *, business: bool = True) -> Requirements:
        return regulation.requirements(country, type, business=business)

    def number_price(self, country: str, type: NumberType) -> NumberPrice:
        return numbers.number_price(country, type)

    def buy(self, *, e164: str, key: str, address: str = "", bundle: str = "") -> Owned:
        return numbers.buy(e164=e164, key=key, address=address, bundle=bundle)

    def owned(self, e164: str) -> Owned | None:
        return numbers.owned(e164)

    def all_owned(self) -> Iterator[Owned]:
        return numbers.all_owned()

    def attach(self, owned: Owned, trunk: CarrierTrunk) -> None:
        numbers.attach(owned, trunk)

    def release(self, id: str) -> None:
        numbers.release(id)

    def set_caller_name(self, owned: Owned, name: str) -> CallerName:
        return names.set_name(owned, name)

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
        return ports.port_in(wish=wish)

    def find_port(self, *, key: str, e164: str) -> Port | None:
        return ports.find(e164)

    def port(self, id: str) -> Port:
        return ports.port(id)

    def cancel_port(self, id: str) -> Port:
        return ports.cancel(id)

    # --- Messages and figures
    def send_message(
        self, *, sender: str, to: str, text: str, key: str, since: datetime | None = None
    ) -> str:
        return messages.send(sender=sender, to=to, text=text, key=key, since=since)

    def call_prices(self, country: str) -> list[CallPrice]:
        return figures.call_prices(country)

    def usage(self, day: date) -> list[UsageLine]:
        return figures.usage(day)

    def call_records(self, since: datetime, until: datetime) -> Iterator[CallRecord]:
        return figures.call_records(since, until)

    # --- Callbacks
    def hear(self, *, url: str, headers: Mapping[str, str], body: bytes) -> list[News]:
        return callbacks.hear(url=url, headers=headers, body=body)
