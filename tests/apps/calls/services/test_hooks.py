"""A tenant's server is asked before a call is answered, and before one is dialed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.services import archive_agent, create_agent, publish
from apps.calls import gates
from apps.calls.attention import notices
from apps.calls.gates import Rate, Word
from apps.calls.models import Call
from apps.calls.services import admit_call, claim_call, hang_up_call, hooks, place_call
from apps.numbers.models import PhoneNumber
from apps.webhooks.circuit import AFTER, Circuits
from apps.webhooks.models import CallHook
from apps.webhooks.services import asking
from apps.webhooks.services.call_hooks import put_hook
from media_workers.contract.calls import CallPlan, ClaimRequest, InboundAnswer, InboundCall
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk, TrunkAddress
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.suspension import suspend
from tests.apps.calls.conftest import script
from tests.apps.calls.wire import fresh
from tests.fakes.webhook_receiver import Manner, Received, WebhookReceiver
from tests.sip.wait import until

pytestmark = pytest.mark.django_db
Ring = Callable[..., InboundCall]
Put = Callable[..., CallHook]


@pytest.fixture(autouse=True)
def _anew(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES = True
    monkeypatch.setattr(asking, "_circuits", Circuits())


@pytest.fixture
def server() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as server:
        yield server


@pytest.fixture
def put(tenant: Tenant, server: WebhookReceiver) -> Put:
    """Sets the hook of a moment."""

    def put(moment: str, **fields: Any) -> CallHook:
        with tenant_scope(tenant.pk):
            return put_hook(moment=moment, **({"url": server.url, "deadline_ms": 5_000} | fields))[0]

    return put


@pytest.fixture
def sales(tenant: Tenant, agent: Agent) -> Agent:
    with tenant_scope(tenant.pk):
        made = create_agent(name="Sales", config=script().model_copy(update={"first_message": "Sales."}))
        publish(agent=made)
        return made


def calls() -> list[Call]:
    with platform_scope():
        return list(Call.objects.order_by("pk"))


def plan_of(answer: InboundAnswer) -> CallPlan:
    assert answer.plan is not None, answer
    return answer.plan


# --- before an inbound call is answered ---------------------------------------------------------------


def test_the_hook_chooses_agent_and_variables(
    node: MediaNode, number: PhoneNumber, ring: Ring, put: Put, server: WebhookReceiver, sales: Agent
) -> None:
    put("before_answer")
    server.reply = {
        "action": "answer",
        "agent": sales.public_id,
        "variables": {"shop": "Bakery of Ada", "tier": "gold"},
    }
    plan = plan_of(admit_call(node, ring(headers={"X-Account": "7"})))
    assert plan.agent is not None
    assert plan.agent.first_message == "Sales."
    assert plan.variables == {"shop": "Bakery of Ada", "day": "today", "tier": "gold"}
    (call,) = calls()
    assert (call.agent_id, call.state) == (sales.pk, "ringing")
    assert call.hook is not None
    took = call.hook["took_ms"]
    assert call.hook["words"] == (
        f"The call hook chose the agent Sales and gave shop, tier (after {took} ms)."
    )
    assert (call.hook["action"], call.hook["agent"]) == ("answer", sales.public_id)
    assert (call.hook["variables"], call.hook["problem"]) == (["shop", "tier"], "")
    assert server.received[0].event["call"] == {
        "from": "+12025550101",
        "to": "+12025551000",
        "number": number.public_id,
        "trunk": None,
        "headers": {"X-Account": "7"},
        "test": True,
    }
    assert server.received[0].event["agent"] == number.agent.public_id  # type: ignore[union-attr]


def test_the_hook_lets_the_call_through(
    node: MediaNode, number: PhoneNumber, ring: Ring, put: Put, server: WebhookReceiver
) -> None:
    put("before_answer")
    server.reply = {"action": "answer"}
    assert plan_of(admit_call(node, ring())).agent == script()
    (call,) = calls()
    assert (call.agent_id, call.variables) == (number.agent_id, {})
    assert call.hook is not None
    assert call.hook["words"].startswith("The call hook let the call through (after ")


def test_a_number_without_an_agent_gets_one_from_the_hook(
    node: MediaNode, number: PhoneNumber, ring: Ring, put: Put, server: WebhookReceiver, sales: Agent
) -> None:
    put("before_answer")
    with platform_scope():
        PhoneNumber.objects.update(agent=None)
    server.reply = {"action": "answer", "agent": sales.public_id}
    plan = plan_of(admit_call(node, ring()))
    assert (plan.problem, server.received[0].event["agent"]) == ("", None)


def test_the_hook_rejects(
    node: MediaNode, number: PhoneNumber, ring: Ring, put: Put, server: WebhookReceiver
) -> None:
    put("before_answer")
    server.reply = {"action": "reject", "code": 603, "reason": "We are closed.\r\nTo: evil"}
    rejection = admit_call(node, ring()).rejection
    assert rejection is not None
    assert (rejection.sip_code, rejection.sip_reason) == (603, "Decline")
    (call,) = calls()
    assert rejection.call_id == call.pk
    assert (call.state, call.end_reason, call.sip_code) == ("ended", "blocked", 603)
    assert call.end_detail == "The call hook rejected the call with 603: We are closed. To: evil."
    assert call.hook is not None
    assert call.hook["reason"] == "We are closed. To: evil"


def test_every_call_that_the_hook_rejects_is_shown(
    node: MediaNode, number: PhoneNumber, ring: Ring, put: Put, server: WebhookReceiver
) -> None:
    """Of those that a stranger makes, few are: they would fill the table."""
    put("before_answer")
    server.reply = {"action": "reject"}
    assert all(admit_call(node, ring()).rejection for _ in range(12))
    assert len(calls()) == 12


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        ({"action": "shrug"}, "Its answer makes no sense: action: "),
        ({"action": "answer", "agent": "agt_nobody"}, "It chose the agent agt_nobody, which there is not."),
        (b"<html>", "Its answer is no JSON object."),
    ],
)
@pytest.mark.parametrize("fallback", ["go_on", "refuse"])
def test_an_answer_that_makes_no_sense_leads_to_the_fallback(
    node: MediaNode,
    number: PhoneNumber,
    ring: Ring,
    put: Put,
    server: WebhookReceiver,
    reply: Any,
    problem: str,
    fallback: str,
) -> None:
    put("before_answer", fallback=fallback)
    server.reply = reply
    answer = admit_call(node, ring())
    (call,) = calls()
    assert call.hook is not None
    assert call.hook["problem"].startswith(problem)
    assert (call.hook["action"], call.hook["fallback"]) == (None, fallback)
    assert call.hook["words"].startswith("The call hook was passed over (after ")
    if fallback == "go_on":
        assert plan_of(answer).agent == script()
        assert call.hook["words"].endswith("The call went on as if there were none.")
    else:
        assert answer.rejection is not None
        assert (answer.rejection.sip_code, call.end_reason) == (480, "blocked")
        assert call.end_detail == call.hook["words"]
    with platform_scope():
        assert CallHook.objects.get().trouble.startswith(problem)


def test_an_agent_that_cannot_speak_is_not_taken(
    node: MediaNode, tenant: Tenant, number: PhoneNumber, ring: Ring, put: Put, server: WebhookReceiver
) -> None:
    put("before_answer")
    with tenant_scope(tenant.pk):
        draft = create_agent(name="Draft", config=script())
        gone = create_agent(name="Gone", config=script())
        archive_agent(agent=gone)
    server.reply = lambda request: {
        "action": "answer",
        "agent": (draft if len(server.received) == 1 else gone).public_id,
    }
    for problem in (
        "It chose the agent Draft, which is not published.",
        f"It chose the agent {gone.public_id}, which there is not.",
    ):
        assert plan_of(admit_call(node, ring())).agent == script()
        hook = calls()[-1].hook
        assert hook is not None
        assert hook["problem"] == problem


def test_another_tenants_agent_cannot_be_chosen(
    node: MediaNode, stranger: Tenant, number: PhoneNumber, ring: Ring, put: Put, server: WebhookReceiver
) -> None:
    put("before_answer")
    with tenant_scope(stranger.pk):
        theirs = create_agent(name="Theirs", config=script())
        publish(agent=theirs)
    server.reply = {"action": "answer", "agent": theirs.public_id}
    assert plan_of(admit_call(node, ring())).agent == script()
    hook = calls()[0].hook
    assert hook is not None
    assert "Theirs" not in str(hook)


@pytest.mark.parametrize("manner", ["hang", "slow_head"])
def test_a_hook_that_hangs_costs_its_deadline_and_no_call(
    node: MediaNode, number: PhoneNumber, ring: Ring, put: Put, server: WebhookReceiver, manner: Manner
) -> None:
    put("before_answer", deadline_ms=150)
    server.manner = manner
    assert plan_of(admit_call(node, ring())).agent == script()
    hook = calls()[0].hook
    assert hook is not None
    assert hook["problem"] == "It gave no whole answer within 150 ms."


def test_a_hook_that_is_down_is_not_asked_for_every_call(
    node: MediaNode, number: PhoneNumber, ring: Ring, put: Put, server: WebhookReceiver
) -> None:
    put("before_answer")
    server.manner = "fail"
    for _ in range(AFTER + 3):
        plan_of(admit_call(node, ring()))
    assert len(server.received) == AFTER
    hook = calls()[-1].hook
    assert hook is not None
    assert hook["words"].startswith("The call hook was passed over. It failed 5 times in a row, and is asked")


def test_the_hook_is_not_asked_about_what_is_refused_or_admitted_anyway(
    node: MediaNode, tenant: Tenant, number: PhoneNumber, ring: Ring, put: Put, server: WebhookReceiver
) -> None:
    put("before_answer")
    server.reply = {"action": "answer"}
    again = ring(sip_call_id="the-same")
    first, second = (plan_of(admit_call(node, again)) for _ in range(2))
    assert first.call_id == second.call_id
    assert len(server.received) == 1
    assert admit_call(node, ring("+12025559999")).rejection is not None
    assert admit_call(node, ring(source_address="203.0.113.9")).rejection is not None
    suspend(tenant=tenant, reason="unpaid")
    assert admit_call(node, ring()).rejection is not None
    assert len(server.received) == 1


def test_strangers_hooks_are_not_asked(
    node: MediaNode, stranger: Tenant, number: PhoneNumber, ring: Ring, server: WebhookReceiver
) -> None:
    with tenant_scope(stranger.pk):
        put_hook(moment="before_answer", url=server.url)
    plan_of(admit_call(node, ring()))
    assert (server.received, calls()[0].hook) == ([], None)


def test_a_number_that_is_given_back_meanwhile_takes_no_call(
    node: MediaNode,
    number: PhoneNumber,
    ring: Ring,
    put: Put,
    server: WebhookReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put("before_answer")

    ask_once = asking.ask_once

    def give_back(*question: Any) -> Any:
        with platform_scope():
            PhoneNumber.objects.update(archived_at=timezone.now())
        return ask_once(*question)

    server.reply = {"action": "answer"}
    monkeypatch.setattr(asking, "ask_once", give_back)
    rejection = admit_call(node, ring()).rejection
    assert rejection is not None
    assert (rejection.sip_code, calls()) == (404, [])


@pytest.mark.django_db(transaction=True)
def test_neither_transaction_nor_connection_is_held_while_it_is_asked(
    node: MediaNode, tenant: Tenant, agent: Agent, ring: Ring, put: Put, server: WebhookReceiver
) -> None:
    """The trunk's row is locked by whoever admits a call through it: another call comes meanwhile."""
    with tenant_scope(tenant.pk):
        trunk = Trunk.objects.create(name="Carrier", max_concurrent_calls=2, max_calls_per_second=100)
        TrunkAddress.objects.create(trunk=trunk, network="192.0.2.0/28")
        PhoneNumber.objects.create(e164="+4930901820", carrier="byoc", trunk=trunk, agent=agent)
    put("before_answer")
    free = threading.Event()
    used: list[bool] = []

    def admit(name: str) -> InboundAnswer:
        try:
            return admit_call(node, ring("+4930901820", source_address="192.0.2.5", sip_call_id=name))
        finally:
            connection.close()

    def hold(request: Received) -> Manner:
        free.wait(30)
        return "ok"

    server.manner, server.reply = hold, {"action": "answer"}
    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(admit, name) for name in ("a", "b", "c")]
        until(lambda: len(server.received) == 3, "all three are asked about at once")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()"
            )
            used.append(cursor.fetchone()[0] > 0)
        free.set()
        told = [answer.result(30) for answer in answers]
    assert used == [False]
    # Room for two: the limit is looked at after the hook has been asked, too.
    assert sorted(answer.rejection.sip_code if answer.rejection else 0 for answer in told) == [0, 0, 503]


