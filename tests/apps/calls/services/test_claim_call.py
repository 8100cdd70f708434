from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from apps.agents.models import Agent
from apps.calls.errors import CallUnknown
from apps.calls.models import Call
from apps.calls.services import claim_call, hang_up_call, place_call
from apps.numbers.models import PhoneNumber
from media_workers.contract.calls import CallPlan, ClaimRequest, DialTarget, Gateway, LegPolicy
from media_workers.contract.sandbox import sandbox_ports
from telephony.edge.models import MediaNode
from telephony.trunks.health import note_gateway_failed
from telephony.trunks.models import Trunk, TrunkGateway
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.suspension import TenantSuspended, suspend
from tests.apps.calls.wire import fresh


def claim(node: MediaNode, call: Call, line: int = 1) -> CallPlan | None:
    return claim_call(node, call.pk, ClaimRequest(node=node.name, line=line))


@pytest.fixture
def trunk(tenant: Tenant) -> Trunk:
    with tenant_scope(tenant.pk):
        trunk = Trunk.objects.create(
            name="Carrier",
            auth="digest",
            username="us",
            password="secret",
            number_format="e164",
            max_concurrent_calls=2,
            max_calls_per_second=100,
        )
        TrunkGateway.objects.create(trunk=trunk, host="192.0.2.2", priority=2)
        TrunkGateway.objects.create(trunk=trunk, host="192.0.2.1", port=5070, transport="tcp", priority=1)
        TrunkGateway.objects.create(trunk=trunk, host="192.0.2.3", priority=1, enabled=False)
        return trunk


@pytest.fixture
def own_number(tenant: Tenant, agent: Agent, trunk: Trunk) -> PhoneNumber:
    with tenant_scope(tenant.pk):
        return PhoneNumber.objects.create(e164="+4930901820", carrier="byoc", trunk=trunk, agent=agent)


def place(number: PhoneNumber) -> Call:
    with tenant_scope(number.tenant_id):
        return place_call(from_number=number.e164, to_number="+4930901821", variables={"day": "Monday"})


def test_a_claim_dials(node: MediaNode, queued: Call, settings: object) -> None:
    plan = claim(node, queued, line=3)
    call = fresh(queued.pk)
    assert (call.state, call.node_id, call.line) == ("dialing", node.pk, 3)
    assert call.dialing_at is not None
    assert plan is not None
    assert (plan.call_id, plan.tenant_id, plan.direction) == (call.pk, call.tenant_id, "outbound")
    assert plan.agent is not None
    assert plan.dial is not None
    host, first = settings.SANDBOX_HOST, settings.SANDBOX_PORT  # type: ignore[attr-defined]
    ports = sandbox_ports(first)
    assert sorted(plan.dial.gateways, key=lambda g: g.port or 0) == [
        Gateway(host=host, port=port) for port in ports
    ]
    assert (plan.dial.number, plan.dial.caller_id, plan.dial.password) == ("+12025550101", "+12025551000", "")


def test_the_plan_of_a_trunk(node: MediaNode, own_number: PhoneNumber) -> None:
    plan = claim(node, place(own_number))
    assert plan is not None
    assert plan.dial is not None
    assert [(g.host, g.port, g.transport) for g in plan.dial.gateways] == [
        ("192.0.2.1", 5070, "tcp"),
        ("192.0.2.2", None, "udp"),
    ]
    assert (plan.dial.number, plan.dial.caller_id) == ("4930901821", "4930901820")
    assert (plan.dial.username, plan.dial.password) == ("us", "secret")
    assert plan.variables == {"shop": "Bakery", "day": "Monday"}
    assert "secret" not in repr(plan)


def test_a_trunk_known_by_address_gets_no_password(
    node: MediaNode, trunk: Trunk, own_number: PhoneNumber
) -> None:
    with platform_scope():
        Trunk.objects.update(auth="ip")
    plan = claim(node, place(own_number))
    assert plan is not None
    assert plan.dial is not None
    assert (plan.dial.username, plan.dial.password) == ("", "")


