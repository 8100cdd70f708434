from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from django.db import connection
from django.utils import timezone

from apps.calls import streams
from apps.calls.models import Call
from apps.calls.services import admit_call, claim_call, hang_up_call, place_call, reconcile, record_events
from apps.calls.services.reconcile import mark_missing
from apps.calls.states import ON_A_NODE
from apps.numbers.models import PhoneNumber
from media_workers.contract.calls import JOB_GROUP, JOB_STREAM, CallCommand, ClaimRequest, command_stream
from telephony.edge.models import MediaNode
from telephony.edge.services import record_reach
from tenants.scope import platform_scope, tenant_scope
from tests.apps.calls.wire import START, batch, event, fresh, turn

pytestmark = pytest.mark.usefixtures("valkey", "api")

Beat = Callable[..., bool]
MODULE = "apps.calls.services.reconcile"  # the function hides the module in its package


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, db: None) -> Callable[[bool], None]:
    """The internal API can be reached, until told otherwise."""
    there = [True]
    monkeypatch.setattr(sys.modules[MODULE], "probe_control_api", lambda url: there[0])

    def switch(on: bool) -> None:
        there[0] = on

    return switch


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def run(*, start: float, end: float, step: float = 5) -> None:
    """What beat does from `start` to `end`, in seconds after START."""
    seconds = start
    while seconds <= end:
        reconcile(now=at(seconds))
        seconds += step


def began(call: Call, seconds: float = 0) -> Call:
    """Moves the call's times to START."""
    with platform_scope():
        row = Call.objects.get(pk=call.pk)
        times = {"created_at": at(seconds), "answered_at": row.answered_at and at(seconds)}
        if row.queued_at:
            times |= {"queued_at": at(seconds), "dial_at": at(seconds)}
        if row.dialing_at:
            times["dialing_at"] = at(seconds)
        if row.enqueued_at:
            times["enqueued_at"] = at(seconds)
        Call.objects.filter(pk=call.pk).update(**times)
    return fresh(call.pk)


def jobs(valkey: redis.Redis) -> int:
    return valkey.xlen(JOB_STREAM)


# --- nodes that die ---------------------------------------------------------------------------------


def test_the_calls_of_a_dead_node_end_within_30_seconds(answered: Call, beat: Beat) -> None:
    began(answered)
    run(start=-20, end=0)
    beat(at=at(0), calls=(answered.pk,))
    run(start=5, end=15)
    assert fresh(answered.pk).state == "in_progress"
    run(start=20, end=25)
    call = fresh(answered.pk)
    assert (call.state, call.end_reason) == ("ended", "node_lost")
    assert call.end_words == "The media node that carried the call died."


def test_nobody_pays_for_the_time_it_took_to_notice(answered: Call, beat: Beat) -> None:
    began(answered)
    run(start=-20, end=0)
    beat(at=at(7), calls=(answered.pk,))
    run(start=5, end=30)
    call = fresh(answered.pk)
    assert (call.ended_at, call.duration_ms) == (at(7), 7000)


def test_a_call_that_was_not_answered_has_no_duration(node: MediaNode, queued: Call, beat: Beat) -> None:
    assert claim_call(node, queued.pk, ClaimRequest(node=node.name, line=1)) is not None
    began(queued)
    run(start=-20, end=0)
    beat(at=at(3), calls=(queued.pk,))
    run(start=5, end=30)
    call = fresh(queued.pk)
    assert (call.end_reason, call.duration_ms, call.answered_at) == ("node_lost", 0, None)


def test_a_living_nodes_calls_go_on(answered: Call, beat: Beat) -> None:
    began(answered)
    for seconds in range(-20, 121, 5):
        beat(at=at(seconds), calls=(answered.pk,))
        reconcile(now=at(seconds + 1))
    assert fresh(answered.pk).state == "in_progress"
    assert fresh(answered.pk).missing_since is None


def test_a_node_that_dies_before_its_first_heartbeat(answered: Call) -> None:
    began(answered)
    with platform_scope():
        MediaNode.objects.update(created_at=at(-3600))
    run(start=-20, end=15)
    assert fresh(answered.pk).state == "in_progress"
    run(start=20, end=20)
    assert fresh(answered.pk).end_reason == "node_lost"


