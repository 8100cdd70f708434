from __future__ import annotations

import random
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from apps.calls.errors import CallNotYours, CallUnknown
from apps.calls.models import Call, CallEvent, Turn
from apps.calls.services import claim_call, record_events
from apps.calls.services.record_events import continuing
from media_workers.contract.calls import ClaimRequest
from media_workers.contract.events import CallEvent as Event
from telephony.edge.models import MediaNode
from tenants.scope import tenant_scope
from tests.apps.calls.wire import START, batch, event, fresh, turn

CONVERSATION = [
    event(
        1, "sip", direction="in", peer="127.0.0.1:5090", transport="udp", first_line="INVITE", text="INVITE"
    ),
    event(2, "answered", codec="PCMU"),
    turn(3, 0, "agent", "Hello, how can I help?"),
    event(4, "partial", speaker="caller", text="what are", at_ms=900),
    turn(5, 1, "caller", "What are your opening hours?", confidence=0.9),
    turn(
        6,
        2,
        "agent",
        "From nine to",
        interrupted=True,
        latency={
            "endpoint": 450,
            "transcript": 60,
            "first_token": 3,
            "first_audio": 40,
            "own": 4,
            "total": 550,
        },
    ),
    event(7, "barge_in", at_ms=2500, turn_index=2, stop_ms=40),
    event(8, "dtmf", digit="1", at_ms=4000),
    event(9, "media", codec="PCMU", rx_packets=500, rx_lost=1, rx_jitter_ms=2.5, tx_packets=499),
    event(10, "ended", reason="agent_hung_up", sip_code=200, duration_ms=8000, slots={"day": "monday"}),
    event(11, "recording", duration_ms=8000, size_bytes=256044, sha256="0" * 64),
]


@pytest.fixture
def ringing(answered: Call) -> Call:
    """Another inbound call, of which nothing has been reported."""
    with tenant_scope(answered.tenant_id):
        return Call.objects.create(
            direction="inbound",
            state="ringing",
            from_number="+12025550101",
            to_number="+12025551000",
            agent=answered.agent,
            node=answered.node,
            ringing_at=START,
        )


def stored(call: Call) -> list[tuple[int, str]]:
    with tenant_scope(call.tenant_id):
        return list(CallEvent.objects.filter(call=call).order_by("seq").values_list("seq", "type"))


def turns(call: Call) -> list[Turn]:
    with tenant_scope(call.tenant_id):
        return list(Turn.objects.filter(call=call))


def told(events: list[Event]) -> list[tuple[int, str]]:
    return [(e.seq, e.body.type) for e in events]


def test_a_whole_conversation(node: MediaNode, ringing: Call) -> None:
    assert record_events(node, batch(ringing.pk, *CONVERSATION)).seq == 11
    call = fresh(ringing.pk)
    assert (call.state, call.end_reason, call.sip_code) == ("ended", "agent_hung_up", 200)
    assert (call.answered_at, call.ended_at) == (START + timedelta(seconds=2), START + timedelta(seconds=10))
    assert (call.duration_ms, call.slots, call.last_seq) == (8000, {"day": "monday"}, 11)
    assert call.end_words == "The agent ended the conversation."
    assert call.media["rx_packets"] == 500
    assert stored(call) == told(CONVERSATION)
    assert [(t.index, t.speaker, t.text) for t in turns(call)] == [
        (0, "agent", "Hello, how can I help?"),
        (1, "caller", "What are your opening hours?"),
        (2, "agent", "From nine to"),
    ]
    cut = turns(call)[2]
    assert (cut.interrupted, cut.endpoint_ms, cut.first_token_ms, cut.own_ms, cut.total_ms) == (
        True,
        450,
        3,
        4,
        550,
    )
    assert turns(call)[1].confidence == 0.9


def test_the_body_is_kept_as_told(node: MediaNode, ringing: Call) -> None:
    record_events(node, batch(ringing.pk, *CONVERSATION))
    with tenant_scope(ringing.tenant_id):
        kept = CallEvent.objects.get(call=ringing, seq=7)
    told = {"type": "barge_in", "at_ms": 2500, "turn_index": 2, "stop_ms": 40, "resumed": False}
    assert kept.body == told
    assert kept.at == START + timedelta(seconds=7)


