"""Hooks on real sockets: what they answer, and how long nobody waits for those that do not."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks.webhooks import Webhook

from apps.webhooks import wire
from apps.webhooks.circuit import AFTER, Circuits
from apps.webhooks.models import CallHook
from apps.webhooks.services import asking
from apps.webhooks.services.asking import Hook, Said, as_hook, ask, hook_for, note
from apps.webhooks.services.call_hooks import put_hook, rotate_secret
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.fakes.webhook_receiver import Manner, WebhookReceiver
from tests.sip.wait import until
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db
QUESTION = {"call": {"from": "+12025550101", "to": "+12025550100"}, "agent": None}
DEADLINE_MS = 300


@pytest.fixture(autouse=True)
def _anew(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES = True
    monkeypatch.setattr(asking, "_circuits", Circuits())


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def server() -> Iterator[WebhookReceiver]:
    with WebhookReceiver(reply={"action": "answer"}) as server:
        yield server


@pytest.fixture
def hook(tenant: Tenant, server: WebhookReceiver) -> Hook:
    with tenant_scope(tenant.pk):
        put_hook(moment="before_answer", url=server.url, headers={"X-Team": "7"}, deadline_ms=5_000)
        found = hook_for("before_answer")
    assert found is not None
    return found


def test_a_question_is_signed_and_says_what_it_is_about(hook: Hook, server: WebhookReceiver) -> None:
    server.reply = {"action": "answer", "agent": "agt_x", "variables": {"tier": "gold"}}
    said = ask(hook, QUESTION)
    assert (said.problem, said.status, said.asked) == ("", 200, True)
    assert said.decision is not None
    assert said.decision.variables == {"tier": "gold"}
    (asked,) = server.received
    server.verify(hook.secret)
    assert asked.event == QUESTION | {
        "id": asked.id,
        "moment": "before_answer",
        "tenant": f"ten_{hook.tenant_id.hex}",
        "timestamp": said.at.isoformat().replace("+00:00", "Z"),
    }
    assert asked.headers["x-team"] == "7"
    assert asked.headers["user-agent"] == "Trunkline-Webhooks/1 (call hook)"


def test_a_connection_is_kept_for_the_next_question(hook: Hook, server: WebhookReceiver) -> None:
    ports: set[int] = set()
    server.manner = lambda request: ports.add(request.port) or "ok"
    for _ in range(3):
        assert ask(hook, QUESTION).problem == ""
    assert len(ports) == 1


@pytest.mark.parametrize("manner", ["hang", "slow_drip", "slow_head"])
def test_nobody_waits_longer_than_the_deadline(hook: Hook, server: WebhookReceiver, manner: Manner) -> None:
    server.manner = manner
    said = ask(replace(hook, deadline_ms=DEADLINE_MS), QUESTION)
    assert said.problem == "It gave no whole answer within 300 ms."
    assert said.decision is None
    assert DEADLINE_MS - 20 <= said.took_ms < DEADLINE_MS + wire.SLACK_S * 1_000


@pytest.mark.parametrize(
    ("manner", "problem", "status"),
    [
        ("fail", "It answered 500, not 200.", 500),
        ("gone", "It answered 410, not 200.", 410),
        ("redirect", "It answered 302, a redirect: redirects are not followed.", 302),
        ("megabyte", "Its answer has more than 64 KB.", 200),
        ("endless", "Its answer has more than 64 KB.", 200),
        ("vanish", "The connection broke before the answer was there.", None),
    ],
)
def test_what_is_no_answer_is_told_in_words(
    hook: Hook, server: WebhookReceiver, manner: Manner, problem: str, status: int | None
) -> None:
    server.manner = manner
    said = ask(hook, QUESTION)
    assert (said.problem, said.status, said.decision) == (problem, status, None)


def test_a_redirect_is_followed_nowhere(hook: Hook, server: WebhookReceiver) -> None:
    with WebhookReceiver(reply={"action": "answer"}) as elsewhere:
        server.manner, server.location = "redirect", elsewhere.url
        assert ask(hook, QUESTION).decision is None
        assert elsewhere.received == []


def test_an_answer_that_makes_no_sense_is_kept_to_be_looked_at(hook: Hook, server: WebhookReceiver) -> None:
    server.reply = {"action": "maybe"}
    said = ask(hook, QUESTION)
    assert said.problem.startswith("Its answer makes no sense: action: ")
    assert (said.status, said.answer) == (200, '{"action": "maybe"}')


def test_nobody_listens(hook: Hook) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        said = ask(replace(hook, url=f"http://127.0.0.1:{nobody.getsockname()[1]}/"), QUESTION)
    assert said.problem == "Its server cannot be reached."


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "169.254.169.254", "0.0.0.0"],
)
def test_our_own_network_is_not_reached(
    hook: Hook, server: WebhookReceiver, settings: Any, host: str
) -> None:
    settings.WEBHOOKS_ALLOW_PRIVATE_ADDRESSES = False
    port = server.url.split(":")[2]
    said = ask(replace(hook, url=f"http://{host}:{port}"), QUESTION)
    assert said.problem == "Its address is private: it cannot be reached from here."
    assert server.received == []


def test_a_name_that_leads_nowhere(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    said = ask(replace(hook, url="http://nowhere.example.com/"), QUESTION)
    assert said.problem == "The name of its server is not known."


def test_a_name_that_nobody_resolves(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(30))
    said = ask(replace(hook, url="http://slow.example.com/", deadline_ms=DEADLINE_MS), QUESTION)
    over.set()
    assert said.problem == "It gave no whole answer within 300 ms."


def test_an_address_that_is_none(hook: Hook) -> None:
    said = ask(replace(hook, url="http://example.com/\x01"), QUESTION)
    assert said.problem == "Its address cannot be used."


def test_a_certificate_of_nobodys(hook: Hook, server: WebhookReceiver) -> None:
    said = ask(replace(hook, url=server.url.replace("http:", "https:")), QUESTION)
    assert said.decision is None
    assert said.problem in (
        "Its server cannot be reached.",
        "The connection broke before the answer was there.",
        "The certificate of its server is not valid.",
    )


def test_a_slow_hook_holds_up_no_other(hook: Hook, server: WebhookReceiver) -> None:
    """Twenty that hang, and one that answers, at once."""
    server.manner = lambda request: "hang" if request.path == "/slow" else "ok"
    slow = replace(hook, url=server.url.replace("/hook", "/slow"), key="slow", deadline_ms=1_500)
    with ThreadPoolExecutor(21) as pool:
        hanging = [pool.submit(ask, slow, QUESTION) for _ in range(20)]
        until(lambda: sum(r.path == "/slow" for r in server.received) == 20, "all of them hang")
        said = pool.submit(ask, hook, QUESTION).result(30)
        assert not any(one.done() for one in hanging)
        assert said.problem == ""
        assert {one.result(30).problem for one in hanging} == {"It gave no whole answer within 1500 ms."}


def test_a_hook_that_is_down_is_passed_over_until_it_is_changed(
    hook: Hook, server: WebhookReceiver, tenant: Tenant
) -> None:
    server.manner = "fail"
    for _ in range(AFTER):
        assert ask(hook, QUESTION).asked
    said = ask(hook, QUESTION)
    assert (said.asked, said.decision, len(server.received)) == (False, None, AFTER)
    assert said.problem.startswith("It failed 5 times in a row, and is asked again in ")
    server.manner = "ok"
    with tenant_scope(tenant.pk):
        row, _ = put_hook(moment="before_answer", url=server.url)
        assert ask(as_hook(row), QUESTION).decision is not None


def test_the_old_secret_signs_nothing_after_a_rotation(
    hook: Hook, server: WebhookReceiver, tenant: Tenant
) -> None:
    with tenant_scope(tenant.pk):
        secret = rotate_secret(CallHook.objects.get())
        found = hook_for("before_answer")
    assert found is not None
    ask(found, QUESTION)
    server.verify(secret)
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(hook.secret).verify(server.received[0].body, server.received[0].headers)


def test_a_hook_that_is_off_is_not_asked(hook: Hook, server: WebhookReceiver, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        put_hook(moment="before_answer", url=server.url, enabled=False)
        assert hook_for("before_answer") is None
        assert hook_for("before_dial") is None


def test_what_was_wrong_last_is_kept_until_it_answers(hook: Hook, tenant: Tenant) -> None:
    at = timezone.now()

    def row() -> CallHook:
        return CallHook.objects.get()

    with tenant_scope(tenant.pk):
        before = row().updated_at
        note(Said(hook=hook, at=at, problem="It answered 500, not 200."))
        assert (row().trouble, row().trouble_at) == ("It answered 500, not 200.", at)
        note(Said(hook=hook, at=at + timedelta(seconds=30), problem="It answered 500, not 200."))
        assert row().trouble_at == at, "the same again soon is not written"
        note(Said(hook=hook, at=at + timedelta(seconds=40), problem="It rests.", asked=False))
        assert row().trouble_at == at, "that it rests is no news of it"
        note(Said(hook=hook, at=at + timedelta(seconds=90), problem="It answered 500, not 200."))
        assert row().trouble_at == at + timedelta(seconds=90)
        assert row().updated_at == before
        note(Said(hook=as_hook(row()), at=at))
        assert (row().trouble, row().trouble_at) == ("", None)


def test_nothing_secret_is_in_what_is_said(hook: Hook, server: WebhookReceiver) -> None:
    server.manner = "fail"
    said = ask(hook, QUESTION)
    assert hook.secret not in json.dumps([said.problem, said.answer])
