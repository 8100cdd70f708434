"""The whole program with its edge in front: calls come in and go out through it, and it is told of trunks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.edge.peer import Call, Peer, authorization
from tests.journeys import agents
from tests.journeys.client import Client
from tests.journeys.conftest import MAKE_TENANT
from tests.journeys.stack import Stack
from tests.sip.ports import free_port
from tests.sip.wait import until

pytestmark = pytest.mark.journey

EDGE, CARRIER, PBX, STRANGER = "127.0.0.1", "127.0.0.51", "127.0.0.52", "127.0.0.53"
NUMBER, PBX_NUMBER, FROM = "+12025554001", "+12025554002", "+12025554010"


@dataclass
class World:
    stack: Stack
    api: Client
    edge: tuple[str, int]
    trunk: dict[str, Any]
    pbx: dict[str, Any]
    reminder: str

    def peer(self, host: str) -> Peer:
        return Peer(self.edge, host)

    def last(self, **fields: str) -> dict[str, Any] | None:
        """The newest call with these fields."""
        calls = self.api.get("/calls")["results"]
        return next((c for c in calls if all(c[name] == value for name, value in fields.items())), None)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    port = free_port()
    listen = f"udp:{EDGE}:{port},tcp:{EDGE}:{port}"
    stack = Stack(tmp_path_factory.mktemp("edge"), EDGE="true", EDGE_LISTEN=listen)
    try:
        stack.start()
        api = Client.open(stack.web_url, stack.run(MAKE_TENANT).strip())
        yield _furnish(stack, api, (EDGE, port))
    finally:
        stack.stop()


def _furnish(stack: Stack, api: Client, edge: tuple[str, int]) -> World:
    reception = api.agent("Reception", agents.reception())
    reminder = api.agent("Reminder", agents.reminder())
    trunk = api.post(
        "/trunks",
        {
            "name": "Carrier",
            "direction": "inbound",
            "allowed_addresses": [CARRIER],
            "max_concurrent_calls": 1,
        },
    )
    pbx = api.post(
        "/trunks",
        {
            "name": "PBX",
            "direction": "both",
            "registration": "inbound",
            "inbound_auth": "digest",
            "inbound_username": "office",
            "inbound_password": "a password of its own",
        },
    )
    for number, at, agent in ((NUMBER, trunk, reception), (PBX_NUMBER, pbx, reminder)):
        api.post("/numbers", {"carrier": "byoc", "e164": number, "trunk": at["id"], "agent": agent})
    api.post("/numbers", {"carrier": "sandbox", "e164": FROM, "agent": reminder})
    return World(stack, api, edge, trunk, pbx, reminder)


def call(peer: Peer, uri: str) -> Call:
    """Calls until the edge knows the trunk: it hears of it within a second."""
    attempt = Call(peer, uri)

    def heard() -> bool:
        attempt.invite()
        message = peer.hear(1.0)
        if message is not None:
            peer.inbox.appendleft(message)
        return message is not None

    until(heard, "the edge to answer")
    return attempt


def test_a_carrier_calls_the_trunks_own_address(world: World) -> None:
    with world.peer(CARRIER) as carrier, world.peer(STRANGER) as stranger:
        uri = f"sip:{NUMBER}@{world.trunk['slug']}.sip.localhost"
        attempt = call(carrier, uri)
        assert attempt.answer(30).code == 200
        # The trunk takes one call: the control plane's own word, which no other line is asked about.
        second = Call(carrier, uri)
        second.invite()
        refused = second.answer(30)
        assert (refused.code, refused.header("Retry-After")) == (503, "10")
        other = Call(stranger, uri)
        other.invite()
        assert stranger.silent(0.5)
        assert attempt.ask("BYE").code == 200
    told = until(lambda: world.last(to_number=NUMBER, state="ended", end_reason="caller_hung_up"), "the call")
    assert told["trunk"] == world.trunk["id"]


def test_a_pbx_registers_calls_and_is_called(world: World) -> None:
    domain = f"{world.pbx['slug']}.sip.localhost"
    with world.peer(PBX) as pbx:
        register = Call(pbx, f"sip:{domain}", caller="office")
        register.theirs = f"<sip:office@{domain}>"

        def challenged() -> Any:
            register.send("REGISTER")
            return pbx.hear(1.0)

        challenge = until(challenged, "the edge to know the trunk")
        headers = authorization(challenge, "REGISTER", f"sip:{domain}", "office", "a password of its own")
        register.send("REGISTER", headers=headers)
        assert pbx.response("REGISTER").code == 200

        uri = f"sip:{PBX_NUMBER}@{domain}"
        attempt = call(pbx, uri)
        challenge = attempt.answer(30)
        assert challenge.code == 401
        attempt.invite(authorization(challenge, "INVITE", uri, "office", "a password of its own"))
        assert attempt.answer(30).code == 200
        assert attempt.ask("BYE").code == 200

        def devices() -> Any:
            return world.api.get(f"/trunks/{world.pbx['id']}")["state"]["devices"]

        [device] = until(devices, "the device to be shown")
        assert device["contact"] == pbx.contact

        body = {"from_number": PBX_NUMBER, "to_number": "+12025554099", "agent": world.reminder}
        placed = world.api.post("/calls", body)["id"]
        invite = pbx.request("INVITE", 30)
        assert invite.text.startswith(f"INVITE {pbx.contact} ")
        pbx.respond(invite, 486, "Busy Here", to_tag="pbx")
        ended = until(lambda: _ended(world, placed), "the call to end")
        assert (ended["end_reason"], ended["sip_code"]) == ("busy", 486)


def _ended(world: World, call_id: str) -> dict[str, Any] | None:
    found = world.api.get(f"/calls/{call_id}")
    return found if found["state"] == "ended" else None


def test_an_agent_calls_a_phone_through_the_edge(world: World) -> None:
    body = {"from_number": FROM, "to_number": "+12025550107", "agent": world.reminder}
    placed = world.api.post("/calls", body)["id"]
    ended = until(lambda: _ended(world, placed), "the call to end")
    assert (ended["end_reason"], ended["sip_code"]) == ("busy", 486)


def test_calls_come_in_again_after_the_edge_has_died(world: World) -> None:
    world.stack.kill("edge")
    with world.peer(CARRIER) as carrier:
        attempt = call(carrier, f"sip:{NUMBER}@{EDGE}:{world.edge[1]}")
        assert attempt.answer(30).code == 200
        assert attempt.ask("BYE").code == 200
