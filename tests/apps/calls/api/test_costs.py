"""What a call cost, and what one would cost, over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test.utils import override_settings
from django.utils import timezone

from apps.agents.models import Agent
from apps.calls.models import Call
from apps.calls.services import place_call
from apps.calls.services.finish_call import finish_call
from apps.numbers.models import PhoneNumber
from media_workers.contract.events import Ended, EndReason
from telephony.trunks.models import Trunk, TrunkGateway
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.money import set_balance
from tests.tenancy import key_client, make_key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
TO = "+12025550101"


@pytest.fixture
def own(tenant: Tenant, agent: Agent) -> PhoneNumber:
    with tenant_scope(tenant.pk):
        trunk = Trunk.objects.create(name="Carrier")
        TrunkGateway.objects.create(trunk=trunk, host="192.0.2.1")
        return PhoneNumber.objects.create(e164="+12125551000", carrier="byoc", trunk=trunk, agent=agent)


@pytest.fixture
def client(tenant: Tenant) -> Any:
    return key_client(make_key(tenant))


def estimate(client: Any, **wish: Any) -> Any:
    return client.post("/api/v1/billing/estimate", wish, format="json")


@override_settings(CALL_PRICE_MICROS_PER_MINUTE=60_000, HOLD_SLICE_MS=120_000)
def test_a_call_shows_what_is_held_and_then_what_it_cost(own: PhoneNumber, client: Any) -> None:
    with tenant_scope(own.tenant_id):
        call = place_call(from_number=own.e164, to_number=TO)
    url = f"/api/v1/calls/{call.public_id}"
    assert client.get(url).json()["cost"] == {
        "total_micros": 120_000,
        "currency": "USD",
        "settled": False,
        "lines": [],
    }
    with tenant_scope(own.tenant_id):
        finish_call(
            Call.objects.get(pk=call.pk),
            Ended(reason=EndReason.NODE_LOST, duration_ms=61_500),
            at=timezone.now(),
        )
    assert client.get(url).json()["cost"] == {
        "total_micros": 62_000,
        "currency": "USD",
        "settled": True,
        "lines": [
            {
                "component": "platform",
                "what": "Platform",
                "quantity": 62,
                "unit": "second",
                "price_micros": 60_000,
                "per": 60,
                "amount_micros": 62_000,
                "own_key": False,
            }
        ],
    }


def test_a_call_in_the_sandbox_has_no_cost(number: PhoneNumber, client: Any) -> None:
    with tenant_scope(number.tenant_id):
        call = place_call(from_number=number.e164, to_number=TO)
    assert client.get(f"/api/v1/calls/{call.public_id}").json()["cost"] is None


def test_without_money_the_answer_is_402_with_what_is_missing(
    tenant: Tenant, own: PhoneNumber, client: Any
) -> None:
    set_balance(tenant, 7)
    answer = client.post("/api/v1/calls", {"from_number": own.e164, "to_number": TO}, format="json")
    assert answer.status_code == 402
    body = answer.json()
    assert (body["code"], body["available_micros"]) == ("not_enough_money", 7)
    assert "top it up" in body["detail"]
    assert client.get("/api/v1/calls").json()["results"] == []


@override_settings(CALL_PRICE_MICROS_PER_MINUTE=60_000, HOLD_SLICE_MS=120_000)
def test_a_call_is_estimated(tenant: Tenant, own: PhoneNumber, client: Any) -> None:
    body = estimate(client, from_number=own.e164, to_number=TO, minutes=5).json()
    assert (body["total_micros"], body["per_minute_micros"], body["hold_micros"]) == (
        300_000,
        60_000,
        120_000,
    )
    assert (body["enough"], body["free"], body["spendable_micros"]) == (True, False, 5_000_000)
    assert [line["component"] for line in body["lines"]] == ["platform"]
    assert body["notes"]
    set_balance(tenant, 1)
    assert estimate(client, from_number=own.e164).json()["enough"] is False


@override_settings(CALL_PRICE_MICROS_PER_MINUTE=60_000, HOLD_SLICE_MS=120_000)
@pytest.mark.parametrize("scope", ["tenant", "trunk"])
def test_an_estimate_knows_the_spend_limits(own: PhoneNumber, client: Any, scope: str) -> None:
    limit: dict[str, Any] = {"scope": scope, "period": "day", "amount_micros": 100_000}
    if scope == "trunk":
        assert own.trunk
        limit["scope_id"] = own.trunk.public_id
    assert client.post("/api/v1/billing/limits", limit, format="json").status_code == 201
    body = estimate(client, from_number=own.e164, to_number=TO).json()
    assert (body["hold_micros"], body["spendable_micros"], body["enough"]) == (120_000, 100_000, False)


def test_the_sandbox_is_free_in_the_estimate_too(number: PhoneNumber, client: Any) -> None:
    body = estimate(client, from_number=number.e164, to_number=TO).json()
    assert (body["free"], body["enough"], body["total_micros"], body["lines"]) == (True, True, 0, [])


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({}, "from_number"),
        ({"from_number": "+12125559999"}, "from_number"),
        ({"from_number": "x"}, "from_number"),
        ({"from_number": "+12125551000", "to_number": "x"}, "to_number"),
        ({"from_number": "+12125551000", "minutes": 0}, "minutes"),
        ({"from_number": "+12125551000", "minutes": 241}, "minutes"),
        ({"from_number": "+12125551000", "agent": "agt_" + "0" * 32}, "agent"),
    ],
)
def test_what_cannot_be_estimated_is_named(
    own: PhoneNumber, client: Any, wish: dict[str, Any], field: str
) -> None:
    answer = estimate(client, **wish)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
