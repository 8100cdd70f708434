"""Which node holds a registration: exactly one, and another when it dies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from uuid import UUID, uuid4

import pytest

from media_workers.contract.signalling import GatewayStatus, RegistrationStatus, SignallingReport
from telephony.edge.models import MediaNode
from telephony.edge.services import ensure_node
from telephony.trunks.models import GatewayState, Trunk, TrunkAddress, TrunkGateway, TrunkRegistration
from telephony.trunks.registrations import gateways_to_ask, record_registrations, take_registrations
from telephony.trunks.selectors import get_trunk
from telephony.trunks.services import archive_trunk, create_trunk, update_trunk
from telephony.trunks.signalling import exchange
from telephony.trunks.values import GatewayValues
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(seconds=16)


def node(name: str, *, seen: datetime = NOW) -> MediaNode:
    made = ensure_node(name, f"node_{name}".ljust(40, "x"))
    MediaNode.objects.filter(pk=made.pk).update(last_heartbeat_at=seen)
    made.refresh_from_db()
    return made


def trunk(**fields: object) -> Trunk:
    values: dict[str, object] = {
        "name": "Carrier",
        "direction": "outbound",
        "gateways": [GatewayValues("sip.example.com", 5060, "udp")],
        "registration": "outbound",
        "username": "acme",
        "password": "secret",
    }
    with tenant_scope(make_tenant().pk):
        return create_trunk(**(values | fields))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def platform() -> Iterator[None]:
    with platform_scope():
        yield


def held(by: MediaNode, *, now: datetime = NOW) -> set[UUID]:
    return {task.trunk_id for task in take_registrations(by, now=now)}


def test_one_node_gets_it_with_all_it_needs() -> None:
    wanted = trunk()
    one, two = node("node-1"), node("node-2")

    (task,) = take_registrations(one, now=NOW)
    assert task.trunk_id == wanted.pk
    assert (task.user, task.password, task.contact_user) == ("acme", "secret", wanted.slug)
    assert (task.registrar.host, task.registrar.port, task.expires_s) == ("sip.example.com", 5060, 300)
    assert "secret" not in repr(task)
    assert held(two) == set()
    assert held(one) == {wanted.pk}


def test_another_takes_over_when_the_lease_runs_out_and_the_first_does_not_get_it_back() -> None:
    wanted = trunk()
    one, two = node("node-1"), node("node-2")
    held(one)

    assert held(two, now=NOW + timedelta(seconds=14)) == set()
    assert held(two, now=LATER) == {wanted.pk}
    assert held(one, now=LATER) == set()


def test_they_are_shared_among_the_nodes() -> None:
    trunks = {trunk().pk for _ in range(4)}
    one, two = node("node-1"), node("node-2")

    first, second = held(one), held(two)
    assert (len(first), len(second)) == (2, 2)
    assert first | second == trunks


def test_a_node_that_drains_hands_over_at_once() -> None:
    wanted = trunk()
    one, two = node("node-1"), node("node-2")
    held(one)
    one.draining = True
    one.save()

    assert held(one) == set()
    assert held(two) == {wanted.pk}


def test_after_a_failure_nobody_tries_before_its_time() -> None:
    wanted = trunk()
    one, two = node("node-1"), node("node-2", seen=LATER)
    held(one)
    failed = RegistrationStatus(
        trunk_id=wanted.pk, state="failed", last_error="No.", failures=3, retry_at=NOW + timedelta(minutes=2)
    )
    record_registrations(one, [failed], now=NOW)

    assert held(two, now=LATER) == set()
    assert held(two, now=NOW + timedelta(minutes=2)) == {wanted.pk}


def test_what_a_node_says_is_stored_of_what_it_holds_only() -> None:
    wanted = trunk()
    one, two = node("node-1"), node("node-2")
    held(one)
    until = NOW + timedelta(seconds=300)
    record_registrations(
        one, [RegistrationStatus(trunk_id=wanted.pk, state="registered", expires_at=until)], now=NOW
    )
    record_registrations(two, [RegistrationStatus(trunk_id=wanted.pk, state="failed")], now=NOW)
    record_registrations(two, [RegistrationStatus(trunk_id=uuid4(), state="failed")], now=NOW)

    row = TrunkRegistration.objects.get()
    assert (row.state, row.expires_at, row.changed_at, row.node) == ("registered", until, NOW, one)


def test_calls_are_taken_from_where_the_registration_was() -> None:
    wanted = trunk(direction="both")
    one = node("node-1")
    held(one)
    here, there = ip_address("203.0.113.5"), ip_address("2001:db8::5")
    stands = RegistrationStatus(trunk_id=wanted.pk, state="registered", addresses=[here, there])
    record_registrations(one, [stands], now=NOW)
    assert sources(wanted) == {"203.0.113.5/32", "2001:db8::5/128"}
    with tenant_scope(wanted.tenant_id):
        update_trunk(trunk=wanted, allowed_addresses=["203.0.113.5", "203.0.113.6"])
        assert {str(a) for a in get_trunk(wanted.pk).allowed} == {"203.0.113.5/32", "203.0.113.6/32"}

    record_registrations(one, [RegistrationStatus(trunk_id=wanted.pk, state="none")], now=NOW)
    assert sources(wanted) == {"203.0.113.5/32", "203.0.113.6/32"}


def sources(of: Trunk) -> set[str]:
    with tenant_scope(of.tenant_id):
        return {str(a) for a in TrunkAddress.objects.filter(trunk=of)}


def test_one_that_is_not_wanted_any_more_is_taken_back_and_then_forgotten() -> None:
    wanted = trunk()
    one = node("node-1")
    held(one)
    record_registrations(one, [RegistrationStatus(trunk_id=wanted.pk, state="registered")], now=NOW)
    with tenant_scope(wanted.tenant_id):
        update_trunk(trunk=wanted, registration="none")

    (task,) = take_registrations(one, now=NOW)
    assert task.expires_s == 0
    record_registrations(one, [RegistrationStatus(trunk_id=wanted.pk, state="none")], now=NOW)
    assert held(one) == set()


def test_a_suspended_tenants_registration_is_taken_back_and_its_gateways_are_left_alone() -> None:
    wanted = trunk()
    one = node("node-1")
    held(one)
    record_registrations(one, [RegistrationStatus(trunk_id=wanted.pk, state="registered")], now=NOW)
    Tenant.objects.filter(pk=wanted.tenant_id).update(suspended_at=NOW)

    (task,) = take_registrations(one, now=NOW)
    assert task.expires_s == 0
    assert gateways_to_ask(one, now=NOW) == []


def test_an_archived_trunk_registers_no_more() -> None:
    wanted = trunk()
    with tenant_scope(wanted.tenant_id):
        archive_trunk(trunk=wanted)

    assert held(node("node-1")) == set()


def test_a_registrar_of_its_own() -> None:
    trunk(registrar={"host": "reg.example.com", "port": None, "transport": "tls"})

    (task,) = take_registrations(node("node-1"), now=NOW)
    assert (task.registrar.host, task.registrar.port, task.registrar.transport) == (
        "reg.example.com",
        None,
        "tls",
    )


def test_each_gateway_is_asked_by_one_node() -> None:
    made = trunk(gateways=[GatewayValues(f"g{i}.example.com", 5060, "udp") for i in range(8)])
    one, two = node("node-1"), node("node-2")

    first = {g.id for g in gateways_to_ask(one, now=NOW)}
    second = {g.id for g in gateways_to_ask(two, now=NOW)}
    assert not first & second
    assert first | second == set(TrunkGateway.objects.filter(trunk=made).values_list("pk", flat=True))
    assert gateways_to_ask(node("node-3", seen=NOW - timedelta(minutes=1)), now=NOW) == []


def test_a_report_moves_gateways_and_the_answer_tells_the_work() -> None:
    made = trunk()
    gateway = TrunkGateway.objects.get(trunk=made)
    now = datetime.now(UTC)
    one = node("node-1", seen=now)

    down = GatewayStatus(gateway_id=gateway.pk, up=False, error="No answer.", checked_at=now)
    gone = GatewayStatus(gateway_id=uuid4(), up=False, error="No answer.", checked_at=now)
    work = exchange(one, SignallingReport(node="node-1", gateways=[down, gone]))
    gateway.refresh_from_db()
    assert (gateway.state, gateway.last_error) == (GatewayState.DOWN, "No answer.")
    assert [task.trunk_id for task in work.registrations] == [made.pk]
    assert [g.id for g in work.gateways] == [gateway.pk]

    up = GatewayStatus(gateway_id=gateway.pk, up=True, rtt_ms=12, checked_at=now)
    exchange(one, SignallingReport(node="node-1", gateways=[up]))
    gateway.refresh_from_db()
    assert (gateway.state, gateway.rtt_ms) == (GatewayState.UP, 12)