@pytest.mark.django_db(transaction=True)
def test_an_invite_that_is_asked_about_twice_at_once_is_one_call(
    node: MediaNode, number: PhoneNumber, ring: Ring, put: Put, server: WebhookReceiver
) -> None:
    put("before_answer")
    both = threading.Barrier(2)

    def together(request: Received) -> Manner:
        both.wait(30)
        return "ok"

    server.manner, server.reply = together, {"action": "answer"}
    same = ring(sip_call_id="the-same")

    def admit(_: int) -> InboundAnswer:
        try:
            return admit_call(node, same)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = (plan_of(answer) for answer in pool.map(admit, range(2)))
    assert first.call_id == second.call_id
    assert len(calls()) == 1


def test_a_hook_that_fails_is_something_to_look_at(
    node: MediaNode, tenant: Tenant, number: PhoneNumber, ring: Ring, put: Put, server: WebhookReceiver
) -> None:
    put("before_answer")

    def told(*permissions: str) -> list[str]:
        with tenant_scope(tenant.pk):
            return [n.detail for n in notices(permissions) if n.kind == "call_hook_failing"]

    assert told("webhooks.read") == []
    server.manner = "fail"
    plan_of(admit_call(node, ring()))
    assert told("webhooks.read") == ["The call hook was passed over. It answered 500, not 200."]
    assert told("calls.read") == []
    server.manner, server.reply = "ok", {"action": "answer"}
    plan_of(admit_call(node, ring()))
    assert told("webhooks.read") == []


