"""Papers are handed in, and asked about until the carrier has decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.numbers.models import BundleState, NumberAddress, NumberBundle
from apps.numbers.selectors import list_bundles
from apps.numbers.services.addresses import add_address, remove_address
from apps.numbers.services.bundles import add_bundle, due_bundles, hand_in_bundle, remove_bundle
from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.sandbox import SandboxSeller
from telephony.carriers.values import Bundle, BundleWish
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import tenant_scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    told: dict[str, Any] = {"wishes": [], "bundle": Bundle("B1", "pending")}

    def said() -> Bundle:
        if isinstance(told["bundle"], Exception):
            raise told["bundle"]
        return told["bundle"]  # type: ignore[no-any-return]

    def create(self: object, *, key: str, wish: BundleWish) -> Bundle:
        told["wishes"].append((key, wish))
        return said()

    monkeypatch.setattr(SandboxSeller, "create_bundle", create)
    monkeypatch.setattr(SandboxSeller, "bundle", lambda self, id: said())
    return told


def add(tenant: Tenant, **changes: Any) -> NumberBundle:
    with tenant_scope(tenant.pk):
        address = add_address(
            label="Office",
            customer_name="Acme",
            street="1 High St",
            city="Leeds",
            postal_code="LS1",
            country="gb",
        )
        paper = {"type": "utility_bill", "attributes": {"address": "1 High St"}, "address": address}
        wish = {
            "label": "Papers",
            "carrier": "sandbox",
            "country": "gb",
            "owner": "Acme",
            "email": "owner@example.com",
            "attributes": {"business_name": "Acme"},
            "papers": [paper],
        }
        return add_bundle(**(wish | changes))


def ask(row: NumberBundle) -> NumberBundle:
    with tenant_scope(row.tenant_id):
        NumberBundle.objects.filter(pk=row.pk, next_at__isnull=False).update(next_at=timezone.now())
    hand_in_bundle(tenant_id=row.tenant_id, bundle_id=row.pk)
    with tenant_scope(row.tenant_id):
        return NumberBundle.objects.get(pk=row.pk)


def test_papers_are_handed_in_once_and_followed(tenant: Tenant, seen: dict[str, Any]) -> None:
    row = ask(add(tenant))

    assert (row.state, row.carrier_id, row.country) == (BundleState.PENDING, "B1", "GB")
    ((key, wish),) = seen["wishes"]
    assert key == str(row.pk)
    (paper,) = wish.papers
    assert (wish.owner, wish.attributes, paper.type) == ("Acme", {"business_name": "Acme"}, "utility_bill")
    assert paper.address.startswith("sandbox-address-")
    assert due_bundles(now=timezone.now()) == []
    assert due_bundles(now=timezone.now() + timedelta(hours=1)) == [(tenant.pk, row.pk)]

    seen["bundle"] = Bundle("B1", "approved")
    assert (ask(row).state, len(seen["wishes"])) == (BundleState.APPROVED, 1)
    assert due_bundles(now=timezone.now() + timedelta(days=9)) == []


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Bundle("B1", "rejected", "The bill is old."), BundleState.REJECTED),
        (Bundle("B1", "draft", "The bill is old."), BundleState.DRAFT),
        (CarrierRefused("The bill is old."), BundleState.REJECTED),
        (CarrierDown("The bill is old."), BundleState.SUBMITTING),
    ],
)
def test_what_is_wrong_is_told(
    tenant: Tenant, seen: dict[str, Any], answer: Bundle | Exception, state: BundleState
) -> None:
    seen["bundle"] = answer
    row = ask(add(tenant))
    again = " It is tried again." if state == BundleState.SUBMITTING else ""
    assert (row.state, row.problem) == (state, f"The bill is old.{again}")


def test_trouble_with_the_platforms_account_is_waited_for(tenant: Tenant, seen: dict[str, Any]) -> None:
    seen["bundle"] = CarrierRefused("No money is left.", code="account")

    row = ask(add(tenant))

    assert (row.state, "operator" in row.problem) == (BundleState.SUBMITTING, True)
    assert row.next_at is not None


def test_papers_that_were_put_away_are_not_asked_about(tenant: Tenant, seen: dict[str, Any]) -> None:
    row = add(tenant)
    with tenant_scope(tenant.pk):
        remove_bundle(bundle=row)
        assert not list_bundles().exists()
    ask(row)
    assert seen["wishes"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"carrier": "nobody"}, "carrier"),
        ({"country": "ZZ"}, "country"),
        ({"papers": [{"type": " "}]}, "papers"),
    ],
)
def test_a_bad_paper_is_named(tenant: Tenant, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        add(tenant, **changes)
    assert refused.value.field == field


def test_an_address_that_was_removed_stays_with_what_it_was_used_for(
    tenant: Tenant, seen: dict[str, Any]
) -> None:
    row = add(tenant)
    with tenant_scope(tenant.pk):
        remove_address(address=NumberAddress.objects.get())
    assert ask(row).state == BundleState.PENDING
