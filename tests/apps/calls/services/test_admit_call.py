from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.services import publish, update_draft
from apps.calls.models import Call
from apps.calls.selectors import usage_of
from apps.calls.services import admit_call, record_events
from apps.numbers.models import PhoneNumber
from media_workers.contract.calls import InboundAnswer, InboundCall, LegPolicy
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk, TrunkAddress, TrunkGateway
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.suspension import suspend, unsuspend
from tests.apps.calls.conftest import script
from tests.apps.calls.wire import batch, event

Ring = Callable[..., InboundCall]


@pytest.fixture
def own(tenant: Tenant, agent: Agent) -> PhoneNumber:
    """A number on the tenant's own trunk, whose carrier calls from 192.0.2.0/28 and one IPv6 address."""
    with tenant_scope(tenant.pk):
        trunk = Trunk.objects.create(name="Carrier", max_concurrent_calls=2)
        for network in ("192.0.2.0/28", "2001:db8::7/128"):
            TrunkAddress.objects.create(trunk=trunk, network=network)
        return PhoneNumber.objects.create(e164="+4930901820", carrier="byoc", trunk=trunk, agent=agent)


def from_carrier(ring: Ring, address: str = "192.0.2.5", **fields: Any) -> InboundCall:
    return ring("+4930901820", source_address=address, source_port=5060, **fields)


def code(answer: InboundAnswer) -> int | None:
    assert (answer.plan is None) != (answer.rejection is None)
    return answer.rejection.sip_code if answer.rejection else None


def calls() -> list[Call]:
    with platform_scope():
        return list(Call.objects.order_by("pk"))


# --- whose number -----------------------------------------------------------------------------------


def test_a_call_is_admitted(node: MediaNode, number: PhoneNumber, ring: Ring) -> None:
    plan = admit_call(node, ring(line=2, sip_call_id="abc")).plan
    assert plan is not None
    (call,) = calls()
    assert (plan.call_id, plan.tenant_id, plan.direction) == (call.pk, number.tenant_id, "inbound")
    assert plan.agent == script()
    assert plan.variables == {"shop": "Bakery", "day": "today"}
    assert (plan.dial, plan.problem) == (None, "")
    assert (call.state, call.direction, call.test) == ("ringing", "inbound", True)
    assert (call.from_number, call.to_number, call.sip_call_id) == ("+12025550101", "+12025551000", "abc")
    assert (call.node_id, call.line, call.source_address) == (node.pk, 2, "127.0.0.1")
    assert (call.number_id, call.agent_id) == (number.pk, number.agent_id)
    assert call.ringing_at is not None


@pytest.mark.parametrize(
    "dialed", ["+12025551000", "12025551000", "0012025551000", "01112025551000", "+1 202 555-1000"]
)
def test_ways_to_write_the_number(node: MediaNode, number: PhoneNumber, ring: Ring, dialed: str) -> None:
    assert admit_call(node, ring(dialed)).plan is not None


@pytest.mark.parametrize(
    "dialed", ["+12025559999", "", "+", "alice", "0", "9" * 40, "+1202555\x001000x", "'; --"]
)
def test_an_unknown_number(node: MediaNode, number: PhoneNumber, ring: Ring, dialed: str) -> None:
    assert code(admit_call(node, ring(dialed))) == 404
    assert calls() == []


def test_a_number_that_was_given_back(node: MediaNode, number: PhoneNumber, ring: Ring) -> None:
    with platform_scope():
        PhoneNumber.objects.update(archived_at=number.created_at)
    assert code(admit_call(node, ring())) == 404


# --- who speaks -------------------------------------------------------------------------------------


def test_a_pinned_version_speaks(
    node: MediaNode, tenant: Tenant, agent: Agent, number: PhoneNumber, ring: Ring
) -> None:
    with tenant_scope(tenant.pk):
        pinned = agent.published_version
        update_draft(agent=agent, config=script().model_copy(update={"first_message": "New words."}))
        publish(agent=agent)
    newest = admit_call(node, ring()).plan
    assert newest is not None
    assert newest.agent is not None
    assert newest.agent.first_message == "New words."
    with tenant_scope(tenant.pk):
        PhoneNumber.objects.update(agent_version=pinned)
    plan = admit_call(node, ring()).plan
    assert plan is not None
    assert plan.agent == script()
    assert calls()[-1].agent_version_id == pinned.pk  # type: ignore[union-attr]


