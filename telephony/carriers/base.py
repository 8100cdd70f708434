"""What the platform asks of a carrier.

`Carrier` is what every carrier does; `NumberGiver` has numbers of its own to give (the sandbox);
`NumberCarrier` sells those of the public network. No method touches the database, every one that asks the
carrier raises CarrierRefused and CarrierDown, and what changes something may be asked for again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Protocol

from media_workers.contract.calls import Gateway
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


class CarrierRefused(Exception):
    """The carrier will not do it, however often it is asked. The text is for people: what it refuses.

    `to_do`: what the person can do next, a sentence. `code`: for programs, one of ours. `carrier_code`: the
    carrier's own.
    """

    def __init__(self, words: str, *, code: str = "refused", to_do: str = "", carrier_code: str = "") -> None:
        super().__init__(f"{words} {to_do}".strip())
        self.words, self.to_do = words, to_do
        self.code, self.carrier_code = code, carrier_code


class CarrierDown(Exception):
    """The carrier cannot do it now; the same may be asked again later."""


class NotSigned(Exception):
    """Somebody else than the carrier has sent this."""


class Carrier(Protocol):
    """A company (or the sandbox) that takes calls."""

    name: str

    @property
    def configured(self) -> bool:
        """Whether the settings have what it needs."""
        ...

    def dialing(self) -> Dialing:
        """How calls are sent there. Asks nobody."""
        ...

    def gateways(self) -> list[Gateway]:
        """Those of `dialing`, in the order to try."""
        ...

    def networks(self) -> Collection[Network]:
        """Where its calls come from, for the SIP edge; empty for one that the edge knows otherwise."""
        ...

    def sends_from(self, address: str, port: int) -> bool:
        """Whether an INVITE from `address`:`port` (as seen on the socket) is this carrier's."""
        ...

    def send_message(
        self, *, sender: str, to: str, text: str, key: str, since: datetime | None = None
    ) -> str:
        """Sends `text` from one of its numbers and returns the carrier's id for it.

        Asking again with the same `key` sends nothing twice; for carriers that know no keys, `since` says
        from when on an earlier attempt may have sent it (None: this is the first).
        """
        ...


class NumberGiver(Carrier, Protocol):
    """One that assigns numbers for nothing."""

    number_prefix: str
    """What all its numbers begin with."""

    def owns(self, e164: str) -> bool:
        """Whether it can assign `e164`."""
        ...

    def free_number(self, taken: Collection[str]) -> str | None:
        """A number that is not among `taken`; None when all are."""
        ...


class NumberCarrier(Carrier, Protocol):
    """One that sells numbers and connects them to the telephone network through a SIP trunk of ours."""

    label: str
    """Its name for people."""
    number_types: tuple[NumberType, ...]

    # --- Numbers
    def search(self, wish: Search) -> list[Available]:
        """Numbers for sale, with the carrier's prices (no margin of ours), at most `wish.limit`."""
        ...

    def requirements(self, country: str, type: NumberType, *, business: bool = True) -> Requirements:
        """What the regulator of `country` (ISO 3166 alpha-2) asks for before a number is sold."""
        ...

    def number_price(self, country: str, type: NumberType) -> NumberPrice:
        """What such a number costs. CarrierRefused (`not_sold`) when there are none."""
        ...

    def buy(self, *, e164: str, key: str, address: str = "", bundle: str = "") -> Owned:
        """Buys `e164`, unless it is ours already (then that is returned, whatever its key). `key` is written
        beside the number at the carrier. `address` and `bundle` are ids of this carrier's.

        CarrierRefused codes: `unavailable` (sold meanwhile), `address_required`, `bundle_required`,
        `account` (money or rights of the platform's account).
        """
        ...

    def owned(self, e164: str) -> Owned | None:
        """The number among those of the platform's account."""
        ...

    def all_owned(self) -> Iterator[Owned]:
        """Every number of the platform's account, page by page."""
        ...

    def attach(self, owned: Owned, trunk: CarrierTrunk) -> None:
        """Sends the number's calls to `trunk`, and its messages' news to our callbacks."""
        ...

    def release(self, id: str) -> None:
        """Gives the number with the carrier's `id` back; one that is gone already is no error."""
        ...

    def set_caller_name(self, owned: Owned, name: str) -> CallerName:
        """What is shown beside the number when it calls (CNAM), letters, digits and spaces, at most 15
        characters; "" takes it away."""
        ...

    # --- What regulators ask for
    def create_address(self, *, key: str, address: Address) -> str:
        """The id of the address at the carrier; with the same `key` the same one."""
        ...

    def create_bundle(self, *, key: str, wish: BundleWish) -> Bundle:
        """Hands papers in, to be looked at by the carrier; with the same `key` the same one."""
        ...

    def bundle(self, id: str) -> Bundle:
        """How far it is."""
        ...

    # --- The trunk
    def ensure_trunk(self) -> CarrierTrunk:
        """The one trunk of this installation at the carrier, made or put right: where its calls go, with
        which password ours come, from which addresses. Says what it had to repair."""
        ...

    # --- Ports
    def portability(self, e164: str) -> Portability:
        """Whether the number can be taken over from its present carrier."""
        ...

    def port_in(self, *, key: str, wish: PortWish) -> Port:
        """Asks for the numbers; with the same `key` the same request."""
        ...

    def find_port(self, *, key: str, e164: str) -> Port | None:
        """The request for `e164` that was made with `key` and is not over: its answer may have got lost."""
        ...

    def port(self, id: str) -> Port:
        """How far it is."""
        ...

    def cancel_port(self, id: str) -> Port:
        """Withdraws it, if it is not too late."""
        ...

    # --- Figures
    def call_prices(self, country: str) -> list[CallPrice]:
        """What minutes of calls cost us, to the country's prefixes and on its numbers."""
        ...

    def usage(self, day: date) -> list[UsageLine]:
        """What the account used on `day` (the carrier's day, UTC), by category."""
        ...

    def call_records(self, since: datetime, until: datetime) -> Iterator[CallRecord]:
        """The carrier's records of calls that began in [`since`, `until`), page by page, oldest or newest
        first."""
        ...

    # --- Callbacks
    def hear(self, *, url: str, headers: Mapping[str, str], body: bytes) -> list[News]:
        """What a request of the carrier to us tells; NotSigned when it is not the carrier's. `url` as the
        carrier knows it; names of `headers` in small letters."""
        ...
