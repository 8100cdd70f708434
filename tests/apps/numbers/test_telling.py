"""Tenants are told of their numbers, and of trunks that fail or work again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from apps.agents.models import Agent
from apps.agents.services import create_agent
from apps.numbers.services import assign_number, release_number, update_number
from apps.webhooks.models import Endpoint, Event
from media_workers.contract.signalling import GatewayStatus, RegistrationStatus, SignallingReport
from telephony.edge.models import MediaNode
from telephony.edge.services import ensure_node
from telephony.trunks.health import note_gateway_failed, note_gateway_up
from telephony.trunks.models import Trunk
from telephony.trunks.registrations import record_registrations, take_registrations
from telephony.trunks.services import create_trunk
from telephony.trunks.signalling import exchange
from telephony.trunks.values import GatewayValues
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.webhooks.listening import heard, listen, names
from tests.tenancy import make_tenant, script_config

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def scope(tenant: Tenant) -> Iterator[None]:
    with tenant_scope(tenant.pk):
        yield


@pytest.fixture
def agent(scope: None) -> Agent:
    return create_agent(name="Reception", config=script_config())


def test_a_number_from_its_first_day_to_its_last(agent: Agent) -> None:
    endpoint = listen("number.*")

    number = assign_number(carrier="sandbox", e164="+12025557101")
    update_number(number=number, label="Desk", agent=agent)
    update_number(number=number, label="Desk")  # as it is
    release_number(number=number)

    events = heard(endpoint)
    assert [e.type for e in events] == ["number.assigned", "number.updated", "number.released"]
    assert {e.key for e in events} == {number.public_id}
    assert events[1].data["changed"] == ["label", "agent"]
    assert events[1].data["agent"] == agent.public_id


@pytest.mark.usefixtures("scope")
def test_a_number_that_is_not_to_be_had_is_not_told_of() -> None:
    endpoint = listen("number.*")
    assign_number(carrier="sandbox", e164="+12025557101")
    with pytest.raises(InvalidInput):
        assign_number(carrier="sandbox", e164="+12025557101")

    assert names(endpoint) == ["number.assigned"]


@pytest.mark.usefixtures("scope")
def test_nothing_is_written_when_nobody_listens() -> None:
    release_number(number=assign_number(carrier="sandbox", e164="+12025557101"))

    assert not Event.objects.exists()


@pytest.fixture
def trunk(tenant: Tenant) -> Trunk:
    with tenant_scope(tenant.pk):
        return create_trunk(
            name="Carrier",
            direction="outbound",
            gateways=[GatewayValues("sip.example.com", 5060, "udp")],
            registration="outbound",
            username="acme",
            password="secret",
        )


@pytest.fixture
def endpoint(tenant: Tenant) -> Endpoint:
    with tenant_scope(tenant.pk):
        return listen("trunk.*")


def states(endpoint: Endpoint) -> list[tuple[str, str, str]]:
    with tenant_scope(endpoint.tenant_id):
        return [(e.data["part"], e.data["before"], e.data["state"]) for e in heard(endpoint)]


def test_a_gateway_that_fails_and_works_again(trunk: Trunk, endpoint: Endpoint) -> None:
    with tenant_scope(trunk.tenant_id):
        (gateway,) = trunk.gateways.all()
        note_gateway_up(gateway.pk, rtt_ms=20, probe=True, now=NOW)
        note_gateway_failed(gateway.pk, error="No answer to OPTIONS.", probe=True, now=NOW)
        note_gateway_failed(gateway.pk, error="No answer to OPTIONS.", probe=True, now=NOW)
        note_gateway_up(gateway.pk, now=NOW)

        down, up = heard(endpoint)
        assert (down.key, down.at) == (trunk.public_id, NOW)
        assert (down.data["gateway"], down.data["error"]) == (
            "sip.example.com:5060/udp",
            "No answer to OPTIONS.",
        )
        assert up.data["error"] == ""
    assert states(endpoint) == [("gateway", "up", "down"), ("gateway", "down", "up")]


def holding(trunk: Trunk) -> MediaNode:
    node = ensure_node("node-1", "node_1".ljust(40, "x"))
    MediaNode.objects.filter(pk=node.pk).update(last_heartbeat_at=NOW)
    node.refresh_from_db()
    with platform_scope():
        assert [task.trunk_id for task in take_registrations(node, now=NOW)] == [trunk.pk]
    return node


def report(node: MediaNode, trunk: Trunk, state: str, **told: object) -> None:
    status = RegistrationStatus.model_validate({"trunk_id": trunk.pk, "state": state} | told)
    with platform_scope():
        record_registrations(node, [status], now=NOW)


def test_a_registration_is_told_when_it_stands_and_when_it_fails(trunk: Trunk, endpoint: Endpoint) -> None:
    node = holding(trunk)
    soon = NOW + timedelta(minutes=5)

    report(node, trunk, "registering")
    report(node, trunk, "registered", expires_at=soon)
    report(node, trunk, "registering", expires_at=soon)  # refreshed
    report(node, trunk, "registered", expires_at=soon)
    report(node, trunk, "backing_off", failures=1, last_error="403 Forbidden")
    report(node, trunk, "registering", failures=1, last_error="403 Forbidden")
    report(node, trunk, "failed", failures=2, last_error="403 Forbidden")
    report(node, trunk, "registered", expires_at=soon)

    assert states(endpoint) == [
        ("registration", "none", "registered"),
        ("registration", "registered", "failed"),
        ("registration", "failed", "registered"),
    ]
    with tenant_scope(trunk.tenant_id):
        assert [e.data["error"] for e in heard(endpoint)] == ["", "403 Forbidden", ""]


def test_a_nodes_report_of_many_trunks_tells_each_tenant_its_own(trunk: Trunk, endpoint: Endpoint) -> None:
    with tenant_scope(make_tenant("Stranger").pk):
        theirs = create_trunk(
            name="Theirs", direction="outbound", gateways=[GatewayValues("sip.example.net", 5060, "udp")]
        )
        other = listen()
    node = holding(trunk)
    with platform_scope():
        gateways = [*trunk.gateways.all(), *theirs.gateways.all()]
    exchange(
        node,
        SignallingReport(
            node=node.name,
            gateways=[
                GatewayStatus(gateway_id=gateway.pk, up=False, error="No answer", checked_at=NOW)
                for gateway in gateways
            ],
        ),
    )

    assert states(endpoint) == [("gateway", "unknown", "down")]
    assert states(other) == [("gateway", "unknown", "down")]
