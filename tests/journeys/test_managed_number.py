"""A number is ordered from a carrier, called, called from, paid for and given back: all of it as in earnest,
but that the carrier's API and its telephone network are servers of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from telephony.carriers.twilio import TwilioCarrier
from tests.edge.peer import Call, Peer
from tests.fakes.twilio_server.server import Offer, TwilioServer, twilio_server
from tests.journeys.byoc import AGENT, Site, telephone
from tests.journeys.client import Json, turns_of
from tests.journeys.stack import Stack
from tests.sip.carrier import Carrier, carrier
from tests.sip.ports import free_port
from tests.sip.wait import until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

OURS, TAKEN, PERSON = "+12065550123", "+12065550124", "+12065550177"
MONTH, MINUTE = 1_150_000, "0.0085"
STRANGER = "127.0.0.78"


@dataclass
class Managed:
    """The running program, Twilio's API, and its telephone network: a proxy that wants our password."""

    site: Site
    twilio: TwilioServer
    proxy: Carrier
    phone_port: int
    order: Json

    @property
    def number(self) -> Json:
        return self.site.api.get(f"/numbers/{self.order['number']}")

    def answer_to(self, host: str) -> Call:
        """A call to our number from `host`, not yet answered."""
        call = Call(Peer(self.site.stack.sip, host), f"sip:{OURS}@127.0.0.1:{self.site.stack.sip_port}")
        call.invite()
        return call


@pytest.fixture(scope="module")
def managed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Managed]:
    phone_port = free_port()
    with twilio_server() as twilio, _network(twilio, phone_port) as proxy:
        stack = Stack(
            tmp_path_factory.mktemp("managed"),
            TWILIO_ACCOUNT_SID=twilio.sid,
            TWILIO_AUTH_TOKEN=twilio.token,
            TWILIO_API_BASE=twilio.url,
            TWILIO_SIP_GATEWAYS=f"udp:127.0.0.1:{proxy.port}",
            TWILIO_SIP_NETWORKS="127.0.0.1/32",
            CARRIER_SIP_URIS="sip:sip.example.com:5060;transport=udp",
        )
        try:
            site = Site.start(stack)
            twilio.sells(Offer(OURS, locality="Seattle", region="WA"), month="1.15")
            _sell_minutes(stack, twilio)
            yield Managed(site, twilio, proxy, phone_port, _ordered(site))
        finally:
            stack.stop()
        assert twilio.faults == []


def _network(twilio: TwilioServer, phone_port: int) -> Any:
    """Asks for the password that the program will have: it is made of what both of us know."""
    with override_settings(**twilio.settings):
        return carrier(phone_port, challenge="proxy", password=TwilioCarrier().dialing().password)


def _sell_minutes(stack: Stack, twilio: TwilioServer) -> None:
    """What the carrier says that minutes cost becomes what they cost here."""
    prefix = {
        "destination_prefixes": ["1"],
        "origination_prefixes": ["ALL"],
        "friendly_name": "United States",
        "base_price": MINUTE,
        "current_price": MINUTE,
    }
    inbound = {"number_type": "local", "base_price": MINUTE, "current_price": MINUTE}
    twilio.account.call_prices["US"] = {
        "terminating_prefix_prices": [prefix],
        "originating_call_prices": [inbound],
    }
    stack.run(
        "from django.core.management import call_command\n"
        "call_command('carrier_rates', 'twilio', 'US', margin=0, step=1)"
    )


def _ordered(site: Site) -> Json:
    agent = site.api.agent("Clerk", AGENT)
    [found] = site.api.get("/numbers/available", country="US", carrier="twilio")["results"]
    agreed = {name: found[name] for name in ("carrier", "e164", "monthly_micros", "setup_micros")}
    order = site.api.post("/numbers/orders", {**agreed, "agent": agent, "label": "Front desk"})
    return _ended(site, order["id"])


def _ended(site: Site, order_id: str) -> Json:
    """The order, as soon as it is the customer's number, or will never be."""

    def over() -> Json:
        told = site.api.get(f"/numbers/orders/{order_id}")
        return told if told["state"] in ("active", "failed") else {}

    return until(over, "the order is over", 60, every_s=0.3)


def test_the_number_is_ours_and_paid(managed: Managed) -> None:
    twilio = managed.twilio.account
    assert managed.order["state"] == "active", managed.order
    assert twilio.charged == [OURS]
    [row], [trunk] = twilio.all("PN"), twilio.all("TK")
    assert row["trunk_sid"] == trunk["sid"]
    assert managed.number["e164"] == OURS
    assert _charges(managed) == [-managed.order["monthly_micros"]]
    assert managed.order["monthly_micros"] >= MONTH


def _charges(managed: Managed) -> list[int]:
    """What the wallet gave for numbers."""
    entries = managed.site.api.get("/billing/entries", kind="number")["results"]
    return [entry["amount_micros"] for entry in entries]


def test_it_calls_with_the_password_that_the_carrier_was_told(managed: Managed, tmp_path: Path) -> None:
    api = managed.site.api
    with telephone(managed.phone_port, tmp_path) as (_, phone):
        body = {"from_number": OURS, "to_number": PERSON, "variables": {"order": "a parcel"}}
        call = api.ended(str(api.post("/calls", body)["id"]))
        assert phone.wait().ok, phone.messages()

    assert call["end_reason"] == "agent_hung_up", call
    assert turns_of(call, "agent") == ["Hello, this is about a parcel.", "Goodbye."]
    [password] = managed.twilio.account.passwords.values()
    assert password == _password(managed.twilio)
    codes = [m["status"] for m in managed.site.ladder(call["id"]) if m["direction"] == "in"]
    assert 407 in codes
    assert 200 in codes
    lines = {line["component"]: line["amount_micros"] for line in call["cost"]["lines"]}
    assert lines["telephony"] > 0


def _password(twilio: TwilioServer) -> str:
    with override_settings(**twilio.settings):
        return TwilioCarrier().dialing().password


def test_it_is_called_from_the_carrier_alone(managed: Managed) -> None:
    call = managed.answer_to(STRANGER)
    with call.peer:
        assert call.answer(30).code == 403

    call = managed.answer_to("127.0.0.1")
    with call.peer:
        answer = call.answer(30)
        assert answer.code == 200, answer.text
        assert call.ask("BYE").code == 200


def test_a_number_that_somebody_else_took_costs_nothing(managed: Managed) -> None:
    api = managed.site.api
    managed.twilio.sells(Offer(TAKEN))
    agreed = managed.order["monthly_micros"]
    body = {"carrier": "twilio", "e164": TAKEN, "monthly_micros": agreed, "setup_micros": 0}
    managed.twilio.trouble(
        "POST", "/IncomingPhoneNumbers.json", status=400, code=21422, message="Not available"
    )
    told = _ended(managed.site, api.post("/numbers/orders", body)["id"])

    assert (told["state"], told["problem_code"]) == ("failed", "unavailable")
    assert "Search again" in told["problem"]
    assert managed.twilio.account.charged == [OURS]
    assert len(_charges(managed)) == 1
    until(lambda: api.get("/billing/wallet")["held_micros"] == 0, "nothing is held any more")


def test_it_is_given_back(managed: Managed) -> None:
    path = f"/numbers/{managed.order['number']}"
    refused = managed.site.api.http.delete(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    response = managed.site.api.http.delete(path, params={"confirm": OURS})
    assert response.status_code == 204, response.text

    until(lambda: managed.twilio.account.released == [OURS], "the carrier has it back", 60)
    assert managed.twilio.account.owned == []
