"""Calls that last are paid on, and those whose money ends hear it in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.utils import timezone

from apps.agents.models import Agent
from apps.billing.models import Hold, Plan
from apps.billing.services.rates import put_on_plan
from apps.calls.models import Call, Turn
from apps.calls.services import admit_call, record_events
from apps.calls.services.paying_on import pay_on
from apps.calls.services.vendor_usage import usage_of
from apps.numbers.models import PhoneNumber
from media_workers.contract.calls import CallCommand, InboundCall, command_stream
from media_workers.contract.events import EndReason, ServedBy, TurnAccount, TurnUsage
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk
from telephony.trunks.services import create_trunk
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.calls.wire import START, batch, event, fresh
from tests.money import ensure_adds_up, set_balance

pytestmark = pytest.mark.django_db(transaction=True)
CENT = 10_000
NUMBER = "+12025553000"
ANSWER = START + timedelta(seconds=1)


@pytest.fixture
def trunk(tenant: Tenant) -> Trunk:
    with tenant_scope(tenant.pk):
        return create_trunk(name="Carrier", direction="inbound", allowed_addresses=["203.0.113.7"])


@pytest.fixture
def paid(
    tenant: Tenant,
    agent: Agent,
    trunk: Trunk,
    node: MediaNode,
    ring: Callable[..., InboundCall],
    settings: Any,
) -> Callable[[], Call]:
    """A call of the tenant's own trunk that was answered at `ANSWER`: a cent a second, ten seconds ahead."""
    settings.CALL_PRICE_MICROS_PER_MINUTE = 60 * CENT
    settings.HOLD_SLICE_MS = 10_000
    with tenant_scope(tenant.pk):
        PhoneNumber.objects.create(e164=NUMBER, carrier="byoc", trunk=trunk, agent=agent)

    def call() -> Call:
        invite = ring(NUMBER, source_address="203.0.113.7", sip_call_id=f"{uuid4()}@carrier")
        plan = admit_call(node, invite).plan
        assert plan is not None
        record_events(node, batch(plan.call_id, event(1, "answered", codec="PCMU")))
        return fresh(plan.call_id)

    return call


def hold_of(call: Call) -> Hold:
    with tenant_scope(call.tenant_id):
        ensure_adds_up()
        return Hold.objects.get(subject_id=call.pk)


def told(valkey: redis.Redis) -> list[tuple[str, int | None]]:
    """What the node was told since the last time."""
    key = command_stream("node-1")
    commands = [CallCommand.model_validate_json(f[b"command"]) for _, f in valkey.xrange(key)]
    valkey.delete(key)
    return [(command.action, command.paid_ms) for command in commands]


def after(seconds: float) -> Any:
    return ANSWER + timedelta(seconds=seconds)


def test_more_is_held_before_the_slice_is_used_up(
    tenant: Tenant, paid: Callable[[], Call], valkey: redis.Redis
) -> None:
    set_balance(tenant, 500 * CENT)
    call = paid()
    assert hold_of(call).held_ms == 10_000
    for seconds in (5, 10, 15, 15):
        assert pay_on(now=after(seconds)) == {"due": 1, "short": 0}
    assert (hold_of(call).held_ms, hold_of(call).amount_micros) == (25_000, 25 * CENT)
    assert told(valkey) == []


def test_a_call_that_is_paid_for_longer_is_left_alone(
    tenant: Tenant, paid: Callable[[], Call], settings: Any, valkey: redis.Redis
) -> None:
    set_balance(tenant, 500 * CENT)
    settings.HOLD_SLICE_MS = 120_000
    call = paid()
    assert pay_on(now=after(59)) == {"due": 0, "short": 0}
    assert pay_on(now=after(61)) == {"due": 1, "short": 0}
    assert hold_of(call).held_ms == 181_000


def test_when_the_money_ends_the_node_hears_it_again_and_again(
    tenant: Tenant, paid: Callable[[], Call], valkey: redis.Redis
) -> None:
    set_balance(tenant, 18 * CENT)
    call = paid()
    assert pay_on(now=after(5)) == {"due": 1, "short": 0}
    assert pay_on(now=after(10)) == {"due": 1, "short": 1}
    assert pay_on(now=after(15)) == {"due": 1, "short": 1}
    assert told(valkey) == [("paid_until", 18_000), ("paid_until", 18_000)]
    assert hold_of(call).short_since == after(10)


def test_money_that_comes_in_time_is_told(
    tenant: Tenant, paid: Callable[[], Call], valkey: redis.Redis
) -> None:
    set_balance(tenant, 18 * CENT)
    call = paid()
    pay_on(now=after(10))
    set_balance(tenant, 500 * CENT)
    assert pay_on(now=after(15)) == {"due": 1, "short": 0}
    assert told(valkey) == [("paid_until", 18_000), ("paid_until", None)]
    assert hold_of(call).short_since is None
    assert hold_of(call).held_ms == 25_000


def test_a_word_that_does_not_leave_leaves_with_the_next_round(
    tenant: Tenant, paid: Callable[[], Call], settings: Any, valkey: redis.Redis
) -> None:
    set_balance(tenant, 18 * CENT)
    call, url = paid(), settings.REDIS_URL
    pay_on(now=after(10))
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    set_balance(tenant, 500 * CENT)
    pay_on(now=after(15))
    assert hold_of(call).short_since is not None
    settings.REDIS_URL = url
    pay_on(now=after(16))
    assert told(valkey) == [("paid_until", 18_000), ("paid_until", None)]
    assert hold_of(call).short_since is None


