"""The same with a Kamailio edge in front of the lines: in and out through it, full, and a line is killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bench.sip_caller import sdp
from tests.edge.peer import Call, Peer, authorization, called
from tests.journeys.byoc import AGENT, TALK, Site, holder_of, silent_port, telephone
from tests.journeys.client import turns_of
from tests.journeys.stack import Stack
from tests.sip import rtp, sipp
from tests.sip.carrier import PASSWORD, USER, Carrier, carrier
from tests.sip.ports import free_port
from tests.sip.registrar import Registrar, registrar
from tests.sip.wait import until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

NODE, EDGE = "127.0.0.40", "127.0.0.41"
OUTSIDE = "127.0.0.1"
ROAMER, STRANGER = "127.0.0.61", "127.0.0.62"
DOMAIN = "sip.test"
LINES, CAPACITY = 2, 4
MAIN, ROAMING, DEVICE = "+12025553101", "+12025553102", "+12025553103"
PERSON, CALLER = "+12025550191", "+12025550192"
INBOUND_USER, INBOUND_PASSWORD = "pbx-7", "a battery staple"


@dataclass
class Byoc:
    """The program behind its edge, and a carrier with a proxy, a registrar and a telephone."""

    site: Site
    edge: tuple[str, int]
    proxy: Carrier
    registrar: Registrar
    phone_port: int

    @property
    def place(self) -> str:
        return f"{self.edge[0]}:{self.edge[1]}"

    def peer(self, host: str = OUTSIDE) -> Peer:
        return Peer(self.edge, host)

    def call(self, peer: Peer, number: str = MAIN) -> Call:
        """An INVITE is on its way. Who waits for one call's answer misses those of the peer's others."""
        call = Call(peer, f"sip:{number}@{self.place}")
        call.invite()
        return call

    def going_on(self, number: str = MAIN) -> list[str]:
        """The ids of the answered calls to `number`."""
        calls = self.site.api.get("/calls", to_number=number, live="true")["results"]
        return [c["id"] for c in calls if c["answered_at"]]

    def until_quiet(self) -> None:
        """Returns when no call goes on."""
        until(lambda: not self.site.api.get("/calls", live="true")["results"], "all calls are over")


@pytest.fixture(scope="module")
def byoc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Byoc]:
    port, phone_port = free_port(EDGE), free_port()
    listen = f"udp:{EDGE}:{port},tcp:{EDGE}:{port}"
    stack = Stack(
        tmp_path_factory.mktemp("edge"),
        media_lines=LINES,
        SIP_HOST=NODE,
        EDGE="true",
        EDGE_LISTEN=listen,
        EDGE_WORKERS="2",
        SIP_DOMAIN=DOMAIN,
    )
    try:
        site = Site.start(stack)
        with carrier(phone_port, challenge="www") as proxy, registrar() as home:
            agent = site.api.agent("Clerk", AGENT)
            site.make_trunk(
                "Main",
                auth="digest",
                username=USER,
                password=PASSWORD,
                registration="outbound",
                registrar={"host": OUTSIDE, "port": home.port, "transport": "udp"},
                allowed_addresses=[OUTSIDE],
                headers_in={"X-Order": "order"},
                max_calls_per_second=50,
                gateways=[{"host": OUTSIDE, "port": proxy.port}],
            )
            site.make_number(MAIN, "Main", agent=agent)
            yield Byoc(site, (EDGE, port), proxy, home, phone_port)
    finally:
        stack.stop()


def test_the_carrier_calls_through_the_edge_and_the_agent_hangs_up(byoc: Byoc, tmp_path: Path) -> None:
    until(lambda: _known(byoc), "the edge knows the carrier's address")
    with rtp.RtpPeer() as peer:
        peer.play(TALK)
        keys = {"audio_port": str(peer.port), "order": "the roses", "number": MAIN}
        case = sipp.Case("uac_carrier_until_bye", byoc.edge, MAIN.removeprefix("+"), caller=CALLER, keys=keys)
        result = sipp.run(case, tmp_path)
    assert result.ok, result.messages + result.errors
    assert NODE not in "".join(m.text.partition("\n\n")[0] for m in result.log() if not m.sent)
    call = byoc.site.api.ended(byoc.site.api.find(to_number=MAIN, from_number=CALLER))
    assert call["end_reason"] == "agent_hung_up"
    assert turns_of(call, "agent") == ["Hello, this is about the roses.", "Goodbye."]
    assert peer.heard.speech_ms() > 1_000


def _known(byoc: Byoc) -> bool:
    """Whether a call to a number that nobody has is answered at all: strangers hear nothing."""
    with byoc.peer() as peer:
        call = byoc.call(peer, "+12025559999")
        answer = peer.hear(2)
        while answer is not None and answer.code < 200:
            answer = peer.hear(10)
        assert call.cseq
        return answer is not None and answer.code == 404


def test_a_call_with_a_password_comes_from_anywhere(byoc: Byoc) -> None:
    site = byoc.site
    agent = site.api.get("/agents")["results"][0]["id"]
    site.make_trunk(
        "Roaming",
        direction="inbound",
        inbound_auth="digest",
        inbound_username=INBOUND_USER,
        inbound_password=INBOUND_PASSWORD,
    )
    site.make_number(ROAMING, "Roaming", agent=agent)
    uri = f"sip:{ROAMING}@{site.trunk('Roaming')['slug']}.{DOMAIN}"
    until(lambda: _challenged(byoc, uri), "the edge knows the trunk")
    with byoc.peer(ROAMER) as peer:
        assert _with_password(peer, uri, "wrong").answer(30).code == 401
        call = _with_password(peer, uri, INBOUND_PASSWORD)
        assert call.answer(30).code == 200
        call_id = until(lambda: byoc.going_on(ROAMING), "the call is up")[0]
        assert call.ask("BYE").code == 200
    assert site.api.ended(call_id)["end_reason"] == "caller_hung_up"


def _challenged(byoc: Byoc, uri: str) -> bool:
    with byoc.peer(ROAMER) as peer:
        Call(peer, uri).invite()
        answer = peer.hear(1)
        return answer is not None and answer.code == 401


def _with_password(peer: Peer, uri: str, password: str) -> Call:
    call = Call(peer, uri)
    call.invite()
    challenge = call.answer(30)
    assert challenge.code == 401
    call.invite(authorization(challenge, "INVITE", uri, INBOUND_USER, password))
    return call


def test_a_stranger_hears_nothing(byoc: Byoc) -> None:
    with byoc.peer(STRANGER) as stranger:
        byoc.call(stranger)
        assert stranger.silent(1.0)


def test_a_call_goes_out_through_the_edge_past_a_dead_gateway_and_talks(byoc: Byoc, tmp_path: Path) -> None:
    """The edge says 100 at once, and has to see for the line that the gateway says nothing."""
    site = byoc.site
    with silent_port() as dead, telephone(byoc.phone_port, tmp_path) as (peer, phone):
        ways = [
            {"host": OUTSIDE, "port": port, "priority": n} for n, port in enumerate((dead, byoc.proxy.port))
        ]
        site.change_trunk("Main", gateways=ways, invite_timeout_ms=1_000)
        body = {"from_number": MAIN, "to_number": PERSON, "variables": {"order": "a parcel"}}
        call = site.api.ended(str(site.api.post("/calls", body)["id"]))
        assert phone.wait().ok, phone.messages()
    assert call["end_reason"] == "agent_hung_up", call
    assert turns_of(call, "agent") == ["Hello, this is about a parcel.", "Goodbye."]
    (failed,) = site.bodies(call["id"], "gateway_failed")
    assert failed["gateway"].startswith(f"{OUTSIDE}:{dead}")
    assert failed["sip_code"] == 408
    assert failed["after_ms"] < 20_000, "the trunk's time, not that of RFC 3261 (32 s)"
    assert peer.heard.speech_ms() > 1_000
    quality = until(lambda: (q := site.api.call(call["id"])["quality"])["mos"] and q, "the figures are in")
    assert quality["gateway"] == f"{OUTSIDE}:{byoc.proxy.port}/udp"
    assert quality["mos"] > 4
    assert quality["pdd_ms"] is not None
    assert quality["remote_agent"] == "telephone"
    invite = next(m for m in phone.messages().split("\n\n") if "INVITE sip:" in m)
    assert NODE not in invite, invite


def test_the_person_called_hangs_up(byoc: Byoc) -> None:
    """Through a trunk whose gateway is a server of our own, by its name."""
    site = byoc.site
    with byoc.peer(ROAMER) as far:
        site.make_trunk(
            "Far", direction="outbound", gateways=[{"host": far.host, "port": far.port}], auth="ip"
        )
        site.make_number("+12025553110", "Far", agent=site.api.get("/agents")["results"][0]["id"])
        body = {"from_number": "+12025553110", "to_number": PERSON}
        call_id = str(site.api.post("/calls", body)["id"])
        invite = far.request("INVITE", 60)
        far.respond(invite, 200, "OK", sdp(41_000, address=far.host), to_tag="far")
        far.request("ACK")
        assert called(far, invite, "far").ask("BYE").code == 200
    assert site.api.ended(call_id)["end_reason"] == "callee_hung_up"


def test_the_contact_that_is_registered_names_the_edge(byoc: Byoc) -> None:
    site = byoc.site
    until(lambda: site.registration("Main")["state"] == "registered", "the trunk is registered")
    (contact,) = byoc.registrar.contacts(USER)
    slug = site.trunk("Main")["slug"]
    assert contact == f"sip:{slug}@{byoc.place}"
    with byoc.peer() as peer:
        call = Call(peer, contact)
        call.theirs = f"<sip:{MAIN}@carrier.test>"
        call.invite()
        assert call.answer(30).code == 200
        assert call.ask("BYE").code == 200


def test_a_phone_registers_here_and_is_called(byoc: Byoc) -> None:
    site = byoc.site
    site.make_trunk(
        "Device",
        registration="inbound",
        inbound_auth="digest",
        inbound_username="phone-9",
        inbound_password=INBOUND_PASSWORD,
    )
    site.make_number(DEVICE, "Device", agent=site.api.get("/agents")["results"][0]["id"])
    domain = f"{site.trunk('Device')['slug']}.{DOMAIN}"
    with byoc.peer(ROAMER) as phone:
        until(lambda: _registers(phone, domain), "the phone is registered", every_s=1)
        (device,) = until(lambda: site.trunk("Device")["state"]["devices"], "the device is shown")
        assert phone.place in device["contact"]
        call_id = str(site.api.post("/calls", {"from_number": DEVICE, "to_number": PERSON})["id"])
        invite = phone.request("INVITE", 60)
        assert f"sip:{PERSON}@{domain}" in invite.header("To")
        phone.respond(invite, 486, "Busy Here", to_tag="busy")
        phone.request("ACK")
    ended = site.api.ended(call_id)
    assert (ended["end_reason"], ended["sip_code"]) == ("busy", 486)


def _registers(phone: Peer, domain: str) -> bool:
    """Whether the edge takes the registration; it knows nothing of a new trunk for a second."""
    uri = f"sip:{domain}"
    dialog = Call(phone, uri)
    dialog.ours, dialog.theirs = f"<sip:phone-9@{domain}>;tag=1", f"<sip:phone-9@{domain}>"
    dialog.send("REGISTER")
    challenge = phone.hear(3)
    if challenge is None or challenge.code != 401:
        return False
    proof = authorization(challenge, "REGISTER", uri, "phone-9", INBOUND_PASSWORD)
    dialog.send("REGISTER", headers=f"{proof}\nExpires: 120")
    return phone.response("REGISTER").code == 200


def test_when_all_lines_are_full_the_next_call_is_told_to_come_back(byoc: Byoc) -> None:
    byoc.until_quiet()
    with byoc.peer() as peer:
        calls = []
        for _ in range(LINES * CAPACITY):
            call = byoc.call(peer)
            assert call.answer(30).code == 200
            calls.append(call)
        refused = byoc.call(peer).answer(30)
        assert refused.code == 503
        assert int(refused.header("Retry-After")) > 0
        for call in calls:
            assert call.ask("BYE").code == 200
        byoc.until_quiet()
        again = byoc.call(peer)
        assert again.answer(30).code == 200
        assert again.ask("BYE").code == 200


def test_a_line_is_killed_in_mid_traffic_and_the_others_carry_on(byoc: Byoc) -> None:
    byoc.until_quiet()
    with byoc.peer() as peer:
        first = byoc.call(peer)
        assert first.answer(30).code == 200
        second = byoc.call(peer)
        assert second.answer(30).code == 200
        ids = until(lambda: len(found := byoc.going_on()) == 2 and found, "both are up")
        os.kill(holder_of(byoc.site.stack.sip_port), signal.SIGKILL)
        during = []
        for _ in range(2):
            during.append(byoc.call(peer))
            assert during[-1].answer(30).code == 200
        lost = until(
            lambda: [c for c in map(byoc.site.api.call, ids) if c["ended_at"]], "one call is told as lost"
        )
        assert [c["end_reason"] for c in lost] == ["node_lost"]
        assert lost[0]["end_detail"] == "The line process that carried the call died."
        assert [call.ask("BYE").code for call in during] == [200, 200]
        (alive,) = set(ids) - {lost[0]["id"]}
        first.send("BYE")
        second.send("BYE")
        assert byoc.site.api.ended(alive)["end_reason"] == "caller_hung_up"
    until(lambda: _takes_all(byoc), "the line is back and both take calls", 60, every_s=1)


def _takes_all(byoc: Byoc) -> bool:
    """Whether there is room for as many calls as both lines carry."""
    with byoc.peer() as peer:
        calls, codes = [], []
        while len(calls) < LINES * CAPACITY and set(codes) <= {200}:
            calls.append(byoc.call(peer))
            codes.append(calls[-1].answer(30).code)
        for call, code in zip(calls, codes, strict=True):
            assert code != 200 or call.ask("BYE").code == 200
        byoc.until_quiet()
        return set(codes) == {200}
