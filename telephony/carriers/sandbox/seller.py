"""The sandbox as a carrier that sells numbers, so that orders can be tried without one.

Its numbers are those that it assigns, at SANDBOX_NUMBER_MICROS by the month; nothing is paid to anybody. What
it has sold it does not remember: to buy, release or connect a number again changes nothing. A production
installation does not have it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date, datetime

from django.conf import settings

from telephony.carriers.base import CarrierRefused, NotSigned
from telephony.carriers.sandbox.carrier import SandboxCarrier
from telephony.carriers.values import (
    Address,
    Available,
    Bundle,
    BundleWish,
    CallerName,
    CallPrice,
    CallRecord,
    CarrierTrunk,
    News,
    NumberPrice,
    NumberType,
    Owned,
    Port,
    Portability,
    PortWish,
    Requirement,
    Requirements,
    Search,
    UsageLine,
)

_SOLD = range(12025551000, 12025560000)
_PAPERS = Requirement(
    kind="document",
    name="proof_of_address",
    words="A paper that proves the owner's address.",
    accepted=(("utility_bill", "A bill for water, gas or electricity"),),
    fields=(("address", "The address on it"),),
)


class SandboxSeller(SandboxCarrier):
    """Sells local numbers of +1 202 555 to anybody, also to owners with papers."""

    label = "Sandbox"
    number_types: tuple[NumberType, ...] = ("local",)

    @property
    def configured(self) -> bool:  # type: ignore[override]
        return not settings.PRODUCTION

    # --- Numbers
    def search(self, wish: Search) -> list[Available]:
        if wish.country != "US" or wish.type != "local" or not {"voice", "sms"} >= wish.capabilities:
            return []
        if wish.pattern.startswith("+"):
            whole = self.owns(wish.pattern) and wish.pattern.removeprefix("+").isdigit()
            return [self._for_sale(wish.pattern)] if whole else []
        if not "202".startswith(wish.area) and wish.area.lower() not in "washington":
            return []
        fitting = [f"+{n}" for n in _SOLD if wish.pattern in str(n)]
        return [self._for_sale(e164) for e164 in random.sample(fitting, min(wish.limit, len(fitting)))]

    def requirements(self, country: str, type: NumberType, *, business: bool = True) -> Requirements:
        """Outside the United States it asks for papers, so that these can be tried as well."""
        if country == "US":
            return Requirements(country, type)
        return Requirements(country, type, address="local", bundle=True, wanted=(_PAPERS,))

    def number_price(self, country: str, type: NumberType) -> NumberPrice:
        if country != "US" or type != "local":
            raise CarrierRefused("The sandbox has local numbers of the United States only.", code="not_sold")
        return NumberPrice(settings.SANDBOX_NUMBER_MICROS)

    def buy(self, *, e164: str, key: str, address: str = "", bundle: str = "") -> Owned:
        if not self.owns(e164):
            raise CarrierRefused(
                f"The sandbox's numbers begin with {self.number_prefix}.", code="unavailable"
            )
        return Owned(f"sandbox-{e164.removeprefix('+')}", e164, key)

    def owned(self, e164: str) -> Owned | None:
        """All of its numbers are ours; for whom it does not remember."""
        return self.buy(e164=e164, key="") if self.owns(e164) else None

    def all_owned(self) -> Iterator[Owned]:
        return iter(())

    def attach(self, owned: Owned, trunk: CarrierTrunk) -> None:
        """Its calls come here as it is."""

    def release(self, id: str) -> None:
        """Nothing has to be given back."""

    def set_caller_name(self, owned: Owned, name: str) -> CallerName:
        return CallerName(name, "active" if name else "off")

    # --- What regulators ask for
    def create_address(self, *, key: str, address: Address) -> str:
        return f"sandbox-address-{key}"

    def create_bundle(self, *, key: str, wish: BundleWish) -> Bundle:
        return Bundle(f"sandbox-bundle-{key}", "approved")

    def bundle(self, id: str) -> Bundle:
        return Bundle(id, "approved")

    # --- The trunk
    def ensure_trunk(self) -> CarrierTrunk:
        """There is none: its sockets are known."""
        return CarrierTrunk("sandbox", settings.SANDBOX_HOST, "", (), (), secure=False)

    # --- Ports
    def portability(self, e164: str) -> Portability:
        if self.owns(e164):
            return Portability(e164, portable=True, type="local")
        return Portability(e164, portable=False, problem="The sandbox takes over its own numbers only.")

    def port_in(self, *, key: str, wish: PortWish) -> Port:
        """Done at once."""
        for e164 in wish.e164s:
            if not self.owns(e164):
                raise CarrierRefused("The sandbox takes over its own numbers only.", code="not_portable")
        return Port(f"sandbox-port-{key}", "completed")

    def find_port(self, *, key: str, e164: str) -> Port | None:
        """Nothing is ever on its way."""
        return None

    def port(self, id: str) -> Port:
        return Port(id, "completed")

    def cancel_port(self, id: str) -> Port:
        raise CarrierRefused("It is here already.", code="too_late")

    # --- Figures: it counts nothing
    def call_prices(self, country: str) -> list[CallPrice]:
        return []

    def usage(self, day: date) -> list[UsageLine]:
        return []

    def call_records(self, since: datetime, until: datetime) -> Iterator[CallRecord]:
        return iter(())

    # --- Callbacks
    def hear(self, *, url: str, headers: Mapping[str, str], body: bytes) -> list[News]:
        """The sandbox tells nothing."""
        raise NotSigned("The sandbox tells nothing.")

    def _for_sale(self, e164: str) -> Available:
        return Available(
            e164=e164,
            country="US",
            type="local",
            capabilities=frozenset({"voice", "sms"}),
            price=NumberPrice(settings.SANDBOX_NUMBER_MICROS),
            locality="Washington",
            region="DC",
        )