def test_two_calls_share_what_is_left(tenant: Tenant, paid: Callable[[], Call], valkey: redis.Redis) -> None:
    set_balance(tenant, 25 * CENT)
    first, second = paid(), paid()
    assert pay_on(now=after(5)) == {"due": 2, "short": 1}
    assert hold_of(first).held_ms + hold_of(second).held_ms == 25_000


def test_a_call_ends_with_its_money_and_the_wallet_is_empty(
    tenant: Tenant, node: MediaNode, paid: Callable[[], Call], valkey: redis.Redis
) -> None:
    set_balance(tenant, 18 * CENT)
    call = paid()
    pay_on(now=after(10))
    # The node was late, and the control plane away: all is told at the end, the excess is written off.
    ended = event(2, "ended", reason=EndReason.MONEY_ENDED.value, duration_ms=21_400)
    record_events(node, batch(call.pk, ended))
    over = fresh(call.pk)
    assert (over.state, over.end_reason) == ("ended", "money_ended")
    with tenant_scope(tenant.pk):
        ensure_adds_up()
        assert Hold.objects.get().settled_micros == 18 * CENT
    assert pay_on(now=after(25)) == {"due": 0, "short": 0}


def test_nothing_is_cut_while_nobody_pays_on(
    tenant: Tenant, node: MediaNode, paid: Callable[[], Call], valkey: redis.Redis
) -> None:
    """The control plane was away for longer than the hold: what is free pays for it."""
    set_balance(tenant, 500 * CENT)
    call = paid()
    record_events(node, batch(call.pk, event(2, "ended", reason="caller_hung_up", duration_ms=90_000)))
    with tenant_scope(tenant.pk):
        ensure_adds_up()
        assert Hold.objects.get().settled_micros == 90 * CENT
    assert told(valkey) == []


def test_vendors_that_take_more_than_was_thought_are_held_and_end_the_call_in_time(
    tenant: Tenant, paid: Callable[[], Call], valkey: redis.Redis
) -> None:
    """A second takes a cent for the platform; what the voice takes was not known before."""
    set_balance(tenant, 500 * CENT)
    call = paid()
    voice = ServedBy(component="tts", vendor="elevenlabs", model="eleven_flash_v2_5")
    account = TurnAccount(served_by=[voice], usage=TurnUsage(characters=10_000))
    with tenant_scope(tenant.pk):
        Turn.objects.create(
            call=call,
            seq=9,
            index=0,
            speaker="agent",
            start_ms=0,
            end_ms=1,
            account=account.model_dump(mode="json"),
        )
        [usage] = usage_of(call)
    spoken = -(-usage.quantity * usage.cost_micros * 120 // (usage.per * 100))
    assert spoken > 50 * CENT
    assert pay_on(now=after(5)) == {"due": 1, "short": 0}
    assert (hold_of(call).held_ms, hold_of(call).amount_micros) == (15_000, 15 * CENT + spoken)
    set_balance(tenant, 17 * CENT + spoken)
    assert pay_on(now=after(10)) == {"due": 1, "short": 1}
    assert told(valkey) == [("paid_until", 17_000)]


def test_a_call_with_promised_minutes_pays_for_what_goes_beyond_them(
    tenant: Tenant, paid: Callable[[], Call], valkey: redis.Redis
) -> None:
    with platform_scope():
        Plan.objects.create(code="team", name="Team", included_minutes=40)
    with tenant_scope(tenant.pk):
        put_on_plan(code="team", at=timezone.now())
    set_balance(tenant, 100 * CENT)
    call = paid()
    longest_s = hold_of(call).most_ms // 1000
    assert (hold_of(call).amount_micros, hold_of(call).included_ms) == (0, 1000 * longest_s)
    # A person has it since, and it lasts for longer than it might.
    assert pay_on(now=after(longest_s + 20)) == {"due": 1, "short": 0}
    assert hold_of(call).amount_micros == 20 * CENT
    assert pay_on(now=after(longest_s + 120)) == {"due": 1, "short": 1}
    assert hold_of(call).amount_micros == 100 * CENT
    [(action, paid_ms)] = told(valkey)
    assert (action, paid_ms is not None and paid_ms <= 1000 * (longest_s + 120)) == ("paid_until", True)


def test_a_call_that_outlasts_its_agent_is_paid_on(
    tenant: Tenant, paid: Callable[[], Call], valkey: redis.Redis
) -> None:
    """Another agent has it, or a person."""
    set_balance(tenant, 3_000 * CENT)
    call = paid()
    longest_s = hold_of(call).most_ms // 1000
    pay_on(now=after(longest_s - 5))
    assert hold_of(call).held_ms == longest_s * 1000
    assert pay_on(now=after(longest_s + 5)) == {"due": 1, "short": 0}
    assert hold_of(call).held_ms == (longest_s + 15) * 1000
    set_balance(tenant, hold_of(call).amount_micros)
    assert pay_on(now=after(longest_s + 20)) == {"due": 1, "short": 1}
    assert told(valkey) == [("paid_until", (longest_s + 15) * 1000)]