@pytest.mark.django_db(transaction=True)
def test_of_twenty_claims_one_wins(node: MediaNode, queued: Call) -> None:
    def go(line: int) -> CallPlan | None:
        try:
            return claim(node, queued, line=line)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        plans = list(pool.map(go, range(20)))
    winners = [line for line, plan in enumerate(plans) if plan is not None]
    assert len(winners) == 1
    assert fresh(queued.pk).line == winners[0]


def test_the_same_line_cannot_claim_twice(node: MediaNode, queued: Call) -> None:
    assert claim(node, queued) is not None
    assert claim(node, queued) is None


def test_a_call_that_was_hung_up_is_not_dialed(node: MediaNode, queued: Call) -> None:
    with tenant_scope(queued.tenant_id):
        hang_up_call(call_id=queued.pk)
    assert claim(node, queued) is None
    assert fresh(queued.pk).state == "ended"


def test_an_inbound_call_cannot_be_claimed(node: MediaNode, answered: Call) -> None:
    assert claim(node, answered) is None


def test_an_unknown_call(node: MediaNode) -> None:
    with pytest.raises(CallUnknown):
        claim_call(node, uuid4(), ClaimRequest(node=node.name, line=0))


def test_a_trunk_dials_no_more_than_it_carries(node: MediaNode, own_number: PhoneNumber) -> None:
    calls = [place(own_number) for _ in range(3)]
    with platform_scope():
        Call.objects.update(dial_at=timezone.now())
    assert [claim(node, call) is not None for call in calls] == [True, True, False]
    put_off = fresh(calls[2].pk)
    assert put_off.state == "queued"
    assert put_off.dial_at > timezone.now() + timedelta(seconds=1)
    assert claim(node, put_off) is None
    with platform_scope():
        Call.objects.filter(pk=calls[0].pk).update(state="ended", ended_at=timezone.now(), end_reason="busy")
        Call.objects.filter(pk=put_off.pk).update(dial_at=timezone.now())
    assert claim(node, put_off) is not None


@pytest.mark.django_db(transaction=True)
def test_claims_at_once_do_not_pass_the_limit_together(node: MediaNode, own_number: PhoneNumber) -> None:
    calls = [place(own_number) for _ in range(8)]
    with platform_scope():
        Call.objects.update(dial_at=timezone.now())

    def go(call: Call) -> bool:
        try:
            return claim(node, call) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(go, calls)) == 2


def test_calls_of_a_trunk_are_spread_by_its_rate(trunk: Trunk, own_number: PhoneNumber) -> None:
    with platform_scope():
        Trunk.objects.update(max_calls_per_second=2)
    with time_machine.travel(timezone.now(), tick=False):
        slots = [place(own_number).dial_at for _ in range(5)]
    steps = [(b - a) / timedelta(milliseconds=1) for a, b in itertools.pairwise(slots)]
    assert steps == [500.0] * 4


def test_no_more_are_dialed_in_a_second_than_the_trunk_allows(
    node: MediaNode, trunk: Trunk, own_number: PhoneNumber
) -> None:
    """However they came to be claimed together: lines were busy, or jobs came late."""
    with platform_scope():
        Trunk.objects.update(max_calls_per_second=2, max_concurrent_calls=10)
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        calls = [place(own_number) for _ in range(4)]
        with platform_scope():
            Call.objects.update(dial_at=now)
        assert [claim(node, call) is not None for call in calls] == [True, True, False, False]
        assert [fresh(call.pk).dial_at for call in calls[2:]] == [now + timedelta(seconds=1)] * 2
    with time_machine.travel(now + timedelta(seconds=1.01), tick=False):
        assert [claim(node, call) is not None for call in calls[2:]] == [True, True]


