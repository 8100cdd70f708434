"""Where no outbound call goes for the money that it may cost."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from apps.agents.models import Agent
from apps.billing.services.anomalies import PREMIUM_TRIES, STOP_FOR_PREMIUM
from apps.billing.services.stops import lift_stops, stop_outbound
from apps.calls.models import Call
from apps.calls.services import claim_call, place_call
from apps.numbers.models import PhoneNumber
from media_workers.contract.calls import ClaimRequest
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk, TrunkGateway
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import allow_countries
from tests.apps.calls.wire import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def own(tenant: Tenant, agent: Agent) -> PhoneNumber:
    with tenant_scope(tenant.pk):
        trunk = Trunk.objects.create(name="Carrier", max_calls_per_second=100)
        TrunkGateway.objects.create(trunk=trunk, host="192.0.2.1")
        return PhoneNumber.objects.create(e164="+12025553000", carrier="byoc", trunk=trunk, agent=agent)


def place(tenant: Tenant, number: PhoneNumber, to_number: str, **more: Any) -> Call:
    with tenant_scope(tenant.pk):
        return place_call(from_number=number.e164, to_number=to_number, **more)


@pytest.mark.parametrize(
    ("to_number", "code"),
    [
        ("+442079460000", "country_not_allowed"),
        ("+8816315551234", "country_not_allowed"),
        ("+19005550123", "premium_rate"),
    ],
)
def test_calls_go_where_the_tenants_may(tenant: Tenant, own: PhoneNumber, to_number: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        place(tenant, own, to_number)
    assert (refused.value.field, refused.value.code) == ("to_number", code)
    place(tenant, own, "+12025550199")


def test_a_country_that_is_named_is_called(tenant: Tenant, own: PhoneNumber) -> None:
    with tenant_scope(tenant.pk):
        allow_countries(tenant=tenant, countries=["GB"])
    place(tenant, own, "+442079460000")
    with pytest.raises(InvalidInput, match="GB"):
        place(tenant, own, "+12025550199")


def test_calls_in_the_sandbox_go_anywhere(tenant: Tenant, own: PhoneNumber, number: PhoneNumber) -> None:
    with tenant_scope(tenant.pk):
        stop_outbound(kind="hour", words="Look at it.")
    assert place(tenant, own, "+442079460000", test=True).test
    assert place(tenant, number, "+12025550101").test


def test_while_calls_are_stopped_none_begins_and_those_that_wait_are_withdrawn(
    tenant: Tenant, own: PhoneNumber, node: MediaNode
) -> None:
    waiting = place(tenant, own, "+12025550199")
    with tenant_scope(tenant.pk):
        stop_outbound(kind="hour", words="Look at it.")
    with pytest.raises(InvalidInput, match=r"Outbound calls are stopped\. Look at it\.") as refused:
        place(tenant, own, "+12025550199")
    assert refused.value.code == "outbound_stopped"
    assert claim_call(node, waiting.pk, ClaimRequest(node=node.name, line=1)) is None
    call = fresh(waiting.pk)
    assert (call.end_reason, call.end_detail) == (
        "withdrawn",
        "Outbound calls are stopped. Look at it.",
    )
    with tenant_scope(tenant.pk):
        lift_stops(kind="hour")
    place(tenant, own, "+12025550199")


def test_a_country_that_is_allowed_no_more_is_asked_about_again(
    tenant: Tenant, own: PhoneNumber, node: MediaNode
) -> None:
    waiting = place(tenant, own, "+12025550199")
    with tenant_scope(tenant.pk):
        allow_countries(tenant=tenant, countries=["GB"])
    assert claim_call(node, waiting.pk, ClaimRequest(node=node.name, line=1)) is None
    assert fresh(waiting.pk).end_reason == "withdrawn"


def test_premium_numbers_are_noticed(
    tenant: Tenant, own: PhoneNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    sent: list[tuple[str, Any]] = []
    monkeypatch.setattr(
        "celery.current_app.send_task", lambda name, args, **_: sent.append((name, args)), raising=False
    )
    for _ in range(PREMIUM_TRIES):
        with pytest.raises(InvalidInput):
            place(tenant, own, "+19005550123")
    assert sent == [(STOP_FOR_PREMIUM, [str(tenant.pk)])]
