"""Reads of numbers. In the tenant's scope, except where the docstring says otherwise."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from django.db.models import Min, Model, Prefetch, QuerySet
from django.db.models.functions import Left

from apps.agents.models import Agent, AgentVersion
from apps.agents.selectors import version_for_call
from apps.numbers.models import (
    ENDED,
    PORT_ENDED,
    NumberAddress,
    NumberBundle,
    NumberOrder,
    PhoneNumber,
    PortRequest,
    Rental,
)
from telephony.trunks.selectors import holds_source
from tenants.countries import country_of
from tenants.errors import NotFound
from tenants.models import Tenant
from tenants.scope import platform_scope

M = TypeVar("M", bound=Model)


def _all_but(place: str, model: type[Model], *names: str) -> list[str]:
    return [f"{place}__{f.name}" for f in model._meta.concrete_fields if f.name not in names]


_NOT_ASKED = [
    *_all_but("tenant", Tenant, "id", "suspended_at"),
    *_all_but(
        "agent",
        Agent,
        "id",
        "tenant",
        "name",
        "archived_at",
        "published_version",
        "split_version",
        "split_percent",
    ),
]
"""What no decision about a call needs: an agent's draft is long."""


def list_numbers() -> QuerySet[PhoneNumber]:
    """The numbers the tenant has, with what each reaches."""
    rows = PhoneNumber.objects.filter(archived_at=None)
    return rows.select_related("agent__published_version", "agent__split_version", "agent_version", "trunk")


def list_shown() -> QuerySet[PhoneNumber]:
    """The same with what each costs, in `current_rentals` (at most one)."""
    rentals = Rental.objects.filter(ended_at=None)
    return list_numbers().prefetch_related(Prefetch("rentals", rentals, to_attr="current_rentals"))


def get_number(number_id: UUID, *, lock: bool = False) -> PhoneNumber:
    """One of `list_numbers`; `lock` holds it until the transaction ends. NotFound when there is none."""
    rows = list_numbers()
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    number = rows.filter(pk=number_id).first()
    if number is None:
        raise NotFound("There is no such number.")
    return number


def countries_of_numbers() -> set[str]:
    """The countries that the tenant in force has numbers in."""
    rows = PhoneNumber.objects.filter(archived_at=None).values(start=Left("e164", 8))
    return {country_of(one) for one in rows.annotate(one=Min("e164")).values_list("one", flat=True)}


def find_number(e164: str) -> PhoneNumber | None:
    """The tenant's own number `e164`."""
    return list_numbers().filter(e164=e164).first()


def numbers_called(e164s: Collection[str], *, source: str) -> list[tuple[PhoneNumber, bool]]:
    """Those of the numbers that some tenant has, with what decides about a call to them and speaks in it;
    and whether their trunk's allowed addresses hold `source`. In the platform scope. One query."""
    rows = PhoneNumber.objects.filter(archived_at=None, e164__in=e164s)
    rows = rows.select_related(
        "tenant", "agent__published_version", "agent__split_version", "agent_version", "trunk"
    )
    rows = rows.defer(*_NOT_ASKED).annotate(from_there=holds_source("numbers_phonenumber.trunk_id", source))
    return [(number, bool(number.from_there)) for number in rows]


def answering_version(number: PhoneNumber, other_party: str) -> AgentVersion | None:
    """The version that speaks with `other_party` over `number`: the pinned one, else the agent's own choice,
    else None."""
    if number.agent is None or number.agent.archived_at is not None:
        return None
    version: AgentVersion | None = number.agent_version or version_for_call(number.agent, other_party)
    return version


def taken_numbers(prefix: str) -> set[str]:
    """The numbers of all tenants that begin with `prefix`: never to be shown to one."""
    with platform_scope():
        rows = PhoneNumber.objects.filter(archived_at=None, e164__startswith=prefix)
        return set(rows.values_list("e164", flat=True))


def had_already(e164s: Collection[str]) -> set[str]:
    """Those of the numbers that some tenant has or has ordered: not to be shown to another as such."""
    with platform_scope():
        numbers = PhoneNumber.objects.filter(archived_at=None, e164__in=e164s)
        orders = NumberOrder.objects.exclude(state__in=ENDED).filter(e164__in=e164s)
        return set(numbers.values_list("e164", flat=True)) | set(orders.values_list("e164", flat=True))


def on_its_way(e164: str) -> bool:
    """Whether some tenant is bringing the number here from another carrier."""
    with platform_scope():
        return PortRequest.objects.filter(e164=e164).exclude(state__in=PORT_ENDED).exists()


# --- Orders, ports, and what regulators ask for ----------------------------------------------------


def list_orders() -> QuerySet[NumberOrder]:
    """All of them, the newest first."""
    return NumberOrder.objects.all()


def get_order(order_id: UUID, *, lock: bool = False) -> NumberOrder:
    """`lock` holds it until the transaction ends. NotFound when there is none."""
    return _one(list_orders(), order_id, "order", lock=lock)


def list_ports() -> QuerySet[PortRequest]:
    """All of them, the newest first."""
    return PortRequest.objects.select_related("order").defer("bill", "account_number", "pin")


def get_port(port_id: UUID, *, lock: bool = False) -> PortRequest:
    """`lock` holds it until the transaction ends. NotFound when there is none."""
    return _one(list_ports(), port_id, "port request", lock=lock)


def list_addresses() -> QuerySet[NumberAddress]:
    """Those that can be ordered with."""
    return NumberAddress.objects.filter(archived_at=None)


def get_address(address_id: UUID) -> NumberAddress:
    """NotFound when there is none."""
    return _one(list_addresses(), address_id, "address")


def list_bundles() -> QuerySet[NumberBundle]:
    """Those that were not put away."""
    return NumberBundle.objects.filter(archived_at=None)


def get_bundle(bundle_id: UUID, *, lock: bool = False) -> NumberBundle:
    """`lock` holds it until the transaction ends. NotFound when there is none."""
    return _one(list_bundles(), bundle_id, "bundle", lock=lock)


def _one(rows: QuerySet[M], row_id: UUID, what: str, *, lock: bool = False) -> M:
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    row = rows.filter(pk=row_id).first()
    if row is None:
        raise NotFound(f"There is no such {what}.")
    return row
