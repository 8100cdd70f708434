"""What carriers have for sale. They are asked outside any transaction; what we take is added afterwards, in
the tenant's scope."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

import structlog

from apps.billing.models import CURRENCY
from apps.billing.services.rates import number_price_micros
from apps.numbers.selectors import had_already
from telephony.carriers.base import CarrierDown, CarrierRefused, NumberCarrier
from telephony.carriers.registry import SELLERS
from telephony.carriers.values import Available, NumberPrice, NumberType, Portability, Requirements, Search
from tenants.errors import InvalidInput, Unavailable
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

DOWN = "The carrier {label} cannot be asked now. Try again in a minute."


@dataclass(frozen=True, slots=True)
class Offer:
    """A number as `carrier` sells it; the prices are what the tenant pays."""

    carrier: str
    number: Available
    monthly_micros: int
    setup_micros: int
    currency: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A carrier that could not be asked, or refused."""

    carrier: str
    code: str
    detail: str


@dataclass(slots=True)
class Found:
    """What a search came to."""

    offers: list[Offer] = field(default_factory=list)
    problems: list[Trouble] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PortOffer:
    """Whether a number can be brought to `carrier`, and what the tenant pays for it by the month."""

    carrier: str
    portability: Portability
    price: NumberPrice
    monthly_micros: int


def seller(name: str) -> NumberCarrier:
    """InvalidInput when there is none of this name, or it is not set up."""
    try:
        return SELLERS[name]
    except KeyError:
        known = ", ".join(SELLERS) or "none: no carrier is set up that sells numbers"
        raise InvalidInput(f"Choose a carrier that sells numbers ({known}).", field="carrier") from None


def search(*, tenant_id: UUID, wish: Search, carriers: Collection[str] = ()) -> Found:
    """Asks all carriers, or those named. Outside any transaction."""
    found, sold = Found(), list[tuple[str, Available]]()
    for name in carriers or list(SELLERS):
        one = seller(name)
        try:
            sold += [(name, number) for number in one.search(wish)]
        except CarrierRefused as error:
            found.problems.append(Trouble(name, error.code, str(error)))
        except CarrierDown as error:
            log.warning("carrier_down", carrier=name, error=str(error))
            found.problems.append(Trouble(name, "carrier_down", DOWN.format(label=one.label)))
        except Exception:  # an answer that nobody foresaw hides no other carrier's
            log.exception("search_broken", carrier=name)
            found.problems.append(Trouble(name, "carrier_down", DOWN.format(label=one.label)))
    taken = had_already({number.e164 for _, number in sold})
    sold = [one for one in sold if one[1].e164 not in taken and one[1].price.currency == CURRENCY]
    with tenant_scope(tenant_id):
        found.offers = [_priced(name, number) for name, number in sold]
    return found


def requirements(*, carrier: str, country: str, type: NumberType) -> Requirements:
    """What the regulator asks for. Outside any transaction. InvalidInput,
    Unavailable."""
    one = seller(carrier)
    try:
        return one.requirements(country, type)
    except CarrierRefused as error:
        raise InvalidInput(str(error), field="country", code=error.code) from error
    except CarrierDown as error:
        raise Unavailable(DOWN.format(label=one.label), code="carrier_down") from error


def portability(*, tenant_id: UUID, carrier: str, e164: str, country: str, type: NumberType) -> PortOffer:
    """Whether the number can be brought here, and its price then. Outside any transaction. InvalidInput,
    Unavailable."""
    one = seller(carrier)
    try:
        told = one.portability(e164)
        price = one.number_price(country, type)
    except CarrierRefused as error:
        raise InvalidInput(str(error), field="e164", code=error.code) from error
    except CarrierDown as error:
        raise Unavailable(DOWN.format(label=one.label), code="carrier_down") from error
    with tenant_scope(tenant_id):
        return PortOffer(carrier, told, price, number_price_micros(price.monthly_micros))


def _priced(carrier: str, number: Available) -> Offer:
    price = number.price
    return Offer(carrier, number, number_price_micros(price.monthly_micros), price.setup_micros, CURRENCY)
