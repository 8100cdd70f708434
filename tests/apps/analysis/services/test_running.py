"""A call that has ended is analyzed once, whoever dies or comes twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from apps.agents.models import Agent
from apps.analysis.models import Analysis, AnalysisState, Label
from apps.analysis.services import running
from apps.analysis.services.beginning import NOBODY, RUN, again
from apps.analysis.services.running import MOST_ATTEMPTS, OURS, SWITCHED_OFF, run, run_due
from apps.analysis.signals import call_analyzed
from apps.calls.models import Call
from apps.calls.signals import call_redacted
from apps.vendors.models import VendorKey
from apps.vendors.services import put_key
from apps.webhooks.models import Endpoint, Event
from tenants.errors import Conflict
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.analysis.conftest import SCRIPT, Ended, analysis_of, analyzed, due, republish
from tests.fakes.chat_models import KEY, ChatModels, Reply, chat_models

pytestmark = pytest.mark.django_db

EVERYTHING: dict[str, Any] = {"model": {"provider": "openai", "model": "the-model", "timeout_ms": 5_000}}


@pytest.fixture
def told() -> Iterator[list[int]]:
    """The revisions that the signal was sent with."""
    revisions: list[int] = []

    def hear(*, call: Call, analysis: Analysis, **_: Any) -> None:
        assert transaction.get_connection().in_atomic_block
        revisions.append(analysis.revision)

    call_analyzed.connect(hear)
    yield revisions
    call_analyzed.disconnect(hear)


def test_a_call_that_ended_waits_and_is_done(
    ended: Ended, told: list[int], sent: list[Any], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        call = ended()
    waiting = analysis_of(call)
    assert (waiting.state, waiting.revision) == (AnalysisState.WAITING, 0)
    assert (RUN, [str(call.tenant_id), str(waiting.pk)]) in sent

    done = analyzed(call)
    assert (done.state, done.revision, done.extractor, done.problem) == ("done", 1, "rules", "")
    order = {"value": "AB1234", "turn": 1, "quote": "AB1234", "confidence": 0.9, "problem": ""}
    assert done.values["order"] | {"confidence": 0.9} == order
    assert done.values["came_on"]["value"] is not None
    assert (done.success, done.topics) == (True, ["Orders"])
    assert (done.next_at, done.leased_until) == (None, None)
    with tenant_scope(call.tenant_id):
        assert list(Label.objects.values_list("kind", "name")) == [("topic", "Orders")]
    assert told == [1]


def test_a_second_worker_finds_nothing(ended: Ended, told: list[int]) -> None:
    call = ended()
    row = analysis_of(call)
    assert [run(call.tenant_id, row.pk) for _ in range(3)] == [True, False, False]
    assert told == [1]


def test_nobody_answered(ended: Ended, sent: list[Any]) -> None:
    row = analysis_of(ended(answered=False))
    assert (row.state, row.problem, row.next_at) == ("skipped", NOBODY, None)
    assert not run(row.tenant_id, row.pk)
    assert sent == []


def test_switched_off(ended: Ended, agent: Agent) -> None:
    republish(agent, analysis={"enabled": False})
    row = analyzed(ended())
    assert (row.state, row.problem) == ("skipped", SWITCHED_OFF)


def test_nothing_stays_when_the_end_is_undone(ended: Ended, tenant: Tenant) -> None:
    call = ended(end=False)
    with tenant_scope(tenant.pk):
        assert not Analysis.objects.filter(call=call).exists()


def test_whoever_died_in_the_middle_is_followed(
    ended: Ended, told: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """kill -9 between taking and storing: the lease runs out, another does it; the first one's result, should
    it come after all, is dropped."""
    call = ended()
    row = analysis_of(call)
    taken: list[Any] = []
    with monkeypatch.context() as patch:
        patch.setattr(running, "_done", lambda *given: taken.append(given))
        assert run(call.tenant_id, row.pk)
    assert not run(call.tenant_id, row.pk), "the lease holds"
    with tenant_scope(call.tenant_id):
        Analysis.objects.filter(pk=row.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    assert run(call.tenant_id, row.pk)
    running._done(*taken[0])
    assert analysis_of(call).revision == 1
    assert told == [1]


def test_our_own_fault_is_tried_again_and_then_told(
    ended: Ended, monkeypatch: pytest.MonkeyPatch, tenant: Tenant
) -> None:
    call = ended()
    row = analysis_of(call)

    def broken(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(running, "result_of", broken)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        due(row.pk, tenant, at=timezone.now())
        assert run(call.tenant_id, row.pk)
        found = analysis_of(call)
        assert (found.attempts, found.problem) == (attempt, OURS)
        assert found.state == ("failed" if attempt == MOST_ATTEMPTS else "waiting")
    assert not run(call.tenant_id, row.pk)


def test_what_was_forgotten_is_found(
    ended: Ended, sent: list[Any], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    call = ended()
    row = analysis_of(call)
    sent.clear()
    assert run_due() == 0
    later = timezone.now() + timedelta(minutes=2)
    with django_capture_on_commit_callbacks(execute=True):
        assert run_due(now=later) == 1
        assert run_due(now=later) == 0, "it is asked for already"
    assert sent == [(RUN, [str(call.tenant_id), str(row.pk)])]


def test_it_is_done_again_by_what_the_agent_is_now(ended: Ended, agent: Agent, told: list[int]) -> None:
    call = ended()
    analyzed(call)
    republish(agent, extraction=[{"name": "weekday", "type": "enum", "choices": ["Tuesday"]}])
    with tenant_scope(call.tenant_id):
        waiting = again(call_id=call.pk)
    assert (waiting.state, waiting.values["order"]["value"]) == ("waiting", "AB1234")
    done = analyzed(call)
    assert (done.revision, list(done.values), done.values["weekday"]["value"]) == (2, ["weekday"], "Tuesday")
    assert told == [1, 2]


def test_it_is_not_done_again_while_the_call_goes_on(ended: Ended) -> None:
    call = ended(end=False)
    with tenant_scope(call.tenant_id), pytest.raises(Conflict, match="goes on"):
        again(call_id=call.pk)


def test_what_is_taken_out_of_a_call_is_masked(ended: Ended) -> None:
    call = ended()
    analyzed(call)

    def mask(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace("AB1234", "••••")
        if isinstance(value, dict):
            return {key: mask(one) for key, one in value.items()}
        return [mask(one) for one in value] if isinstance(value, list) else value

    with tenant_scope(call.tenant_id):
        call_redacted.send(Call, call=call, mask=mask)
    row = analysis_of(call)
    assert row.values["order"]["value"] == "••••"
    assert "AB1234" not in row.summary


def test_tenants_are_told_in_the_same_transaction(ended: Ended, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        Endpoint.objects.create(url="https://example.com/hook", event_types=["call.analyzed"])
    call = ended()
    analyzed(call)
    with tenant_scope(tenant.pk):
        event = Event.objects.get(type="call.analyzed")
        assert (event.key, event.data["values"]["order"]["value"]) == (call.public_id, "AB1234")


# --- with a model -----------------------------------------------------------------------------------


@pytest.fixture
def models(agent: Agent, tenant: Tenant) -> Iterator[ChatModels]:
    """The agent's calls are read by a model from now on, with the tenant's own key."""
    republish(agent, analysis=EVERYTHING, extraction=[{"name": "order"}])
    with chat_models() as server:
        with tenant_scope(tenant.pk):
            put_key(vendor="openai", api_key=KEY, base_url=server.url)
        yield server


def told_of(order: str | None, quote: str = "") -> dict[str, Any]:
    value = {
        "value": order,
        "turn": 1,
        "quote": quote,
        "confidence": 1,
        "problem": "" if order else "Not said.",
    }
    return {
        "values": {"order": value},
        "summary": "An order.",
        "sentiment": [],
        "sentiment_score": 0,
        "unanswered": [],
    }


def test_a_model_reads_and_its_use_is_kept(ended: Ended, models: ChatModels) -> None:
    models.will(told_of("AB1234", "order is AB1234"))
    row = analyzed(ended())
    assert (row.state, row.extractor, row.vendor, row.model) == ("done", "model", "openai", "the-model")
    assert row.values["order"]["quote"] == "order is AB1234"
    assert row.usage == {"prompt_tokens": 100, "completion_tokens": 20}
    assert SCRIPT[1] in models.asked[0].said[0]
    assert models.asked[0].key == KEY


def test_without_a_key_the_words_say_what_to_do(ended: Ended, models: ChatModels, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        VendorKey.objects.all().delete()
    row = analyzed(ended())
    assert row.state == "failed"
    assert "There is no key of your own for OpenAI" in row.problem
    assert models.asked == []


def test_a_vendor_that_is_busy_is_asked_later(ended: Ended, models: ChatModels, tenant: Tenant) -> None:
    models.will(Reply(status=429, headers={"Retry-After": "120"}), told_of("AB1234", "AB1234"))
    call = ended()
    row = analyzed(call)
    assert (row.state, row.attempts) == ("waiting", 1)
    assert "takes no more requests for now (429)" in row.problem
    assert row.next_at is not None
    assert row.next_at > timezone.now() + timedelta(seconds=110)
    due(row.pk, tenant, at=timezone.now())
    assert analyzed(call).state == "done"


def test_a_key_that_is_refused_fails_at_once_and_shows_it(
    ended: Ended, models: ChatModels, tenant: Tenant
) -> None:
    models.will(Reply(status=401), told_of(None))
    call = ended()
    assert analyzed(call).state == "failed"
    with tenant_scope(tenant.pk):
        assert "does not know the key" in VendorKey.objects.get().last_error
        again(call_id=call.pk)
    assert analyzed(call).state == "done"
    with tenant_scope(tenant.pk):
        assert VendorKey.objects.get().last_error == ""


def test_a_key_goes_only_to_the_address_it_was_given_for(ended: Ended, agent: Agent, tenant: Tenant) -> None:
    with chat_models() as theirs, chat_models() as others:
        with tenant_scope(tenant.pk):
            put_key(vendor="openai_compatible", api_key=KEY, base_url=theirs.url)
        for server, key in ((theirs, KEY), (others, "")):
            model = {"provider": "openai_compatible", "model": "m", "base_url": f"{server.url}/v1"}
            republish(agent, analysis={"model": model}, extraction=[{"name": "order"}])
            server.will(told_of(None))
            assert analyzed(ended()).state == "done"
            assert server.asked[0].key == key