def test_an_agent_without_a_published_version_is_told(
    node: MediaNode, tenant: Tenant, number: PhoneNumber, ring: Ring
) -> None:
    with tenant_scope(tenant.pk):
        Agent.objects.update(published_version=None)
    plan = admit_call(node, ring()).plan
    assert plan is not None
    assert (plan.agent, plan.problem) == (None, "agent_unpublished")
    assert plan.apology
    assert (calls()[0].state, calls()[0].agent_version_id) == ("ringing", None)


def test_a_number_without_an_agent_is_told(
    node: MediaNode, tenant: Tenant, number: PhoneNumber, ring: Ring
) -> None:
    with tenant_scope(tenant.pk):
        PhoneNumber.objects.update(agent=None)
    plan = admit_call(node, ring()).plan
    assert plan is not None
    assert (plan.agent, plan.problem) == (None, "no_agent")


@pytest.fixture
def fallback(own: PhoneNumber) -> PhoneNumber:
    """The number of the own trunk reaches no agent, but somebody outside."""
    with platform_scope():
        gateway = TrunkGateway(trunk=own.trunk, tenant_id=own.tenant_id, host="sip.carrier.example")
        gateway.save()
        PhoneNumber.objects.update(agent=None, fallback_number="+4930901899")
    return own


def test_a_caller_whom_no_agent_can_answer_is_sent_on(
    node: MediaNode, fallback: PhoneNumber, ring: Ring
) -> None:
    plan = admit_call(node, from_carrier(ring)).plan
    assert plan is not None
    assert (plan.agent, plan.problem) == (None, "no_agent")
    assert plan.forward is not None
    assert (plan.forward.number, plan.forward.caller_id) == ("+4930901899", fallback.e164)
    assert [g.host for g in plan.forward.gateways] == ["sip.carrier.example"]


@pytest.mark.parametrize(
    "change", [{"direction": "inbound"}, {"max_concurrent_calls": 1}], ids=["sends none", "full"]
)
def test_a_caller_is_not_sent_on_where_no_call_can_go(
    node: MediaNode, fallback: PhoneNumber, ring: Ring, change: dict[str, Any]
) -> None:
    with platform_scope():
        Trunk.objects.update(**change)
    plan = admit_call(node, from_carrier(ring)).plan
    assert plan is not None
    assert plan.forward is None
    assert plan.apology


def test_a_caller_who_is_sent_on_takes_two_of_the_trunks_calls(
    node: MediaNode, fallback: PhoneNumber, ring: Ring
) -> None:
    """The trunk carries two at once."""
    invite = from_carrier(ring, sip_call_id="sent-on")
    for _ in range(2):
        plan = admit_call(node, invite).plan
        assert plan is not None
        assert plan.forward is not None, "asked again, the same"
    assert code(admit_call(node, from_carrier(ring))) == 503
    with tenant_scope(fallback.tenant_id):
        assert fallback.trunk is not None
        used = usage_of(fallback.trunk.pk)
    assert (used.inbound, used.outbound) == (1, 1)


def test_a_caller_whom_an_agent_answers_stays(
    node: MediaNode, own: PhoneNumber, agent: Agent, ring: Ring
) -> None:
    with platform_scope():
        PhoneNumber.objects.update(fallback_number="+4930901899", capture_rtp=True)
    plan = admit_call(node, from_carrier(ring)).plan
    assert plan is not None
    assert plan.agent is not None
    assert (plan.forward, plan.capture_rtp) == (None, True)


# --- from where -------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["192.0.2.0", "192.0.2.15", "2001:db8::7", "::ffff:192.0.2.5"])
def test_allowed_sources(node: MediaNode, own: PhoneNumber, ring: Ring, address: str) -> None:
    assert admit_call(node, from_carrier(ring, address)).plan is not None
    assert calls()[0].test is False


