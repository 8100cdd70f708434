"""Addresses that regulators ask for, and what carriers call them."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from apps.numbers.models import NumberAddress
from telephony.carriers.base import NumberCarrier
from telephony.carriers.values import Address
from tenants.countries import checked
from tenants.scope import tenant_scope


def add_address(*, country: str, region: str = "", street2: str = "", **parts: str) -> NumberAddress:
    """An address to order numbers with: `label`, `customer_name`, `street`, `city`, `postal_code`.
    InvalidInput for a country that there is not."""
    (code,) = checked([country], field="country")
    return NumberAddress.objects.create(country=code, region=region, street2=street2, **parts)


def remove_address(*, address: NumberAddress) -> None:
    """Nothing new is ordered with it; what was, keeps it."""
    NumberAddress.objects.filter(pk=address.pk).update(archived_at=timezone.now(), updated_at=timezone.now())


def address_at(seller: NumberCarrier, address: NumberAddress) -> str:
    """What the carrier calls the address; it is told of it when it does not know it yet. Outside any
    transaction. Raises CarrierRefused and CarrierDown."""
    known: dict[str, str] = address.carrier_ids
    if seller.name in known:
        return known[seller.name]
    carrier_id = seller.create_address(key=str(address.pk), address=as_told(address))
    _remember(address.tenant_id, address.pk, seller.name, carrier_id)
    return carrier_id


def as_told(address: NumberAddress) -> Address:
    """The address as carriers want it."""
    return Address(
        customer_name=address.customer_name,
        street=address.street,
        street_2=address.street2,
        city=address.city,
        region=address.region,
        postal_code=address.postal_code,
        country=address.country,
    )


def _remember(tenant_id: UUID, address_id: UUID, carrier: str, carrier_id: str) -> None:
    with tenant_scope(tenant_id):
        row = NumberAddress.objects.select_for_update(no_key=True).get(pk=address_id)
        row.carrier_ids = row.carrier_ids | {carrier: carrier_id}
        row.save(update_fields=["carrier_ids", "updated_at"])
