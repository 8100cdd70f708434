from __future__ import annotations

import pytest

from apps.agents.models import Agent
from apps.calls.services import claim_call, place_call, record_events
from apps.numbers.models import PhoneNumber
from media_workers.contract.calls import ClaimRequest
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk, TrunkGateway
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.calls.wire import batch, event


@pytest.fixture
def gateway(tenant: Tenant) -> TrunkGateway:
    with tenant_scope(tenant.pk):
        trunk = Trunk.objects.create(name="Carrier")
        return TrunkGateway.objects.create(trunk=trunk, host="192.0.2.1")


def now_of(gateway: TrunkGateway) -> TrunkGateway:
    with platform_scope():
        return TrunkGateway.objects.get(pk=gateway.pk)


@pytest.mark.django_db(transaction=True)
def test_calls_tell_how_their_gateways_are(
    tenant: Tenant, agent: Agent, node: MediaNode, gateway: TrunkGateway
) -> None:
    with tenant_scope(tenant.pk):
        number = PhoneNumber.objects.create(
            e164="+4930901820", carrier="byoc", trunk=gateway.trunk, agent=agent
        )
        call = place_call(from_number=number.e164, to_number="+4930901821")
    assert claim_call(node, call.pk, ClaimRequest(node=node.name, line=1)) is not None
    failed = event(
        1,
        "gateway_failed",
        gateway_id=str(gateway.pk),
        gateway="192.0.2.1:5060/udp",
        sip_code=503,
        sip_reason="Service Unavailable",
    )
    record_events(node, batch(call.pk, failed))
    resting = now_of(gateway)
    assert (resting.state, resting.last_error, resting.failures) == ("resting", "503 Service Unavailable", 1)
    assert resting.rests_until is not None

    # Told again after a lost answer, it is the same failure.
    record_events(node, batch(call.pk, failed))
    assert now_of(gateway).failures == 1

    leg = {"gateway_id": str(gateway.pk), "gateway": "192.0.2.1:5060/udp"}
    record_events(node, batch(call.pk, event(2, "leg", **leg)))
    assert now_of(gateway).state == "resting"
    record_events(node, batch(call.pk, event(3, "leg", **leg, pdd_ms=300)))
    back = now_of(gateway)
    assert (back.state, back.failures, back.rests_until) == ("up", 0, None)

    gone = event(4, "gateway_failed", gateway_id=str(call.pk), gateway="192.0.2.9", sip_code=408)
    assert record_events(node, batch(call.pk, gone)).seq == 4