@pytest.mark.parametrize(
    "address", ["192.0.2.16", "2001:db8::8", "127.0.0.1", "10.0.0.1", "", "carrier.example"]
)
def test_other_sources_are_refused(
    node: MediaNode, own: PhoneNumber, ring: Ring, settings: Any, address: str
) -> None:
    settings.DEMO_MODE = False
    assert code(admit_call(node, from_carrier(ring, address))) == 403


def test_a_trunk_for_outbound_calls_takes_none(node: MediaNode, own: PhoneNumber, ring: Ring) -> None:
    with platform_scope():
        Trunk.objects.update(direction="outbound")
    assert code(admit_call(node, from_carrier(ring))) == 403


@pytest.mark.parametrize(("address", "port"), [("127.0.0.1", 40000), ("192.0.2.5", 5090), ("10.0.0.1", 5060)])
def test_sandbox_numbers_take_calls_of_the_sandbox_only(
    node: MediaNode, number: PhoneNumber, ring: Ring, settings: Any, address: str, port: int
) -> None:
    settings.DEMO_MODE = False
    assert code(admit_call(node, ring(source_address=address, source_port=port))) == 403
    assert admit_call(node, ring()).plan is not None


@pytest.mark.parametrize(("demo", "expected"), [(True, None), (False, 403)])
@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1"])
def test_any_phone_on_this_machine_in_demo_mode(
    node: MediaNode,
    number: PhoneNumber,
    ring: Ring,
    settings: Any,
    address: str,
    demo: bool,
    expected: int | None,
) -> None:
    settings.DEMO_MODE = demo
    assert code(admit_call(node, ring(source_address=address, source_port=40000))) == expected


def test_demo_mode_opens_nothing_to_the_network(
    node: MediaNode, number: PhoneNumber, ring: Ring, settings: Any
) -> None:
    settings.DEMO_MODE = True
    assert code(admit_call(node, ring(source_address="192.0.2.5"))) == 403


# --- how many ---------------------------------------------------------------------------------------


def test_a_full_trunk_says_when_to_try_again(node: MediaNode, own: PhoneNumber, ring: Ring) -> None:
    plans = [admit_call(node, from_carrier(ring)).plan for _ in range(2)]
    rejection = admit_call(node, from_carrier(ring)).rejection
    assert rejection is not None
    assert (rejection.sip_code, rejection.retry_after_s) == (503, 10)
    assert plans[0] is not None
    record_events(node, batch(plans[0].call_id, event(1, "ended", reason="caller_hung_up")))
    assert admit_call(node, from_carrier(ring)).plan is not None


def test_too_many_in_a_second(node: MediaNode, own: PhoneNumber, ring: Ring) -> None:
    with platform_scope():
        Trunk.objects.update(max_concurrent_calls=10, max_calls_per_second=2)
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        answers = [admit_call(node, from_carrier(ring)) for _ in range(3)]
        assert [code(a) for a in answers] == [None, None, 503]
        assert answers[2].rejection is not None
        assert answers[2].rejection.retry_after_s == 1
        assert "per second" in answers[2].rejection.detail
    with time_machine.travel(now + timedelta(seconds=1.1), tick=False):
        assert [code(admit_call(node, from_carrier(ring))) for _ in range(3)] == [None, None, 503]


def test_channels_kept_for_inbound_are_there_for_it(node: MediaNode, own: PhoneNumber, ring: Ring) -> None:
    with platform_scope():
        Trunk.objects.update(inbound_reserved=1)
    assert [code(admit_call(node, from_carrier(ring))) for _ in range(3)] == [None, None, 503]


def test_a_trunk_that_requires_srtp(node: MediaNode, own: PhoneNumber, ring: Ring) -> None:
    with platform_scope():
        Trunk.objects.update(srtp="required", codecs=["pcma"], dtmf="info", early_media="listen")
    rejection = admit_call(node, from_carrier(ring)).rejection
    assert rejection is not None
    assert (rejection.sip_code, "SRTP" in rejection.detail) == (488, True)
    assert (calls()[0].end_reason, calls()[0].sip_code) == ("no_codec", 488)

    plan = admit_call(node, from_carrier(ring, srtp_offered=True)).plan
    assert plan is not None
    assert plan.leg == LegPolicy(srtp="required", codecs=["pcma"], dtmf="info", early_media="listen")