def test_the_same_batch_again_changes_nothing(node: MediaNode, ringing: Call) -> None:
    first = record_events(node, batch(ringing.pk, *CONVERSATION))
    before = fresh(ringing.pk)
    assert record_events(node, batch(ringing.pk, *CONVERSATION)) == first
    assert stored(ringing) == told(CONVERSATION)
    assert len(turns(ringing)) == 3
    assert fresh(ringing.pk).updated_at == before.updated_at


def test_an_overlapping_batch_adds_what_is_new(node: MediaNode, ringing: Call) -> None:
    record_events(node, batch(ringing.pk, *CONVERSATION[:5]))
    assert record_events(node, batch(ringing.pk, *CONVERSATION[2:8])).seq == 8
    assert stored(ringing) == told(CONVERSATION[:8])


def test_nothing_is_stored_after_a_gap(node: MediaNode, ringing: Call) -> None:
    record_events(node, batch(ringing.pk, *CONVERSATION[:2]))
    gap = batch(ringing.pk, CONVERSATION[2], CONVERSATION[4], CONVERSATION[5])
    assert record_events(node, gap).seq == 3
    assert record_events(node, batch(ringing.pk, *CONVERSATION[9:])).seq == 3
    assert stored(ringing) == told(CONVERSATION[:3])
    assert fresh(ringing.pk).state == "in_progress"
    assert record_events(node, batch(ringing.pk, *CONVERSATION[3:])).seq == 11
    assert stored(ringing) == told(CONVERSATION)


def test_order_within_a_batch_does_not_matter(node: MediaNode, ringing: Call) -> None:
    shuffled = random.Random(7).sample(CONVERSATION, len(CONVERSATION))
    assert record_events(node, batch(ringing.pk, *shuffled)).seq == 11
    assert stored(ringing) == told(CONVERSATION)
    assert fresh(ringing.pk).state == "ended"


@pytest.mark.parametrize("seed", range(20))
def test_any_way_of_delivering_at_least_once_tells_the_same(
    node: MediaNode, ringing: Call, seed: int
) -> None:
    """Batches cut at random, lost, repeated and swapped, resent from the acknowledged number."""
    chance = random.Random(seed)
    acked = 0
    while acked < len(CONVERSATION):
        start = chance.randint(0, acked + 2)
        part = CONVERSATION[start : start + chance.randint(1, 4)]
        if part:
            acked = record_events(node, batch(ringing.pk, *part)).seq
    assert stored(ringing) == told(CONVERSATION)
    assert [t.index for t in turns(ringing)] == [0, 1, 2]
    assert fresh(ringing.pk).end_reason == "agent_hung_up"


def test_numbers_that_repeat_within_a_batch() -> None:
    first, again = event(1, "ringing"), event(1, "answered")
    assert continuing([first, again, event(2, "answered")], after=0)[0] is first
    assert [e.seq for e in continuing([first, again, event(2, "answered")], after=0)] == [1, 2]


@pytest.mark.parametrize("seqs", [[2, 3], [5]])
def test_a_first_batch_that_begins_late_is_not_taken(node: MediaNode, ringing: Call, seqs: list[int]) -> None:
    assert record_events(node, batch(ringing.pk, *(CONVERSATION[s - 1] for s in seqs))).seq == 0
    assert stored(ringing) == []


def test_an_outbound_call_rings_and_is_answered(node: MediaNode, queued: Call) -> None:
    assert claim_call(node, queued.pk, ClaimRequest(node=node.name, line=1)) is not None
    record_events(node, batch(queued.pk, event(1, "ringing"), event(2, "ringing", sip_code=183)))
    assert (fresh(queued.pk).state, fresh(queued.pk).ringing_at) == ("ringing", START + timedelta(seconds=1))
    record_events(node, batch(queued.pk, event(3, "answered")))
    assert (fresh(queued.pk).state, fresh(queued.pk).answered_at) == (
        "in_progress",
        START + timedelta(seconds=3),
    )


def test_a_call_that_is_never_answered(node: MediaNode, queued: Call) -> None:
    assert claim_call(node, queued.pk, ClaimRequest(node=node.name, line=1)) is not None
    end = event(1, "ended", reason="busy", sip_code=486, sip_reason="Busy Here")
    record_events(node, batch(queued.pk, end))
    call = fresh(queued.pk)
    assert (call.state, call.end_reason, call.sip_code, call.sip_reason) == (
        "ended",
        "busy",
        486,
        "Busy Here",
    )
    assert (call.answered_at, call.duration_ms) == (None, 0)