def test_only_the_dead_nodes_calls_end(
    node: MediaNode, other_node: MediaNode, answered: Call, beat: Beat, number: PhoneNumber, ring: Any
) -> None:
    plan = admit_call(other_node, ring(node=other_node.name)).plan
    assert plan is not None
    began(answered)
    with platform_scope():
        Call.objects.filter(pk=plan.call_id).update(created_at=at(0))
    run(start=-20, end=0)
    beat(at=at(24), calls=(answered.pk,))
    MediaNode.objects.filter(pk=other_node.pk).update(last_heartbeat_at=at(0), calls=[plan.call_id])
    run(start=5, end=25)
    assert fresh(plan.call_id).end_reason == "node_lost"
    assert fresh(answered.pk).state == "in_progress"


# --- a control plane that was away --------------------------------------------------------------------


def test_calls_outlive_minutes_without_the_internal_api(
    answered: Call, beat: Beat, api: Callable[[bool], None]
) -> None:
    began(answered)
    run(start=-20, end=0)
    beat(at=at(0), calls=(answered.pk,))
    api(False)
    run(start=5, end=180)
    api(True)
    run(start=185, end=190)
    beat(at=at(192), calls=(answered.pk,))
    run(start=195, end=205)
    assert fresh(answered.pk).state == "in_progress"


def test_a_node_that_died_meanwhile_is_found_afterwards(
    answered: Call, beat: Beat, api: Callable[[bool], None]
) -> None:
    began(answered)
    run(start=-20, end=0)
    beat(at=at(0), calls=(answered.pk,))
    api(False)
    run(start=5, end=60)
    api(True)
    run(start=65, end=85)
    assert fresh(answered.pk).end_reason == "node_lost"


def test_calls_outlive_a_control_plane_that_was_wholly_stopped(answered: Call, beat: Beat) -> None:
    began(answered)
    run(start=-20, end=0)
    beat(at=at(0), calls=(answered.pk,))
    run(start=300, end=310)
    assert fresh(answered.pk).state == "in_progress"


# --- calls that a living node does not have --------------------------------------------------------------


def test_a_call_its_node_does_not_list_is_lost(answered: Call, beat: Beat) -> None:
    began(answered)
    for seconds in range(-20, 11, 5):
        beat(at=at(seconds))
        reconcile(now=at(seconds + 1))
    call = fresh(answered.pk)
    assert (call.state, call.missing_since) == ("in_progress", at(6))
    for seconds in range(15, 26, 5):
        beat(at=at(seconds))
        reconcile(now=at(seconds + 1))
    assert fresh(answered.pk).end_reason == "node_lost"


def test_a_call_that_is_listed_again_is_found(answered: Call, beat: Beat) -> None:
    began(answered)
    for seconds in range(-20, 61, 5):
        beat(at=at(seconds), calls=(answered.pk,) if seconds % 10 == 0 else ())
        reconcile(now=at(seconds + 1))
    assert fresh(answered.pk).state == "in_progress"


def test_events_on_their_way_keep_a_call(node: MediaNode, answered: Call, beat: Beat) -> None:
    """The node carries the call no longer; what it reports of it still comes."""
    began(answered)
    for n, seconds in enumerate(range(-20, 61, 5)):
        beat(at=at(seconds))
        record_events(node, batch(answered.pk, turn(n + 2, n, "agent", "and so on")))
        reconcile(now=at(seconds + 1))
    assert fresh(answered.pk).state == "in_progress"


def test_a_claim_whose_answer_was_lost_is_cleared_up(node: MediaNode, queued: Call, beat: Beat) -> None:
    assert claim_call(node, queued.pk, ClaimRequest(node=node.name, line=1)) is not None
    began(queued)
    for seconds in range(-20, 31, 5):
        beat(at=at(seconds))
        reconcile(now=at(seconds + 1))
    assert fresh(queued.pk).end_reason == "node_lost"


def test_a_call_younger_than_the_list_is_left_alone(answered: Call, beat: Beat) -> None:
    beat(at=at(-2))
    began(answered)
    reconcile(now=at(1))
    assert fresh(answered.pk).missing_since is None


def test_a_node_that_starts_anew_has_lost_its_calls(node: MediaNode, answered: Call, beat: Beat) -> None:
    began(answered, seconds=-10)
    beat(at=at(0), calls=(answered.pk,), boot=1)
    beat(at=at(3), boot=2)
    with platform_scope():
        assert mark_missing(node, [], now=at(3)) == 1
    reconcile(now=at(4))
    assert fresh(answered.pk).end_reason == "node_lost"


def test_the_first_call_of_a_new_life_is_not_taken_for_one_of_the_old(
    node: MediaNode, answered: Call, beat: Beat
) -> None:
    began(answered, seconds=2)
    beat(at=at(3), boot=2)
    with platform_scope():
        assert mark_missing(node, [], now=at(3)) == 0
    reconcile(now=at(4))
    beat(at=at(5), calls=(answered.pk,), boot=2)
    reconcile(now=at(30))
    assert fresh(answered.pk).state == "in_progress"