def test_headers_of_the_invite_become_variables(node: MediaNode, own: PhoneNumber, ring: Ring) -> None:
    with platform_scope():
        Trunk.objects.update(headers_in={"X-Shop": "shop", "X-Missing": "day"})
    headers = {"x-shop": "Florist\r\nX-Evil: 1", "X-Unknown": "u"}
    plan = admit_call(node, from_carrier(ring, headers=headers)).plan
    assert plan is not None
    assert plan.variables == {"shop": "Florist X-Evil: 1", "day": "today"}
    assert calls()[0].variables == {"shop": "Florist X-Evil: 1"}


def test_the_decision_takes_a_handful_of_queries(node: MediaNode, own: PhoneNumber, ring: Ring) -> None:
    with platform_scope():
        for n in range(20):
            TrunkAddress.objects.create(
                trunk=own.trunk, tenant_id=own.tenant_id, network=ip_network(f"198.51.100.{n}/32")
            )
    admit_call(node, from_carrier(ring))
    with CaptureQueriesContext(connection) as counted:
        assert admit_call(node, from_carrier(ring)).plan is not None
    around = ("SAVEPOINT", "RELEASE", "SELECT set_config")
    asked = [q["sql"][:300] for q in counted if not q["sql"].startswith(around)]
    # How numbers from there are read; whose this one is, whether it takes calls from there, whether it is
    # suspended; the trunk's lock and its calls; whether a hook is to be asked; the new call, and who wants to
    # hear of it. The plan, for its calls at a time and for the tariff; the tenant's own keys; the wallet and
    # its limits; the hold.
    assert len(asked) <= 18, "\n".join(asked)


@pytest.mark.django_db(transaction=True)
def test_calls_at_once_do_not_pass_the_limit_together(node: MediaNode, own: PhoneNumber, ring: Ring) -> None:
    invites = [from_carrier(ring) for _ in range(8)]

    def go(invite: InboundCall) -> int | None:
        try:
            return code(admit_call(node, invite))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(go, invites), key=str) == [503] * 6 + [None] * 2


# --- asking twice -----------------------------------------------------------------------------------


def test_asking_twice_at_a_full_trunk_admits_once(node: MediaNode, own: PhoneNumber, ring: Ring) -> None:
    with platform_scope():
        Trunk.objects.update(max_concurrent_calls=1, max_calls_per_second=1)
    invite = from_carrier(ring)
    assert admit_call(node, invite).plan == admit_call(node, invite).plan is not None
    assert len(calls()) == 1


def test_asking_twice_admits_once(node: MediaNode, own: PhoneNumber, ring: Ring) -> None:
    invite = from_carrier(ring)
    first, second = admit_call(node, invite), admit_call(node, invite)
    assert first == second
    assert len(calls()) == 1


@pytest.mark.django_db(transaction=True)
def test_asking_at_once_admits_once(node: MediaNode, number: PhoneNumber, ring: Ring) -> None:
    invite = ring()

    def go(_: int) -> InboundAnswer:
        try:
            return admit_call(node, invite)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(go, range(8)))
    assert len({answer.plan.call_id for answer in answers if answer.plan}) == 1
    assert len(calls()) == 1


@pytest.mark.parametrize(
    ("address", "answer"), [("192.0.2.6", None), ("203.0.113.9", 403)], ids=["allowed", "stranger"]
)
def test_a_copied_call_id_neither_gets_the_plan_nor_keeps_the_call_out(
    node: MediaNode, own: PhoneNumber, ring: Ring, address: str, answer: int | None
) -> None:
    copy = from_carrier(ring, address, sip_call_id="seen on the wire")
    assert code(admit_call(node, copy)) == answer
    real = admit_call(node, from_carrier(ring, sip_call_id="seen on the wire")).plan
    assert real is not None
    assert [c.source_address for c in calls() if c.state == "ringing"][-1] == "192.0.2.5"
    again = admit_call(node, copy)
    assert again.plan is None or again.plan.call_id != real.call_id