def test_a_second_end_is_stored_and_ignored(node: MediaNode, ringing: Call) -> None:
    record_events(node, batch(ringing.pk, *CONVERSATION))
    record_events(node, batch(ringing.pk, event(12, "ended", reason="media_lost", duration_ms=1)))
    assert (fresh(ringing.pk).end_reason, fresh(ringing.pk).duration_ms) == ("agent_hung_up", 8000)
    assert stored(ringing)[-1] == (12, "ended")


def test_another_nodes_call_is_refused(other_node: MediaNode, ringing: Call) -> None:
    with pytest.raises(CallNotYours):
        record_events(other_node, batch(ringing.pk, CONVERSATION[0], node=other_node.name))
    assert stored(ringing) == []


def test_a_queued_call_has_no_events(node: MediaNode, queued: Call) -> None:
    with pytest.raises(CallNotYours):
        record_events(node, batch(queued.pk, event(1, "ringing")))


def test_an_unknown_call(node: MediaNode) -> None:
    with pytest.raises(CallUnknown):
        record_events(node, batch(uuid4(), event(1, "ringing")))


def test_what_postgresql_cannot_store_is_left_out(node: MediaNode, ringing: Call) -> None:
    """A peer may put NUL into its SIP; the spool must not be stuck behind it."""
    nul = event(
        1, "sip", direction="in", peer="p", transport="udp", first_line="INVITE\x00", text="a\x00b\x00\r\n"
    )
    tool = event(2, "tool", name="end_call", arguments={"a\x00": ["b\x00", {"c": "d\x00"}]}, at_ms=1)
    said = turn(3, 0, "caller", "he\x00llo")
    end = event(4, "ended", reason="failed", detail="\x00why", sip_reason="Gone\x00", slots={"x": "y\x00"})
    assert record_events(node, batch(ringing.pk, nul, tool, said, end)).seq == 4
    with tenant_scope(ringing.tenant_id):
        bodies = list(CallEvent.objects.filter(call=ringing).order_by("seq").values_list("body", flat=True))
    assert bodies[0]["text"] == "ab\r\n"
    assert bodies[1]["arguments"] == {"a": ["b", {"c": "d"}]}
    call = fresh(ringing.pk)
    assert (call.end_detail, call.sip_reason, call.slots) == ("why", "Gone", {"x": "y"})
    assert turns(ringing)[0].text == "hello"


def test_a_batch_is_stored_whole_or_not_at_all(
    node: MediaNode, ringing: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("power cut")

    module = sys.modules["apps.calls.services.record_events"]  # the function hides it in its package
    monkeypatch.setattr(module, "finish_call", fails)
    with pytest.raises(RuntimeError, match="power cut"):
        record_events(node, batch(ringing.pk, *CONVERSATION))
    assert stored(ringing) == []
    assert (fresh(ringing.pk).last_seq, fresh(ringing.pk).state) == (0, "ringing")
    monkeypatch.undo()
    assert record_events(node, batch(ringing.pk, *CONVERSATION)).seq == 11


@pytest.mark.django_db(transaction=True)
def test_the_same_batch_from_many_threads_is_stored_once(node: MediaNode, ringing: Call) -> None:
    def send(_: int) -> int:
        try:
            return record_events(node, batch(ringing.pk, *CONVERSATION)).seq
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(16))) == {11}
    assert stored(ringing) == told(CONVERSATION)
    assert len(turns(ringing)) == 3


def test_who_answered_is_the_last_verdict_and_when_it_was_first_given(node: MediaNode, ringing: Call) -> None:
    said = [
        event(1, "answered_by", verdict="human", confidence=0.7, at_ms=1800),
        event(2, "answered_by", verdict="machine", confidence=0.9, signals=["a beep"], at_ms=5200),
        event(3, "answered_by", verdict="machine", confidence=0.99, beep=True, at_ms=9000),
    ]
    record_events(node, batch(ringing.pk, *said))
    call = fresh(ringing.pk)
    assert (call.answered_by, call.answered_by_confidence, call.answered_by_ms) == ("machine", 0.99, 5200)