def test_a_node_that_starts_anew_may_have_kept_a_call(node: MediaNode, answered: Call, beat: Beat) -> None:
    began(answered)
    beat(at=at(3), calls=(answered.pk,), boot=2)
    with platform_scope():
        assert mark_missing(node, [answered.pk], now=at(3)) == 0
    reconcile(now=at(4))
    assert fresh(answered.pk).state == "in_progress"


# --- a node that comes back ---------------------------------------------------------------------------


@pytest.fixture
def lost(answered: Call, beat: Beat) -> Call:
    """A call that was given up at START + 25 s; its node was last heard of at START."""
    began(answered)
    run(start=-20, end=0)
    beat(at=at(0), calls=(answered.pk,))
    run(start=5, end=25)
    call = fresh(answered.pk)
    assert call.end_reason == "node_lost"
    return call


def test_what_its_spool_tells_is_still_stored(node: MediaNode, lost: Call) -> None:
    told = batch(
        lost.pk,
        turn(2, 0, "agent", "Hello."),
        turn(3, 1, "caller", "Hi."),
        event(4, "dtmf", digit="1", at_ms=9),
    )
    assert record_events(node, told).seq == 4
    call = fresh(lost.pk)
    assert (call.state, call.end_reason, call.last_seq) == ("ended", "node_lost", 4)
    with tenant_scope(call.tenant_id):
        assert [t.text for t in call.turns.all()] == ["Hello.", "Hi."]


def test_its_own_word_of_the_end_replaces_our_guess(node: MediaNode, lost: Call) -> None:
    end = event(2, "ended", reason="caller_hung_up", duration_ms=1234, sip_code=200, slots={"day": "monday"})
    record_events(node, batch(lost.pk, end))
    call = fresh(lost.pk)
    assert (call.state, call.end_reason, call.duration_ms) == ("ended", "caller_hung_up", 1234)
    assert (call.ended_at, call.slots) == (at(2), {"day": "monday"})


def test_an_answer_that_comes_late_is_a_fact_not_a_state(node: MediaNode, queued: Call, beat: Beat) -> None:
    assert claim_call(node, queued.pk, ClaimRequest(node=node.name, line=1)) is not None
    began(queued)
    run(start=-20, end=0)
    beat(at=at(0), calls=(queued.pk,))
    run(start=5, end=25)
    record_events(node, batch(queued.pk, event(1, "ringing"), event(2, "answered")))
    call = fresh(queued.pk)
    assert (call.state, call.answered_at) == ("ended", at(2))


# --- the queue ----------------------------------------------------------------------------------------


def take(valkey: redis.Redis) -> None:
    valkey.xreadgroup(JOB_GROUP, "node-1:1", {JOB_STREAM: ">"}, count=100)


@pytest.mark.django_db(transaction=True)
def test_jobs_of_a_flushed_valkey_are_enqueued_again(
    number: PhoneNumber, valkey: redis.Redis, node: MediaNode
) -> None:
    with tenant_scope(number.tenant_id):
        calls = [place_call(from_number=number.e164, to_number=f"+1202555010{n}") for n in range(3)]
    valkey.flushall()
    now = timezone.now()
    assert reconcile(now=now + timedelta(seconds=4))["requeue_lost_jobs"] == 0
    assert reconcile(now=now + timedelta(seconds=6))["requeue_lost_jobs"] == 3
    answer: Any = valkey.xreadgroup(JOB_GROUP, "node-1:1", {JOB_STREAM: ">"}, count=10)
    assert len(answer[0][1]) == 3
    plans = [claim_call(node, call.pk, ClaimRequest(node=node.name, line=1)) for call in calls]
    assert all(plans)


def test_a_job_that_waits_for_a_line_is_not_enqueued_again(queued: Call, valkey: redis.Redis) -> None:
    began(queued)
    run(start=10, end=10)
    assert jobs(valkey) == 1
    run(start=15, end=300)
    assert jobs(valkey) == 1


def test_a_job_that_a_line_took_and_dropped_is_enqueued_again(queued: Call, valkey: redis.Redis) -> None:
    began(queued)
    run(start=10, end=10)
    take(valkey)
    run(start=12, end=12)
    assert jobs(valkey) == 1
    run(start=16, end=16)
    assert jobs(valkey) == 2


def test_a_claimed_call_is_not_enqueued(node: MediaNode, queued: Call, valkey: redis.Redis) -> None:
    assert claim_call(node, queued.pk, ClaimRequest(node=node.name, line=1)) is not None
    began(queued)
    reconcile(now=at(10))
    assert jobs(valkey) == 0