def test_a_call_id_that_another_call_of_the_source_has(
    node: MediaNode, own: PhoneNumber, tenant: Tenant, ring: Ring
) -> None:
    with tenant_scope(tenant.pk):
        PhoneNumber.objects.create(e164="+4930901821", carrier="byoc", trunk=own.trunk)
    assert admit_call(node, from_carrier(ring, sip_call_id="forked")).plan is not None
    other = from_carrier(ring, sip_call_id="forked").model_copy(update={"dialed_number": "+4930901821"})
    assert code(admit_call(node, other)) == 482


def test_an_old_call_does_not_block_its_call_id(node: MediaNode, number: PhoneNumber, ring: Ring) -> None:
    """Cheap phones count their Call-IDs from one again after a restart."""
    invite = ring(sip_call_id="1@phone")
    first = admit_call(node, invite).plan
    assert first is not None
    record_events(node, batch(first.call_id, event(1, "ended", reason="caller_hung_up")))
    second = admit_call(node, invite).plan
    assert second is not None
    assert second.call_id != first.call_id


def test_the_same_call_id_on_two_nodes_is_two_calls(
    node: MediaNode, other_node: MediaNode, number: PhoneNumber, ring: Ring
) -> None:
    admit_call(node, ring(sip_call_id="1@phone"))
    admit_call(other_node, ring(sip_call_id="1@phone", node=other_node.name))
    assert len(calls()) == 2


# --- what a tenant sees of refused calls ------------------------------------------------------------


def test_a_refused_call_is_kept_with_its_reason(
    node: MediaNode, own: PhoneNumber, ring: Ring, stranger: Tenant
) -> None:
    answer = admit_call(node, from_carrier(ring, "198.51.100.1"))
    (call,) = calls()
    assert answer.rejection is not None
    assert answer.rejection.call_id == call.pk
    assert (call.tenant_id, call.state, call.end_reason) == (own.tenant_id, "ended", "blocked")
    assert (call.sip_code, call.sip_reason, call.source_address) == (403, "Forbidden", "198.51.100.1")
    assert call.end_words == "The source of the call is not allowed."


def test_the_messages_of_a_refused_call_are_taken(node: MediaNode, own: PhoneNumber, ring: Ring) -> None:
    admit_call(node, from_carrier(ring, "198.51.100.1"))
    (call,) = calls()
    ladder = {"direction": "in", "peer": "198.51.100.1:5060", "transport": "udp", "text": "INVITE x"}
    told = batch(call.pk, event(1, "sip", first_line="INVITE x", **ladder), event(2, "leg", transport="udp"))
    assert record_events(node, told).seq == 2
    (call,) = calls()
    assert (call.state, call.end_reason, call.transport) == ("ended", "blocked", "udp")


def test_a_flood_of_refused_calls_fills_no_table(node: MediaNode, own: PhoneNumber, ring: Ring) -> None:
    for n in range(15):
        admit_call(node, from_carrier(ring, f"198.51.100.{n}"))
        admit_call(node, from_carrier(ring, f"198.51.100.{n}"))
    assert len(calls()) == 10
    assert len({call.source_address for call in calls()}) == 10


def test_what_a_stranger_wrote_is_cut_to_fit(node: MediaNode, number: PhoneNumber, ring: Ring) -> None:
    plan = admit_call(node, ring(caller="+1\x00" + "9" * 500, sip_call_id="i" * 5000)).plan
    assert plan is not None
    assert len(plan.from_number) == 128
    assert len(calls()[0].sip_call_id) == 255


def test_a_suspended_tenant_is_not_called(
    tenant: Tenant, node: MediaNode, number: PhoneNumber, ring: Ring
) -> None:
    suspend(tenant=tenant, reason="An invoice is open.")

    answer = admit_call(node, ring())

    assert code(answer) == 480
    (call,) = calls()
    assert (call.end_reason, call.sip_code) == ("blocked", 480)
    assert "suspended" in call.end_detail
    unsuspend(tenant=tenant)
    assert admit_call(node, ring()).plan is not None