def test_a_backlog_is_spread_over_the_slots_to_come(
    node: MediaNode, trunk: Trunk, own_number: PhoneNumber
) -> None:
    with platform_scope():
        Trunk.objects.update(max_calls_per_second=2, max_concurrent_calls=10)
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        calls = [place(own_number) for _ in range(4)]
        with platform_scope():
            Call.objects.update(dial_at=now - timedelta(minutes=1))
        assert [claim(node, call) is not None for call in calls] == [True, True, False, False]
        first, second = (fresh(call.pk).dial_at for call in calls[2:])
    assert second - first == timedelta(milliseconds=500)


def test_channels_kept_for_inbound_are_not_dialed(
    node: MediaNode, trunk: Trunk, own_number: PhoneNumber
) -> None:
    with platform_scope():
        Trunk.objects.update(max_concurrent_calls=3, inbound_reserved=2)
    calls = [place(own_number) for _ in range(2)]
    with platform_scope():
        Call.objects.update(dial_at=timezone.now())
    assert [claim(node, call) is not None for call in calls] == [True, False]
    assert fresh(calls[1].pk).state == "queued"


# --- how a carrier wants to be spoken to --------------------------------------------------------------


def dialed(node: MediaNode, number: PhoneNumber) -> DialTarget:
    plan = claim(node, place(number))
    assert plan is not None
    assert plan.dial is not None
    return plan.dial


def test_all_settings_of_a_trunk_are_in_the_plan(
    node: MediaNode, trunk: Trunk, own_number: PhoneNumber, settings: Any
) -> None:
    settings.TRUNKS_ALLOW_PRIVATE_ADDRESSES = False
    with platform_scope():
        Trunk.objects.update(
            number_format="national",
            country="DE",
            tech_prefix="99#",
            caller_id_header="remote_party_id",
            caller_id_private=True,
            headers_out={"X-Day": "{{day}}", "X-Call": "{{call_id}}", "X-None": "{{nothing}}"},
            srtp="optional",
            codecs=["pcma", "pcmu"],
            dtmf="info",
            early_media="listen",
            invite_timeout_ms=2_500,
        )
    target = dialed(node, own_number)
    with platform_scope():
        call = Call.objects.get()
    assert (target.number, target.caller_id) == ("99#030901821", "030901820")
    assert (target.caller_id_header, target.caller_id_private) == ("remote_party_id", True)
    assert target.headers == {"X-Day": "Monday", "X-Call": call.public_id}
    assert target.leg == LegPolicy(
        srtp="optional", codecs=["pcma", "pcmu"], dtmf="info", early_media="listen"
    )
    assert (target.invite_timeout_ms, target.trunk_id, target.allow_private) == (2_500, trunk.pk, False)
    with platform_scope():
        ids = dict(TrunkGateway.objects.values_list("host", "pk"))
    assert [g.id for g in target.gateways] == [ids["192.0.2.1"], ids["192.0.2.2"]]


def test_a_variable_stays_on_its_line(node: MediaNode, own_number: PhoneNumber) -> None:
    with platform_scope():
        Trunk.objects.update(headers_out={"X-Day": "{{day}}"})
    with tenant_scope(own_number.tenant_id):
        evil = {"day": "Monday\r\nRoute: <sip:evil.example;lr>"}
        call = place_call(from_number=own_number.e164, to_number="+4930901821", variables=evil)
    plan = claim(node, call)
    assert plan is not None
    assert plan.dial is not None
    assert plan.dial.headers == {"X-Day": "Monday Route: <sip:evil.example;lr>"}


def test_where_we_register_we_prove_ourselves(node: MediaNode, own_number: PhoneNumber) -> None:
    with platform_scope():
        Trunk.objects.update(auth="ip", registration="outbound")
    target = dialed(node, own_number)
    assert (target.username, target.password) == ("us", "secret")


def test_a_phone_that_registers_here_is_called_by_the_trunks_domain(
    node: MediaNode, trunk: Trunk, own_number: PhoneNumber
) -> None:
    with platform_scope():
        Trunk.objects.update(registration="inbound")
        TrunkGateway.objects.all().delete()
    target = dialed(node, own_number)
    assert [(g.host, g.port, g.id) for g in target.gateways] == [(trunk.domain, None, None)]