def test_a_call_whose_time_has_not_come_is_not_enqueued(queued: Call, valkey: redis.Redis) -> None:
    began(queued)
    with platform_scope():
        Call.objects.update(dial_at=at(100))
    run(start=10, end=100)
    assert jobs(valkey) == 0
    run(start=106, end=106)
    assert jobs(valkey) == 1


def test_however_often_it_is_enqueued_it_is_dialed_once(
    node: MediaNode, queued: Call, valkey: redis.Redis
) -> None:
    began(queued)
    for seconds in (10, 20, 30):
        reconcile(now=at(seconds))
        valkey.flushall()
    claims = [claim_call(node, queued.pk, ClaimRequest(node=node.name, line=line)) for line in range(3)]
    assert [plan is not None for plan in claims] == [True, False, False]


def test_a_call_expires_after_ten_minutes(queued: Call) -> None:
    began(queued)
    run(start=599, end=600)
    assert fresh(queued.pk).state == "queued"
    run(start=601, end=601)
    call = fresh(queued.pk)
    assert (call.state, call.end_reason, call.ended_at) == ("ended", "job_expired", at(601))


def test_without_redis_the_other_rules_go_on(
    answered: Call, queued: Call, beat: Beat, settings: Any, valkey: redis.Redis
) -> None:
    began(answered)
    began(queued, seconds=-700)
    run(start=-20, end=0)
    beat(at=at(0), calls=(answered.pk,))
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    run(start=5, end=25)
    assert fresh(answered.pk).end_reason == "node_lost"
    assert fresh(queued.pk).end_reason == "job_expired"


def test_a_hang_up_that_got_lost_is_sent_again(answered: Call, valkey: redis.Redis, beat: Beat) -> None:
    with tenant_scope(answered.tenant_id):
        hang_up_call(call_id=answered.pk, reason="enough")
    with platform_scope():
        Call.objects.update(hangup_requested_at=at(0))
    assert reconcile(now=at(4))["repeat_hang_ups"] == 0
    assert reconcile(now=at(6))["repeat_hang_ups"] == 1
    ((_, fields),) = valkey.xrange(command_stream("node-1"))
    told = CallCommand.model_validate_json(fields[b"command"])
    assert (told.call_id, told.action, told.reason) == (answered.pk, "hang_up", "enough")


# --- several at once ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_reconcilers_at_once_do_no_harm(
    node: MediaNode, number: PhoneNumber, ring: Any, beat: Beat, valkey: redis.Redis
) -> None:
    """Thirty calls of a dead node, thirty lost jobs, four reconcilers: each call is treated once."""
    carried = []
    for _ in range(30):
        plan = admit_call(node, ring()).plan
        assert plan is not None
        carried.append(plan.call_id)
    with tenant_scope(number.tenant_id):
        for n in range(30):
            place_call(from_number=number.e164, to_number=f"+120255501{n:02}")
    now = timezone.now() + timedelta(seconds=60)
    for seconds in (20, 15, 10, 5, 0):
        record_reach(reachable=True, now=now - timedelta(seconds=seconds))
    beat(at=now - timedelta(seconds=30), calls=tuple(carried))
    valkey.flushdb()

    def go(_: int) -> dict[str, int]:
        try:
            return reconcile(now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        rounds = list(pool.map(go, range(4)))
    assert sum(r["end_calls_of_dead_nodes"] for r in rounds) == 30
    assert sum(r["requeue_lost_jobs"] for r in rounds) == 30
    assert jobs(valkey) == 30
    with platform_scope():
        assert not Call.objects.filter(state__in=ON_A_NODE).exists()


def test_more_calls_than_a_batch(
    node: MediaNode, answered: Call, beat: Beat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[MODULE], "BATCH", 3)
    with tenant_scope(answered.tenant_id):
        for n in range(7):
            Call.objects.create(
                direction="inbound",
                state="ringing",
                from_number="+1",
                to_number="+2",
                node=node,
                sip_call_id=str(n),
            )
    with platform_scope():
        Call.objects.update(created_at=at(0))
    run(start=-20, end=0)
    beat(at=at(0))
    run(start=5, end=25)
    with platform_scope():
        assert Call.objects.filter(end_reason="node_lost").count() == 8


def test_the_job_stream_has_its_group_after_a_round(valkey: redis.Redis) -> None:
    reconcile(now=at(0))
    assert streams.waiting_jobs([]) == set()
    groups: Any = valkey.xinfo_groups(JOB_STREAM)
    assert [group["name"] for group in groups] == [JOB_GROUP.encode()]