# --- before an outbound call is dialed ----------------------------------------------------------------


def claim(node: MediaNode, call: Call, line: int = 1) -> CallPlan | None:
    return claim_call(node, call.pk, ClaimRequest(node=node.name, line=line))


def test_the_hook_allows_and_gives_variables(
    node: MediaNode, tenant: Tenant, number: PhoneNumber, put: Put, server: WebhookReceiver
) -> None:
    put("before_dial")
    with tenant_scope(tenant.pk):
        call = place_call(
            from_number=number.e164,
            to_number="+12025550101",
            variables={"day": "Monday"},
            metadata={"campaign": "cmp_1", "order": 7},
        )
    server.reply = {"action": "allow", "variables": {"day": "Tuesday", "balance": 12.5}}
    plan = claim(node, call)
    assert plan is not None
    assert plan.variables == {"shop": "Bakery", "day": "Tuesday", "balance": "12.5"}
    dialed = fresh(call.pk)
    assert (dialed.state, dialed.variables) == ("dialing", {"day": "Tuesday", "balance": "12.5"})
    assert dialed.hook is not None
    assert dialed.hook["words"] == (
        f"The call hook allowed the call and gave balance, day (after {dialed.hook['took_ms']} ms)."
    )
    assert server.received[0].event["call"] == {
        "id": call.public_id,
        "from": number.e164,
        "to": "+12025550101",
        "agent": call.agent.public_id,  # type: ignore[union-attr]
        "variables": {"day": "Monday"},
        "metadata": {"campaign": "cmp_1", "order": 7},
        "campaign": "cmp_1",
        "test": True,
    }


