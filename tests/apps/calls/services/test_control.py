from __future__ import annotations

from typing import Any

import pytest
import redis

from apps.calls.errors import CallNotAnswered, CallOver, CallUnknown, LiveControlDown
from apps.calls.models import Call
from apps.calls.services import claim_call, hang_up_call, record_events, say
from apps.calls.services.control import mute, transfer, whisper
from media_workers.contract.calls import CallCommand, ClaimRequest, command_stream
from media_workers.contract.transfers import TransferTarget
from telephony.edge.models import MediaNode
from tenants.audit.models import AuditEntry
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.calls.wire import batch, event, fresh

pytestmark = pytest.mark.django_db(transaction=True)


def commands(valkey: redis.Redis, node: str = "node-1") -> list[CallCommand]:
    return [CallCommand.model_validate_json(f[b"command"]) for _, f in valkey.xrange(command_stream(node))]


def hang_up(call: Call, reason: str = "") -> Call:
    with tenant_scope(call.tenant_id):
        return hang_up_call(call_id=call.pk, reason=reason)


def test_a_queued_call_ends_at_once(queued: Call, valkey: redis.Redis) -> None:
    hang_up(queued, "changed our mind")
    call = fresh(queued.pk)
    assert (call.state, call.end_reason, call.end_detail) == ("ended", "api_hung_up", "changed our mind")
    assert valkey.keys(command_stream("*")) == []


def test_a_live_call_is_hung_up_by_its_node(answered: Call, valkey: redis.Redis) -> None:
    hang_up(answered, "enough")
    assert commands(valkey) == [CallCommand(call_id=answered.pk, action="hang_up", reason="enough")]
    call = fresh(answered.pk)
    assert (call.state, call.hangup_reason) == ("in_progress", "enough")
    assert call.hangup_requested_at is not None


def test_a_dialing_call_is_hung_up_by_its_node(node: MediaNode, queued: Call, valkey: redis.Redis) -> None:
    assert claim_call(node, queued.pk, ClaimRequest(node=node.name, line=1)) is not None
    hang_up(queued)
    assert [c.action for c in commands(valkey)] == ["hang_up"]


def test_the_wish_survives_a_redis_that_is_down(answered: Call, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    hang_up(answered)
    assert fresh(answered.pk).hangup_requested_at is not None


def test_say_reaches_the_node(answered: Call, valkey: redis.Redis) -> None:
    with tenant_scope(answered.tenant_id):
        say(call_id=answered.pk, text="One moment, please.")
    told = CallCommand(call_id=answered.pk, action="say", text="One moment, please.", by="Trunkline")
    assert commands(valkey) == [told]


def test_orders_reach_the_node_and_the_audit_log(answered: Call, valkey: redis.Redis) -> None:
    desk = TransferTarget(name="unnamed", number="+12025550120")
    with tenant_scope(answered.tenant_id):
        mute(call_id=answered.pk, muted=True)
        mute(call_id=answered.pk, muted=False)
        whisper(call_id=answered.pk, text="Offer the table at eight.")
        transfer(call_id=answered.pk, target=desk, test=False)
        entries = AuditEntry.objects.filter(object_id=answered.pk)
        noted = list(entries.values_list("action", flat=True))
        assert "+12025550120" in str(entries.filter(action="transferred").values().get())
    told = [(c.action, c.text, c.target) for c in commands(valkey)]
    assert told == [
        ("mute", "", None),
        ("unmute", "", None),
        ("whisper", "Offer the table at eight.", None),
        ("transfer", "", desk),
    ]
    assert sorted(noted) == ["muted", "transferred", "unmuted", "whispered"]


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ({"number": "+442079460000"}, "number"),
        ({"sip_uri": "sip:desk@10.0.0.7"}, "sip_uri"),
    ],
)
def test_a_transfer_that_may_not_be_is_refused_at_once(
    answered: Call, valkey: redis.Redis, settings: Any, target: dict[str, str], field: str
) -> None:
    settings.TRUNKS_ALLOW_PRIVATE_ADDRESSES = False
    with tenant_scope(answered.tenant_id), pytest.raises(InvalidInput) as refused:
        transfer(call_id=answered.pk, target=TransferTarget(name="x", **target), test=False)
    assert refused.value.field == field
    assert commands(valkey) == []


def test_a_transfer_to_a_target_that_the_agent_does_not_have(answered: Call) -> None:
    with tenant_scope(answered.tenant_id), pytest.raises(InvalidInput, match="front_desk"):
        transfer(call_id=answered.pk, name="front_desk", test=False)


def test_nothing_can_be_said_before_the_answer(queued: Call, valkey: redis.Redis) -> None:
    with tenant_scope(queued.tenant_id), pytest.raises(CallNotAnswered):
        say(call_id=queued.pk, text="Hello?")


def test_say_tells_that_redis_is_down(answered: Call, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with tenant_scope(answered.tenant_id), pytest.raises(LiveControlDown):
        say(call_id=answered.pk, text="Hello?")


def test_a_call_that_is_over(node: MediaNode, answered: Call, valkey: redis.Redis) -> None:
    record_events(node, batch(answered.pk, event(2, "ended", reason="caller_hung_up")))
    with pytest.raises(CallOver):
        hang_up(answered)
    with tenant_scope(answered.tenant_id), pytest.raises(CallOver):
        say(call_id=answered.pk, text="Hello?")
    assert commands(valkey) == []


def test_another_tenants_call_does_not_exist(answered: Call, stranger: Tenant, valkey: redis.Redis) -> None:
    with tenant_scope(stranger.pk), pytest.raises(CallUnknown):
        hang_up_call(call_id=answered.pk)
    with tenant_scope(stranger.pk), pytest.raises(CallUnknown):
        say(call_id=answered.pk, text="Hello?")
    assert commands(valkey) == []
