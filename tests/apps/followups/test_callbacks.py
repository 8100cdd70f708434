"""A promise to call back: noted once, placed once, or said why not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.calls.models import Call
from apps.calls.states import CallState
from apps.followups.models import Callback, CallbackState
from apps.followups.services import ask_callback, callbacks, cancel_callback, place_due_callbacks
from apps.numbers.models import PhoneNumber
from media_workers.contract.requests import CallbackRequest, Done
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk
from tenants.errors import Conflict, LimitReached, NotFound
from tenants.models import Tenant
from tenants.scope import tenant_scope

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
KEY = "key-of-one-request"


def asked(node: MediaNode, call: Call, **fields: Any) -> Done:
    told = {"node": node.name, "key": KEY, "at": timezone.now() + timedelta(hours=1), "note": "the order"}
    return ask_callback(node, call.pk, CallbackRequest.model_validate(told | fields))


def stored(tenant: Tenant) -> list[Callback]:
    with tenant_scope(tenant.pk):
        return list(Callback.objects.order_by("pk"))


def test_it_is_noted_once_and_placed_once(node: MediaNode, answered: Call, tenant: Tenant) -> None:
    first = asked(node, answered)
    again = asked(node, answered)

    assert first == again
    assert (first.ok, first.kind) == (True, "callback")
    (callback,) = stored(tenant)
    assert (callback.to_number, callback.state) == ("+12025550101", CallbackState.WAITING)
    assert place_due_callbacks() == 0

    due = callback.at + timedelta(seconds=1)
    assert place_due_callbacks(now=due) == 1
    assert place_due_callbacks(now=due) == 0
    (callback,) = stored(tenant)
    with tenant_scope(tenant.pk):
        placed = Call.objects.get(pk=callback.placed_call_id)
    assert callback.state == CallbackState.PLACED
    assert (placed.state, placed.to_number, placed.from_number) == (
        CallState.QUEUED,
        "+12025550101",
        "+12025551000",
    )
    assert placed.agent_id == answered.agent_id
    assert placed.variables["callback_note"] == "the order"
    assert placed.metadata["callback"] == callback.public_id


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (timedelta(seconds=-1), "has passed"),
        (timedelta(seconds=5), "too soon"),
        (timedelta(days=91), "90 days away"),
        (datetime(2040, 1, 1), "no time zone"),  # noqa: DTZ001
    ],
)
def test_a_time_at_which_nobody_can_be_called(
    node: MediaNode, answered: Call, tenant: Tenant, at: timedelta | datetime, words: str
) -> None:
    done = asked(node, answered, at=at if isinstance(at, datetime) else timezone.now() + at)

    assert not done.ok
    assert words in done.words
    assert stored(tenant) == []


def test_who_hides_their_number_is_not_called_back(node: MediaNode, answered: Call, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        Call.objects.update(from_number="anonymous")

    assert asked(node, answered) == Done(
        ok=False, words="The other side's number is not known.", kind="callback"
    )


@pytest.mark.parametrize("shown", ["+442079460000", "+19005550100", "+88213123456"])
def test_a_caller_who_shows_a_dear_number_is_not_called_back(
    node: MediaNode, answered: Call, tenant: Tenant, shown: str
) -> None:
    with tenant_scope(tenant.pk):
        Call.objects.update(from_number=shown)

    assert not asked(node, answered).ok
    assert stored(tenant) == []


def test_one_that_nobody_can_place_keeps_no_other_waiting(
    node: MediaNode, answered: Call, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(node, answered)
    asked(node, answered, key="another-key", at=stored(tenant)[0].at + timedelta(seconds=1))
    place, tries = callbacks.place_call, list[int]()

    def breaks_once(**what: Any) -> Call:
        tries.append(1)
        if len(tries) == 1:
            raise AttributeError("a bug")
        return place(**what)

    monkeypatch.setattr(callbacks, "place_call", breaks_once)
    place_due_callbacks(now=stored(tenant)[1].at)
    assert [one.state for one in stored(tenant)] == [CallbackState.WAITING, CallbackState.PLACED]


def test_over_a_trunk_that_takes_no_calls_nobody_is_promised_one(
    node: MediaNode, answered: Call, tenant: Tenant
) -> None:
    with tenant_scope(tenant.pk):
        trunk = Trunk.objects.create(name="T", slug="t", direction="inbound")
        PhoneNumber.objects.update(carrier="byoc", trunk=trunk)

    assert "takes no outbound calls" in asked(node, answered).words


def test_a_model_that_promises_on_and_on_is_stopped(
    node: MediaNode, answered: Call, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(callbacks, "MOST_WAITING", 2)
    answers = [asked(node, answered, key=f"another-key-{n}") for n in range(3)]

    assert [a.ok for a in answers] == [True, True, False]
    assert len(stored(tenant)) == 2


def test_another_node_or_a_call_that_is_over_is_refused(
    node: MediaNode, other_node: MediaNode, answered: Call, queued: Call, tenant: Tenant
) -> None:
    for asker, call in [(other_node, answered), (node, queued)]:
        with pytest.raises(Conflict):
            ask_callback(
                asker, call.pk, CallbackRequest(node=asker.name, key=KEY, at=datetime(2040, 1, 1, tzinfo=UTC))
            )
    assert stored(tenant) == []


def test_a_full_queue_puts_it_off_and_a_number_given_back_ends_it(
    node: MediaNode, answered: Call, tenant: Tenant, number: PhoneNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(node, answered)
    due = stored(tenant)[0].at

    def full(**_: Any) -> Call:
        raise LimitReached("More calls wait than can be dialed.", code="queue_full")

    with monkeypatch.context() as patched:
        patched.setattr(callbacks, "place_call", full)
        place_due_callbacks(now=due)
    assert stored(tenant)[0].state == CallbackState.WAITING

    with tenant_scope(tenant.pk):
        PhoneNumber.objects.update(archived_at=timezone.now())
    place_due_callbacks(now=due)
    (callback,) = stored(tenant)
    assert (callback.state, callback.problem) == (CallbackState.FAILED, "This is not one of your numbers.")


def test_long_after_its_time_nobody_is_called(node: MediaNode, answered: Call, tenant: Tenant) -> None:
    asked(node, answered)
    place_due_callbacks(now=stored(tenant)[0].at + timedelta(hours=2))

    (callback,) = stored(tenant)
    assert (callback.state, callback.problem) == (CallbackState.FAILED, callbacks.TOO_LATE)


def test_one_that_waits_can_be_cancelled(
    node: MediaNode, answered: Call, tenant: Tenant, stranger: Tenant
) -> None:
    asked(node, answered)
    (callback,) = stored(tenant)
    with tenant_scope(stranger.pk), pytest.raises(NotFound):
        cancel_callback(callback_id=callback.pk)
    with tenant_scope(tenant.pk):
        cancel_callback(callback_id=callback.pk)
        with pytest.raises(Conflict):
            cancel_callback(callback_id=callback.pk)
    assert place_due_callbacks(now=callback.at) == 0