def test_the_hook_denies(node: MediaNode, queued: Call, put: Put, server: WebhookReceiver) -> None:
    put("before_dial")
    server.reply = {"action": "deny", "reason": "Paid yesterday."}
    assert claim(node, queued) is None
    call = fresh(queued.pk)
    assert (call.state, call.end_reason, call.dialing_at) == ("ended", "withdrawn", None)
    assert call.end_detail == "The call hook denied the call: Paid yesterday."
    assert hooks.stopped_for(call) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("fallback", "state", "waits"), [("go_on", "dialing", None), ("refuse", "ended", timedelta(minutes=5))]
)
def test_a_hook_that_does_not_help_leads_to_the_fallback(
    node: MediaNode,
    queued: Call,
    put: Put,
    server: WebhookReceiver,
    fallback: str,
    state: str,
    waits: timedelta | None,
) -> None:
    put("before_dial", fallback=fallback, deadline_ms=150)
    server.manner = "hang"
    assert (claim(node, queued) is not None) == (state == "dialing")
    call = fresh(queued.pk)
    assert (call.state, hooks.stopped_for(call)) == (state, waits)
    assert call.hook is not None
    assert "It gave no whole answer within 150 ms." in call.hook["words"]
    if state == "ended":
        assert (call.end_reason, call.end_detail) == ("withdrawn", call.hook["words"])