def test_a_gateway_that_rests_is_left_out(node: MediaNode, own_number: PhoneNumber) -> None:
    with platform_scope():
        first = TrunkGateway.objects.get(host="192.0.2.1")
        note_gateway_failed(first.pk, error="503 Service Unavailable")
    assert [g.host for g in dialed(node, own_number).gateways] == ["192.0.2.2"]


@pytest.fixture
def backup(tenant: Tenant, trunk: Trunk) -> Trunk:
    with tenant_scope(tenant.pk):
        backup = Trunk.objects.create(name="Backup", max_concurrent_calls=1, auth="digest", username="b")
        TrunkGateway.objects.create(trunk=backup, host="192.0.2.9", transport="tls")
        Trunk.objects.filter(pk=trunk.pk).update(backup_trunk=backup)
        return backup


def test_a_backup_is_spoken_to_in_its_own_way(
    node: MediaNode, backup: Trunk, own_number: PhoneNumber
) -> None:
    target = dialed(node, own_number)
    assert target.number == "4930901821"
    assert target.backup is not None
    assert (target.backup.number, target.backup.username, target.backup.trunk_id) == (
        "+4930901821",
        "b",
        backup.pk,
    )
    assert [g.host for g in target.backup.gateways] == ["192.0.2.9"]
    assert target.backup.backup is None


@pytest.mark.parametrize(
    "change", [{"direction": "inbound"}, {"archived_at": timezone.now()}, {"max_concurrent_calls": 0}]
)
def test_a_backup_that_cannot_take_the_call_is_left_out(
    node: MediaNode, backup: Trunk, own_number: PhoneNumber, change: dict[str, Any]
) -> None:
    with platform_scope():
        Trunk.objects.filter(pk=backup.pk).update(**change)
    assert dialed(node, own_number).backup is None


def test_a_chain_of_backups_ends(
    node: MediaNode, trunk: Trunk, backup: Trunk, own_number: PhoneNumber
) -> None:
    """A circle is refused when it is saved; one that is there all the same does no harm."""
    with platform_scope():
        Trunk.objects.filter(pk=backup.pk).update(backup_trunk=trunk)
    target = dialed(node, own_number)
    assert target.backup is not None
    assert target.backup.backup is None


def test_the_packets_of_a_number_are_kept_when_it_says_so(node: MediaNode, own_number: PhoneNumber) -> None:
    plan = claim(node, place(own_number))
    assert plan is not None
    assert (plan.capture_rtp, plan.forward) == (False, None)
    with platform_scope():
        PhoneNumber.objects.update(capture_rtp=True)
    plan = claim(node, place(own_number))
    assert plan is not None
    assert plan.capture_rtp is True


def test_a_job_that_comes_before_its_time_is_put_aside(node: MediaNode, queued: Call) -> None:
    with platform_scope():
        Call.objects.update(dial_at=timezone.now() + timedelta(minutes=1))
    assert claim(node, queued) is None
    assert fresh(queued.pk).state == "queued"


@pytest.mark.parametrize("what", ["gateways", "trunk"])
def test_a_trunk_that_is_taken_away_meanwhile(node: MediaNode, own_number: PhoneNumber, what: str) -> None:
    call = place(own_number)
    with platform_scope():
        if what == "gateways":
            TrunkGateway.objects.update(enabled=False)
        else:
            Trunk.objects.update(archived_at=timezone.now())
    assert claim(node, call) is None
    ended = fresh(call.pk)
    assert (ended.state, ended.end_reason) == ("ended", "failed")
    assert "trunk was changed" in ended.end_detail


def test_a_suspended_tenant_dials_nothing(tenant: Tenant, node: MediaNode, queued: Call) -> None:
    suspend(tenant=tenant, reason="An invoice is open.")

    assert claim(node, queued) is None
    call = fresh(queued.pk)
    assert (call.state, call.end_reason) == ("ended", "failed")
    assert "suspended" in call.end_detail
    with tenant_scope(tenant.pk), pytest.raises(TenantSuspended):
        place_call(from_number=queued.from_number, to_number="+12025550101")
