"""What tenants are told of calls, from the places where it happens."""

from __future__ import annotations

import hashlib
import io
import json
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from apps.billing.prices import Tariff
from apps.billing.services import hold_many
from apps.calls.models import Call
from apps.calls.services import admit_call, claim_call, record_events, save_recording
from apps.calls.services.finish_call import finish_call
from apps.calls.services.reconcile import end_calls_of_dead_nodes
from apps.calls.signals import call_redacted
from apps.webhooks.models import Endpoint, Event
from media_workers.contract.calls import ClaimRequest, InboundCall
from media_workers.contract.events import Ended, EndReason
from telephony.edge.models import LEASE, ControlReach, MediaNode
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.calls.wire import batch, event, fresh, turn
from tests.apps.webhooks.listening import heard, listen, names

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

TALK = [
    turn(2, 0, "agent", "Hello, how can I help?"),
    turn(3, 1, "caller", "On Monday, please."),
    event(4, "ended", reason="caller_hung_up", sip_code=200, duration_ms=8000, slots={"day": "monday"}),
]


@pytest.fixture
def endpoint(tenant: Tenant) -> Endpoint:
    with tenant_scope(tenant.pk):
        return listen()


@pytest.fixture
def told(endpoint: Endpoint) -> Callable[[], list[Event]]:
    def read() -> list[Event]:
        with tenant_scope(endpoint.tenant_id):
            return heard(endpoint)

    return read


Told = Callable[[], list[Event]]


def types(events: list[Event]) -> list[str]:
    return [event.type for event in events]


def test_an_inbound_call_from_its_ring_to_its_words(told: Told, node: MediaNode, answered: Call) -> None:
    record_events(node, batch(answered.pk, *TALK))
    record_events(node, batch(answered.pk, *TALK))  # sent again

    started, ended, transcribed = told()

    assert types([started, ended, transcribed]) == ["call.started", "call.ended", "call.transcribed"]
    assert {event.key for event in told()} == {answered.public_id}
    assert started.data["from_number"] == "+12025550101"
    assert started.at == answered.ringing_at
    assert (ended.data["end_reason"], ended.data["slots"]) == ("caller_hung_up", {"day": "monday"})
    assert (ended.data["duration_ms"], ended.data["corrected"]) == (8000, False)
    assert ended.at == fresh(answered.pk).ended_at
    assert [(t["speaker"], t["text"]) for t in transcribed.data["turns"]] == [
        ("agent", "Hello, how can I help?"),
        ("caller", "On Monday, please."),
    ]


def test_nothing_is_written_when_nobody_listens(node: MediaNode, answered: Call) -> None:
    record_events(node, batch(answered.pk, *TALK))

    with tenant_scope(answered.tenant_id):
        assert not Event.objects.exists()


def test_a_call_that_was_asked_for_twice_begins_once(
    told: Told, node: MediaNode, number: Any, ring: Callable[..., InboundCall]
) -> None:
    inbound = ring()
    assert admit_call(node, inbound).plan is not None
    assert admit_call(node, inbound).plan is not None

    assert types(told()) == ["call.started"]


def test_an_outbound_call_begins_when_a_line_takes_it(told: Told, node: MediaNode, queued: Call) -> None:
    assert told() == []
    wish = ClaimRequest(node=node.name, line=1)
    assert claim_call(node, queued.pk, wish) is not None
    assert claim_call(node, queued.pk, wish) is None

    (started,) = told()
    assert started.type == "call.started"
    assert started.data["direction"] == "outbound"
    assert started.data["to_number"] == "+12025550101"


def test_what_never_began_ends_without_words(told: Told, queued: Call) -> None:
    with tenant_scope(queued.tenant_id):
        finish_call(queued, Ended(reason=EndReason.WITHDRAWN, detail="By us."), at=timezone.now())

    (ended,) = told()
    assert (ended.type, ended.data["end_reason"], ended.data["answered_at"]) == (
        "call.ended",
        "withdrawn",
        None,
    )


