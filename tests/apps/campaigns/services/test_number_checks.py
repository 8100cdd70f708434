"""Numbers are looked up at a real server of the tenant's before anybody is called."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pytest_django import Settings

from apps.calls.attention import Notice
from apps.campaigns import number_hook
from apps.campaigns.attention import campaign_notices
from apps.campaigns.config import NumberCheck
from apps.campaigns.models import (
    Campaign,
    CampaignState,
    CheckedNumber,
    Contact,
    ContactState,
    NumberHook,
    Progress,
)
from apps.campaigns.selectors import config_of
from apps.campaigns.services import lifecycle
from apps.campaigns.services.number_checks import campaigns_to_check, check_first, check_numbers, roll_secret
from apps.campaigns.tasks_number_checks import check
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.campaigns.services.conftest import NOW, Dialer
from tests.tenancy import make_tenant


@dataclass
class LookUp:
    """An HLR look-up: numbers that end with 3 are dead. `answer` replaces what it says."""

    url: str = ""
    asked: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    visited: list[str] = field(default_factory=list)
    answer: tuple[int, dict[str, str], bytes] | None = None
    hang: threading.Event | None = None

    def numbers(self) -> list[list[str]]:
        return [json.loads(body)["numbers"] for _, body in self.asked]

    def respond(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        if self.hang is not None:
            self.hang.wait(30)
        if self.answer is not None:
            return self.answer
        said = [
            {"number": n, "dialable": False, "reason": "absent subscriber"}
            if n.endswith("3")
            else {"number": n, "dialable": True}
            for n in json.loads(body)["numbers"]
        ]
        return 200, {"Content-Type": "application/json"}, json.dumps({"results": said}).encode()


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, dict[str, LookUp]]]:
    """One HTTP server; the first part of the path names the look-up."""
    look_ups: dict[str, LookUp] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            look_up = look_ups["now"]
            look_up.asked.append(({k.lower(): v for k, v in self.headers.items()}, body))
            status, headers, said = look_up.respond(body)
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(said))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said)

        def do_GET(self) -> None:
            look_ups["now"].visited.append(self.path)
            self.send_error(404)

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_port}", look_ups
    http.shutdown()


@pytest.fixture
def look_up(server: tuple[str, dict[str, LookUp]], settings: Settings) -> LookUp:
    settings.NUMBER_CHECK_ALLOW_PRIVATE_ADDRESSES = True
    url, look_ups = server
    look_ups["now"] = LookUp(f"{url}/hlr")
    return look_ups["now"]


@pytest.fixture
def checking(running: Dialer, look_up: LookUp, dialing_tenant: Tenant) -> Campaign:
    """Five contacts whose numbers are to be looked up; that of the fourth is dead."""
    return first_checked(running(number_check={"url": look_up.url}))


def first_checked(campaign: Campaign) -> Campaign:
    with tenant_scope(campaign.tenant_id):
        check_first(campaign)
    return campaign


def round_of(campaign: Campaign, after: timedelta = timedelta(0)) -> int:
    return check_numbers(campaign.tenant_id, campaign.pk, now=NOW + after)


def figures(campaign: Campaign) -> tuple[int, int, int]:
    with tenant_scope(campaign.tenant_id):
        progress = Progress.objects.get(campaign=campaign)
        states = list(Contact.objects.filter(campaign=campaign).values_list("state", flat=True))
        told = (progress.checking, progress.waiting, progress.set_aside)
        assert told == tuple(states.count(s) for s in ("checking", "waiting", "set_aside"))
        return told


def trouble(campaign: Campaign) -> str:
    with tenant_scope(campaign.tenant_id):
        return NumberHook.objects.get(campaign=campaign).trouble


def noticed(campaign: Campaign) -> list[Notice]:
    """What the home page says of campaigns."""
    with tenant_scope(campaign.tenant_id):
        return list(campaign_notices(["campaigns.read"], NOW))


def test_contacts_wait_for_the_look_up_and_dead_numbers_are_set_aside(
    checking: Campaign, look_up: LookUp
) -> None:
    assert figures(checking) == (5, 0, 0)
    assert (checking.tenant_id, checking.pk) in campaigns_to_check(now=NOW)
    assert round_of(checking) == 5
    assert figures(checking) == (0, 4, 1)
    assert round_of(checking) == 0
    assert look_up.numbers() == [[f"+1212{5_600_000 + i}" for i in range(5)]]
    with tenant_scope(checking.tenant_id):
        dead = Contact.objects.get(campaign=checking, state=ContactState.SET_ASIDE)
        assert (dead.e164, dead.set_aside, dead.detail) == (
            "+12125600003",
            "unreachable_number",
            "absent subscriber",
        )
        assert Progress.objects.get(campaign=checking).set_asides == {"unreachable_number": 1}
    assert campaigns_to_check(now=NOW) == []


def test_requests_are_signed_with_the_campaigns_secret(checking: Campaign, look_up: LookUp) -> None:
    with tenant_scope(checking.tenant_id):
        secret = roll_secret(checking)
        assert roll_secret(checking) != secret
        secret = roll_secret(checking)
    round_of(checking)
    headers, body = look_up.asked[0]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))


def test_many_are_asked_for_in_batches(running: Dialer, look_up: LookUp) -> None:
    campaign = first_checked(running(contacts=250, number_check={"url": look_up.url}))
    check(str(campaign.tenant_id), str(campaign.pk))
    assert [len(numbers) for numbers in look_up.numbers()] == [100, 100, 50]
    assert figures(campaign) == (0, 225, 25)


def test_what_is_known_is_not_asked_for_again_until_it_is_old(
    checking: Campaign, running: Dialer, look_up: LookUp
) -> None:
    round_of(checking)
    again = first_checked(running(contacts=6, number_check={"url": look_up.url, "max_age_days": 10}))
    while round_of(again, timedelta(days=9)):
        pass
    assert look_up.numbers()[1:] == [["+12125600005"]]
    assert figures(again) == (0, 5, 1)
    later = first_checked(running(number_check={"url": look_up.url, "max_age_days": 10}))
    while round_of(later, timedelta(days=11)):
        pass
    assert len(look_up.numbers()[2]) == 5


def test_another_tenants_look_ups_are_its_own(checking: Campaign) -> None:
    round_of(checking)
    with tenant_scope(make_tenant("Stranger").pk):
        assert not CheckedNumber.objects.exists()
        assert not NumberHook.objects.exists()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((500, {}, b"out of order"), "answered 500"),
        ((200, {}, b"<html>"), "not of the form"),
        ((200, {}, b'{"results": [{"number": "+12125600000", "dialable": "yes"}]}'), "not of the form"),
        ((200, {}, b'{"results": []}'), "says nothing of 5 of 5 numbers"),
        ((200, {}, b" " * 1_100_000), "more than 256 KB"),
        ((302, {"Location": "http://127.0.0.1:1/secret"}, b""), "answered 302"),
        ((307, {"Location": "/elsewhere"}, b""), "answered 307"),
        ((200, {"Content-Length": "500"}, b"{}"), "cannot be reached"),
    ],
)
def test_an_answer_that_is_none_keeps_contacts_and_is_asked_for_later(
    checking: Campaign, look_up: LookUp, answer: tuple[int, dict[str, str], bytes], why: str
) -> None:
    look_up.answer = answer
    assert round_of(checking) == 0
    assert figures(checking) == (5, 0, 0)
    assert why in trouble(checking)
    assert [(n.kind, n.detail) for n in noticed(checking)] == [("number_check_failing", trouble(checking))]
    assert look_up.visited == []
    assert round_of(checking, timedelta(seconds=9)) == 0
    assert campaigns_to_check(now=NOW + timedelta(seconds=9)) == []
    assert len(look_up.asked) == 1

    assert round_of(checking, timedelta(seconds=10)) == 0
    assert round_of(checking, timedelta(seconds=29)) == 0
    assert len(look_up.asked) == 2
    look_up.answer = None
    assert round_of(checking, timedelta(seconds=30)) == 5
    assert trouble(checking) == ""
    assert noticed(checking) == []


def test_a_server_that_does_not_answer_in_time(
    checking: Campaign, look_up: LookUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(number_hook, "TIMEOUT_S", 0.3)
    look_up.hang = threading.Event()
    assert round_of(checking) == 0
    look_up.hang.set()
    assert "no answer in time" in trouble(checking)
    assert figures(checking) == (5, 0, 0)


def test_our_own_network_is_not_reached(checking: Campaign, look_up: LookUp, settings: Settings) -> None:
    settings.NUMBER_CHECK_ALLOW_PRIVATE_ADDRESSES = False
    assert round_of(checking) == 0
    assert "The address is private" in trouble(checking)
    assert look_up.asked == []


def test_while_one_asks_nobody_else_does(checking: Campaign, look_up: LookUp) -> None:
    with tenant_scope(checking.tenant_id):
        hook = NumberHook.objects.create(
            campaign=checking, secret="whsec_AAAA", leased_until=NOW + timedelta(minutes=1)
        )
    assert round_of(checking) == 0
    assert look_up.asked == []
    assert campaigns_to_check(now=NOW) == []
    assert round_of(checking, timedelta(minutes=1)) == 5  # whoever had it died
    with tenant_scope(checking.tenant_id):
        hook.refresh_from_db()
        assert hook.leased_until is None


@pytest.mark.parametrize("state", [CampaignState.PAUSED, CampaignState.STOPPED])
def test_a_campaign_that_does_not_run_asks_nobody(
    checking: Campaign, look_up: LookUp, state: CampaignState
) -> None:
    with tenant_scope(checking.tenant_id):
        Campaign.objects.filter(pk=checking.pk).update(state=state)
    assert round_of(checking) == 0
    assert campaigns_to_check(now=NOW) == []
    assert look_up.asked == []


def test_without_a_check_any_more_contacts_go_on(checking: Campaign, look_up: LookUp) -> None:
    with tenant_scope(checking.tenant_id):
        Campaign.objects.filter(pk=checking.pk).update(config=checking.config | {"number_check": None})
    assert round_of(checking) == 5
    assert figures(checking) == (0, 5, 0)
    assert look_up.asked == []


def test_a_check_that_is_added_later_holds_for_those_who_wait(running: Dialer, look_up: LookUp) -> None:
    campaign = running()
    with tenant_scope(campaign.tenant_id):
        config = config_of(campaign)
        changed = config.model_copy(update={"number_check": NumberCheck(url=look_up.url)})
        lifecycle.change_campaign(campaign=campaign, config=changed)
    assert figures(campaign) == (5, 0, 0)
