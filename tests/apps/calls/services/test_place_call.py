from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import redis
import time_machine
from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.services import archive_agent, create_agent, publish
from apps.calls.models import Call
from apps.calls.services import claim_call, place_call
from apps.calls.tasks import enqueue_dial_job
from apps.numbers.models import PhoneNumber
from media_workers.contract.calls import JOB_STREAM, CallJob, ClaimRequest
from media_workers.contract.sandbox import sandbox_ports
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk, TrunkGateway
from tenants.errors import InvalidInput, LimitReached
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.calls.conftest import script
from tests.apps.calls.wire import fresh


@pytest.fixture
def own(tenant: Tenant, agent: Agent) -> PhoneNumber:
    with tenant_scope(tenant.pk):
        trunk = Trunk.objects.create(name="Carrier", max_calls_per_second=1)
        TrunkGateway.objects.create(trunk=trunk, host="192.0.2.1")
        return PhoneNumber.objects.create(e164="+4930901820", carrier="byoc", trunk=trunk, agent=agent)


def place(number: PhoneNumber, **how: Any) -> Call:
    with tenant_scope(number.tenant_id):
        return place_call(**({"from_number": number.e164, "to_number": "+12025550101"} | how))


def refused(number: PhoneNumber, **how: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        place(number, **how)
    with platform_scope():
        assert not Call.objects.exists()
    return caught.value


def jobs(valkey: redis.Redis) -> list[CallJob]:
    return [CallJob.model_validate_json(fields[b"job"]) for _, fields in valkey.xrange(JOB_STREAM)]


def test_a_call_is_queued(number: PhoneNumber, agent: Agent) -> None:
    call = fresh(place(number, variables={"day": "Monday"}, metadata={"visit": 7}).pk)
    assert (call.state, call.direction, call.test) == ("queued", "outbound", True)
    assert (call.from_number, call.to_number) == ("+12025551000", "+12025550101")
    assert (call.agent_id, call.number_id, call.trunk_id) == (agent.pk, number.pk, None)
    assert call.agent_version_id == agent.published_version_id
    assert (call.variables, call.metadata) == ({"day": "Monday"}, {"visit": 7})
    assert call.queued_at is not None


def test_numbers_are_written_in_any_international_form(number: PhoneNumber) -> None:
    call = place(number, from_number="+1 (202) 555-1000", to_number="+1 202-555-0101")
    assert (call.from_number, call.to_number) == ("+12025551000", "+12025550101")


@pytest.mark.django_db(transaction=True)
def test_the_job_follows_the_commit(number: PhoneNumber, valkey: redis.Redis) -> None:
    with tenant_scope(number.tenant_id):
        call = place_call(from_number=number.e164, to_number="+12025550101")
        assert jobs(valkey) == []
    assert jobs(valkey) == [CallJob(call_id=call.pk)]
    kept = fresh(call.pk)
    ((entry, _),) = valkey.xrange(JOB_STREAM)
    assert kept.job_id == entry.decode()
    assert kept.enqueued_at is not None


@pytest.mark.django_db(transaction=True)
def test_no_job_for_what_was_rolled_back(number: PhoneNumber, valkey: redis.Redis) -> None:
    def place_and_fail() -> None:
        with tenant_scope(number.tenant_id):
            place_call(from_number=number.e164, to_number="+12025550101")
            raise RuntimeError("rolled back")

    with pytest.raises(RuntimeError, match="rolled back"):
        place_and_fail()
    assert jobs(valkey) == []


@pytest.mark.django_db(transaction=True)
def test_a_call_is_placed_while_redis_is_down(number: PhoneNumber, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    call = fresh(place(number).pk)
    assert (call.state, call.job_id, call.enqueued_at) == ("queued", "", None)


@pytest.mark.django_db(transaction=True)
def test_a_paced_call_is_enqueued_when_its_time_has_come(
    own: PhoneNumber, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, Any, float]] = []

    def send_task(name: str, *, args: Any, countdown: float, queue: str) -> None:
        sent.append((name, args, countdown))

    monkeypatch.setattr("celery.current_app.send_task", send_task, raising=False)
    # However long it takes to place them, the second one is placed too early.
    with time_machine.travel(timezone.now(), tick=False):
        first, second = place(own), place(own)
    assert jobs(valkey) == [CallJob(call_id=first.pk)]
    ((name, args, countdown),) = sent
    assert name == "calls.enqueue_dial"
    assert 0 < countdown <= 1
    enqueue_dial_job(*args)
    assert jobs(valkey) == [CallJob(call_id=first.pk), CallJob(call_id=second.pk)]
    assert fresh(second.pk).job_id


@pytest.mark.django_db(transaction=True)
def test_the_trunk_has_a_queue_of_ten_minutes(
    own: PhoneNumber, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(own)
    with platform_scope():
        Call.objects.update(dial_at=timezone.now() + timedelta(minutes=11))
    with pytest.raises(LimitReached, match="place this one later") as caught:
        place(own)
    assert caught.value.retry_after_s == 60


# --- who speaks -------------------------------------------------------------------------------------


def test_another_agent_than_the_numbers(number: PhoneNumber, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        other = create_agent(name="Other", config=script())
        first = publish(agent=other)
        second = publish(agent=other)
    assert place(number, agent_id=other.pk).agent_version_id == second.pk
    assert place(number, agent_id=other.pk, agent_version_id=first.pk).agent_version_id == first.pk


def test_an_agent_that_does_not_exist(number: PhoneNumber) -> None:
    assert refused(number, agent_id=uuid4()).field == "agent"


def test_another_tenants_agent_does_not_exist(number: PhoneNumber, stranger: Tenant) -> None:
    with tenant_scope(stranger.pk):
        foreign = create_agent(name="Foreign", config=script())
        version = publish(agent=foreign)
    assert refused(number, agent_id=foreign.pk).field == "agent"
    assert refused(number, agent_version_id=version.pk).field == "agent_version"


def test_an_unpublished_agent(number: PhoneNumber, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        draft = create_agent(name="Draft", config=script())
    fault = refused(number, agent_id=draft.pk)
    assert (fault.field, fault.code) == ("agent", "unpublished")


def test_a_number_without_an_agent_needs_one(number: PhoneNumber, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        PhoneNumber.objects.update(agent=None)
    fault = refused(number)
    assert (fault.field, fault.code) == ("agent", "required")


def test_a_version_of_another_agent(number: PhoneNumber, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        other = publish(agent=create_agent(name="Other", config=script()))
    assert refused(number, agent_version_id=other.pk).field == "agent_version"


def test_an_archived_agent(number: PhoneNumber, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        other = create_agent(name="Other", config=script())
        publish(agent=other)
        archive_agent(agent=other)
    assert refused(number, agent_id=other.pk).field == "agent"


# --- from where to where ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "to", ["", "12025550101", "+1", "+1202555010199999", "sip:x@y", "+12025550101;ext=7"]
)
def test_bad_destinations(number: PhoneNumber, to: str) -> None:
    assert refused(number, to_number=to).field == "to_number"


@pytest.mark.parametrize("source", ["", "anonymous", "+12025559999"])
def test_bad_origins(number: PhoneNumber, source: str) -> None:
    assert refused(number, from_number=source).field == "from_number"


def test_another_tenants_number(number: PhoneNumber, stranger: Tenant) -> None:
    with tenant_scope(stranger.pk), pytest.raises(InvalidInput) as caught:
        place_call(from_number=number.e164, to_number="+12025550101")
    assert caught.value.field == "from_number"


def test_a_number_that_was_given_back(number: PhoneNumber) -> None:
    with platform_scope():
        PhoneNumber.objects.update(archived_at=timezone.now())
    assert refused(number).field == "from_number"


def test_an_own_number_calls_through_its_trunk(own: PhoneNumber) -> None:
    call = place(own)
    assert (call.trunk_id, call.test) == (own.trunk_id, False)


@pytest.mark.parametrize(
    "broken", [{"direction": "inbound"}, {"archived_at": "2026-01-01T00:00:00Z"}], ids=str
)
def test_a_trunk_that_places_no_calls(own: PhoneNumber, broken: dict[str, Any]) -> None:
    with platform_scope():
        Trunk.objects.update(**broken)
    assert refused(own).field == "from_number"


def test_a_trunk_without_a_gateway(own: PhoneNumber) -> None:
    with platform_scope():
        TrunkGateway.objects.update(enabled=False)
    assert "no enabled gateway" in refused(own).detail


def test_a_test_call_never_leaves_the_sandbox(node: MediaNode, own: PhoneNumber, settings: Any) -> None:
    call = place(own, test=True)
    assert (call.trunk_id, call.test) == (None, True)
    plan = claim_call(node, call.pk, ClaimRequest(node=node.name, line=1))
    assert plan is not None
    assert plan.dial is not None
    ports = sandbox_ports(settings.SANDBOX_PORT)
    assert {(g.host, g.port) for g in plan.dial.gateways} == {(settings.SANDBOX_HOST, port) for port in ports}
    assert not plan.dial.password