def test_what_a_call_cost_is_told_with_its_end(told: Told, queued: Call) -> None:
    with tenant_scope(queued.tenant_id):
        tariff = Tariff("test", rounding_s=1, platform_micros_per_minute=50_000, margin_percent=0)
        hold_many(holds={queued.pk: tariff.hold(600_000)})
        end = Ended(reason=EndReason.CALLEE_HUNG_UP, duration_ms=60_000)
        finish_call(queued, end, at=timezone.now())

    assert (told()[0].data["cost_micros"], told()[0].data["currency"]) == (50_000, "USD")


def test_the_platform_tells_the_tenant_of_a_call_whose_node_died_and_of_what_it_says_later(
    told: Told, node: MediaNode, answered: Call, stranger: Tenant
) -> None:
    with tenant_scope(stranger.pk):
        other = listen()
    now = timezone.now()
    with platform_scope():
        MediaNode.objects.filter(pk=node.pk).update(last_heartbeat_at=now - LEASE * 2)
        began = now - LEASE * 4
        Call.objects.filter(pk=answered.pk).update(created_at=began, answered_at=began, last_event_at=began)
    ControlReach.objects.update_or_create(
        pk=1, defaults={"checked_at": now, "reachable_since": now - LEASE * 2}
    )
    assert end_calls_of_dead_nodes(now=now) == 1

    record_events(node, batch(answered.pk, *TALK))

    events = told()
    assert types(events) == ["call.started", "call.ended", "call.ended", "call.transcribed"]
    assert [e.data["end_reason"] for e in events[1:3]] == ["node_lost", "caller_hung_up"]
    assert [e.data["corrected"] for e in events[1:3]] == [False, True]
    with tenant_scope(stranger.pk):
        assert names(other) == []


def test_a_transfer_is_told_when_somebody_has_the_caller(told: Told, node: MediaNode, answered: Call) -> None:
    steps = [
        event(2, "transfer", state="dialing", target="desk", mode="warm", leg=1, at_ms=900),
        event(3, "transfer", state="failed", target="desk", mode="warm", leg=1, at_ms=1000),
        event(4, "transfer", state="joined", target="office", mode="warm", leg=2, at_ms=2000),
    ]
    record_events(node, batch(answered.pk, *steps))

    transferred = told()[-1]
    assert types(told()) == ["call.started", "transfer.completed"]
    assert (transferred.data["target"], transferred.data["how"]) == ("office", "joined")


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.STORAGES = settings.STORAGES | {
        "recordings": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_a_recording_is_told_of_once_it_is_stored(told: Told, node: MediaNode, answered: Call) -> None:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\1\2\1\2" * 8000)
    data = buffer.getvalue()
    digest = hashlib.sha256(data).hexdigest()
    record_events(node, batch(answered.pk, *TALK))
    for _ in range(2):
        save_recording(node, answered.pk, io.BytesIO(data), sha256=digest)

    ready = told()[-1]
    assert types(told())[-2:] == ["call.transcribed", "call.recording_ready"]
    assert (ready.data["duration_ms"], ready.data["sha256"]) == (1000, digest)
    assert ready.data["path"] == f"/api/v1/calls/{answered.public_id}/recording"


def test_what_is_undone_was_not_told(told: Told, queued: Call) -> None:
    with tenant_scope(queued.tenant_id), transaction.atomic():
        finish_call(queued, Ended(reason=EndReason.WITHDRAWN), at=timezone.now())
        transaction.set_rollback(True)

    assert told() == []


def test_what_is_taken_out_of_a_call_is_taken_out_of_what_was_told_of_it(
    told: Told, node: MediaNode, answered: Call
) -> None:
    record_events(node, batch(answered.pk, *TALK))
    with tenant_scope(answered.tenant_id):
        call_redacted.send(
            Call, call=answered, mask=lambda value: json.loads(json.dumps(value).replace("Monday", "••••"))
        )

    turns = told()[-1].data["turns"]
    assert [turn["text"] for turn in turns] == ["Hello, how can I help?", "On ••••, please."]
    assert told()[1].data["slots"] == {"day": "monday"}