def test_a_call_that_is_put_off_after_it_was_allowed_is_not_asked_about_again(
    node: MediaNode, queued: Call, put: Put, server: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("before_dial")
    server.reply = {"action": "allow", "variables": {"day": "Tuesday"}}
    slow = Word(rates=(Rate("slow", 0.1),))
    monkeypatch.setattr(gates, "_gates", [lambda call, now: slow])
    with tenant_scope(queued.tenant_id):
        other = place_call(from_number=queued.from_number, to_number="+12025550102")
    assert claim(node, other) is not None
    assert claim(node, queued) is None
    waiting = fresh(queued.pk)
    assert (waiting.state, waiting.variables) == ("queued", {"day": "Tuesday"})
    assert len(server.received) == 2
    with time_machine.travel(timezone.now() + timedelta(seconds=15)):
        assert claim(node, queued) is not None
    assert len(server.received) == 2


def test_an_answer_is_good_for_a_minute(
    node: MediaNode, queued: Call, put: Put, server: WebhookReceiver
) -> None:
    put("before_dial")
    server.reply = {"action": "deny"}
    with tenant_scope(queued.tenant_id):
        queued.hook = {"at": (timezone.now() - timedelta(seconds=61)).isoformat(), "action": "allow"}
        queued.save()
    assert claim(node, queued) is None
    assert len(server.received) == 1


def test_a_call_that_is_ended_while_the_hook_is_asked_is_not_dialed(
    node: MediaNode, queued: Call, put: Put, server: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("before_dial")
    server.reply = {"action": "allow"}

    ask_once = asking.ask_once

    def end_meanwhile(*question: Any) -> Any:
        with tenant_scope(queued.tenant_id):
            hang_up_call(call_id=queued.pk)
        return ask_once(*question)

    monkeypatch.setattr(asking, "ask_once", end_meanwhile)
    assert claim(node, queued) is None
    call = fresh(queued.pk)
    assert (call.state, call.end_reason, call.hook) == ("ended", "api_hung_up", None)


@pytest.mark.django_db(transaction=True)
def test_of_claims_at_once_one_wins_though_the_hook_is_asked(
    node: MediaNode, queued: Call, put: Put, server: WebhookReceiver
) -> None:
    put("before_dial")
    server.reply = {"action": "allow"}

    def go(line: int) -> CallPlan | None:
        try:
            return claim(node, queued, line=line)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        plans = list(pool.map(go, range(12)))
    assert len([plan for plan in plans if plan is not None]) == 1
