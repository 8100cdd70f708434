"""A customer brings a carrier: registered, called and calling, refused where it must be, and what dies."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.bench.sip_caller import Message, ProbeError
from tests.edge.peer import Call, Peer
from tests.journeys.byoc import AGENT, TALK, SecondNode, Site, holder_of, silent_port, telephone
from tests.journeys.client import Json, turns_of
from tests.journeys.conftest import World
from tests.sip import rtp, sipp
from tests.sip.carrier import PASSWORD, USER, Carrier, carrier
from tests.sip.ports import free_port
from tests.sip.registrar import Registrar, registrar
from tests.sip.wait import until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

MAIN, SMALL, SECURE, UNSPOKEN = "+12025553001", "+12025553002", "+12025553003", "+12025553004"
PERSON, FALLBACK, CALLER, CALLER_BY_CONTACT = "+12025550181", "+12025550182", "+12025550183", "+12025550184"
STRANGER = "127.0.0.77"
ORDERS = {CALLER: "the roses", CALLER_BY_CONTACT: "the tulips"}


@dataclass
class Byoc:
    """The program, and a carrier that has a dead gateway, a proxy, a registrar and a telephone."""

    site: Site
    proxy: Carrier
    inbound_proxy: Carrier
    registrar: Registrar
    phone_port: int
    dead_port: int
    first_call: Json
    heard: rtp.Heard

    @property
    def sip(self) -> tuple[str, int]:
        return self.site.stack.sip

    def invite(self, number: str, host: str = "127.0.0.1") -> tuple[Peer, Call]:
        peer = Peer(self.sip, host)
        call = Call(peer, f"sip:{number}@127.0.0.1:{self.sip[1]}")
        call.invite()
        return peer, call

    def answer_to(self, number: str, host: str = "127.0.0.1") -> Message:
        peer, call = self.invite(number, host)
        with peer:
            return call.answer(30)


@pytest.fixture(scope="module")
def byoc(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Byoc]:
    """The first call goes out at once: nobody knows yet that the trunk's first gateway is dead."""
    site = Site(world.stack, world.api)
    phone_port = free_port()
    with (
        carrier(phone_port, challenge="proxy") as proxy,
        carrier(world.stack.sip_port) as inbound_proxy,
        registrar() as home,
        silent_port() as dead_port,
    ):
        agent = site.api.agent("Clerk", AGENT)
        unpublished = site.api.agent("Without a word", AGENT, publish=False)
        with telephone(phone_port, tmp_path_factory.mktemp("phone")) as (peer, phone):
            _make_main_trunk(site, proxy, home, dead_port)
            site.make_number(MAIN, "Main", agent=agent, capture_rtp=True)
            call_id = _place(site, order="a parcel")
            _make_other_trunks(site, agent, unpublished)
            first_call = site.api.ended(call_id)
            assert phone.wait().ok, phone.messages()
        yield Byoc(site, proxy, inbound_proxy, home, phone_port, dead_port, first_call, peer.heard)
        site.close()


def _make_main_trunk(site: Site, proxy: Carrier, home: Registrar, dead_port: int) -> None:
    site.make_trunk(
        "Main",
        auth="digest",
        username=USER,
        password=PASSWORD,
        registration="outbound",
        registrar={"host": "127.0.0.1", "port": home.port, "transport": "udp"},
        invite_timeout_ms=1_000,
        headers_in={"X-Order": "order"},
        headers_out={"X-Call": "{{call_id}}"},
        allowed_addresses=["127.0.0.1"],
        max_calls_per_second=10,
        gateways=[
            {"host": "127.0.0.1", "port": dead_port, "priority": 1},
            {"host": "127.0.0.1", "port": proxy.port, "priority": 2},
        ],
    )


def _make_other_trunks(site: Site, agent: str, unpublished: str) -> None:
    inbound = {"direction": "inbound", "allowed_addresses": ["127.0.0.1"]}
    site.make_trunk("Small", max_concurrent_calls=1, **inbound)
    site.make_trunk("Secure", srtp="required", **inbound)
    site.make_number(SMALL, "Small", agent=agent)
    site.make_number(SECURE, "Secure", agent=agent)
    site.make_number(UNSPOKEN, "Main", agent=unpublished, fallback_number=FALLBACK)


def _place(site: Site, **variables: str) -> str:
    body = {"from_number": MAIN, "to_number": PERSON, "variables": variables}
    return str(site.api.post("/calls", body)["id"])


# --- outbound -------------------------------------------------------------------------------------


def test_a_call_passes_a_dead_gateway_over_and_talks(byoc: Byoc) -> None:
    call = byoc.first_call
    assert call["end_reason"] == "agent_hung_up", call
    assert turns_of(call, "agent") == ["Hello, this is about a parcel.", "Goodbye."]
    assert [text.lower() for text in turns_of(call, "caller")] == ["goodbye"]
    (failed,) = byoc.site.bodies(call["id"], "gateway_failed")
    assert failed["gateway"].startswith(f"127.0.0.1:{byoc.dead_port}")
    assert failed["sip_code"] == 408
    assert failed["after_ms"] >= 1_000
    assert byoc.heard.speech_ms() > 1_000
    assert byoc.heard.lost == 0


def test_the_call_tells_how_it_was_set_up_and_how_it_sounded(byoc: Byoc) -> None:
    call_id = byoc.first_call["id"]
    quality = until(lambda: (q := byoc.site.api.call(call_id)["quality"])["mos"] and q, "the figures are in")
    assert quality["gateway"] == f"127.0.0.1:{byoc.proxy.port}/udp"
    assert (quality["codec"].upper(), quality["ptime_ms"], quality["transport"]) == ("PCMU", 20, "udp")
    assert quality["mos"] > 4
    assert quality["one_way"] == ""
    assert quality["remote_agent"] == "telephone"
    assert 0 <= quality["pdd_ms"] <= quality["setup_ms"]
    dead, answered = quality["legs"]
    assert dead["failed"]["sip_code"] == 408
    assert answered["failed"] is None
    assert answered["received"]["packets"] > 100
    assert answered["received"]["lost"] == 0


def test_the_ladder_has_both_legs_and_no_credentials(byoc: Byoc) -> None:
    ladder = byoc.site.ladder(byoc.first_call["id"])
    lines = [(m["leg"], m["direction"], m["method"], m["status"]) for m in ladder]
    assert (0, "out", "INVITE", None) in lines
    for step in (
        ("out", "INVITE", None),
        ("in", "INVITE", 407),
        ("in", "INVITE", 180),
        ("in", "INVITE", 200),
        ("out", "ACK", None),
        ("out", "BYE", None),
        ("in", "BYE", 200),
    ):
        assert (1, *step) in lines, step
    headers = [dict(m["headers"]) for m in ladder if m["leg"] == 1 and m["method"] == "INVITE"]
    assert headers[0]["X-Call"] == byoc.first_call["id"]
    proof = [h["Proxy-Authorization"] for h in headers if "Proxy-Authorization" in h]
    assert proof
    assert PASSWORD not in str(ladder)
    assert not any('response="' in p and "***" not in p for p in proof), proof


def test_tshark_reads_the_packets(byoc: Byoc, tmp_path: Path) -> None:
    call_id = byoc.first_call["id"]
    until(lambda: byoc.site.api.call(call_id)["capture"], "the captured RTP is in")
    path = byoc.site.pcap(call_id, tmp_path / "call.pcap")
    sip = _tshark(path, "sip", "sip.Method", "sip.Status-Code")
    assert ["INVITE", ""] in sip
    assert ["", "200"] in sip
    audio = _tshark(path, "rtp", "rtp.p_type")
    assert len(audio) > 200
    assert {row[0] for row in audio} <= {"0", "101"}
    assert not _tshark(path, "_ws.malformed", "frame.number")


def _tshark(path: Path, what: str, *fields: str) -> list[list[str]]:
    command = ["tshark", "-r", str(path), "-o", "rtp.heuristic_rtp:TRUE", "-Y", what, "-T", "fields"]
    command += [part for name in fields for part in ("-e", name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def test_the_trunk_counts_the_call(byoc: Byoc) -> None:
    path = f"/trunks/{byoc.site.trunks['Main']}/stats"
    totals = byoc.site.api.get(path, period="24h", direction="outbound")["totals"]
    assert (totals["attempts"], totals["answered"], totals["asr"]) == (1, 1, 1.0)
    assert totals["mos"] > 4
    assert totals["pdd_p50_ms"] == byoc.site.api.call(byoc.first_call["id"])["quality"]["pdd_ms"]
    assert totals["peak"] == 1


def test_the_trunk_is_registered_and_its_gateways_are_known(byoc: Byoc) -> None:
    site = byoc.site
    until(lambda: site.registration("Main")["state"] == "registered", "the trunk is registered")
    assert site.registration("Main")["node"] == "node-1"
    assert site.registration("Main")["last_error"] == ""
    slug = site.trunk("Main")["slug"]
    (contact,) = byoc.registrar.contacts(USER)
    assert contact == f"sip:{slug}@127.0.0.1:{byoc.sip[1]}"
    until(lambda: site.health("Main")[byoc.dead_port]["state"] == "down", "the dead one is down")
    assert site.health("Main")[byoc.dead_port]["last_error"]
    until(lambda: site.health("Main")[byoc.proxy.port]["state"] == "up", "the proxy is up")
    assert site.health("Main")[byoc.proxy.port]["rtt_ms"] is not None


# --- inbound --------------------------------------------------------------------------------------


@dataclass
class Inbound:
    records: dict[str, Json]
    heard: dict[str, rtp.Heard]


@pytest.fixture(scope="module")
def inbound(byoc: Byoc, tmp_path_factory: pytest.TempPathFactory) -> Inbound:
    """At the same time: by the carrier's proxy, without +; and to the contact that we have registered."""
    until(lambda: byoc.registrar.contacts(USER), "the trunk is registered")
    work = tmp_path_factory.mktemp("inbound")
    slug = byoc.site.trunk("Main")["slug"]
    ways = {
        CALLER: (("127.0.0.1", byoc.inbound_proxy.port), MAIN.removeprefix("+")),
        CALLER_BY_CONTACT: (byoc.sip, slug),
    }
    heard, running = {}, {}
    with rtp.RtpPeer() as one, rtp.RtpPeer() as two:
        for peer, (who, (to, user)) in zip((one, two), ways.items(), strict=True):
            peer.play(TALK)
            keys = {"audio_port": str(peer.port), "order": ORDERS[who], "number": MAIN}
            case = sipp.Case("uac_carrier_until_bye", to, user, caller=who, keys=keys)
            running[who], heard[who] = sipp.start(case, work / who), peer.heard
        for each in running.values():
            result = each.wait()
            assert result.ok, result.messages + result.errors
    ids = {who: byoc.site.api.find(to_number=MAIN, from_number=who) for who in ways}
    return Inbound({who: byoc.site.api.ended(call_id) for who, call_id in ids.items()}, heard)


@pytest.mark.parametrize("who", [CALLER, CALLER_BY_CONTACT])
def test_the_carrier_calls_and_its_header_is_spoken(inbound: Inbound, who: str) -> None:
    call = inbound.records[who]
    assert call["end_reason"] == "agent_hung_up", call
    assert call["variables"]["order"] == ORDERS[who]
    assert turns_of(call, "agent") == [f"Hello, this is about {ORDERS[who]}.", "Goodbye."]
    assert inbound.heard[who].speech_ms() > 1_000
    assert call["quality"]["codec"].upper() == "PCMU"
    assert call["quality"]["setup_ms"] is not None


def test_over_the_limit_is_told_when_to_come_back(byoc: Byoc) -> None:
    peer, call = byoc.invite(SMALL)
    with peer:
        assert call.answer(30).code == 200
        refused = byoc.answer_to(SMALL)
        assert refused.code == 503
        assert int(refused.header("Retry-After")) > 0
        assert call.ask("BYE").code == 200
    peer, call = until(lambda: _answered(byoc, SMALL), "there is room again")
    with peer:
        assert call.ask("BYE").code == 200


def _answered(byoc: Byoc, number: str) -> tuple[Peer, Call] | None:
    """A call that is up; None when it is refused, or nobody is there to answer it."""
    peer, call = byoc.invite(number)
    with contextlib.suppress(ProbeError):
        if call.answer(5).code == 200:
            return peer, call
    peer.sock.close()
    return None


def test_a_stranger_is_refused(byoc: Byoc) -> None:
    assert byoc.answer_to(MAIN, STRANGER).code == 403
    assert byoc.answer_to("+12025559999", STRANGER).code == 404
    slug = byoc.site.trunk("Main")["slug"]
    assert byoc.answer_to(slug, STRANGER).code in {403, 404}


def test_audio_in_clear_is_refused_where_srtp_is_required(byoc: Byoc) -> None:
    assert byoc.answer_to(SECURE).code == 488
    call = byoc.site.api.get("/calls", to_number=SECURE)["results"][0]
    assert call["end_reason"] == "no_codec"
    assert "SRTP" in call["end_detail"]


def test_without_an_agent_the_fallback_number_is_called(byoc: Byoc, tmp_path: Path) -> None:
    tone = rtp.tone(440, 1) * 20
    with telephone(byoc.phone_port, tmp_path / "phone", says=tone) as (far, phone), rtp.RtpPeer() as near:
        near.play(tone)
        keys = {"audio_port": str(near.port)}
        case = sipp.Case("uac_media_elsewhere", byoc.sip, UNSPOKEN, caller=CALLER, keys=keys, stay_ms=1_500)
        result = sipp.run(case, tmp_path / "caller")
        assert result.ok, result.messages + result.errors
        assert phone.wait().ok, phone.messages()
    assert near.heard.speech_ms() > 500
    assert far.heard.speech_ms() > 500
    call = byoc.site.api.ended(byoc.site.api.find(to_number=UNSPOKEN, from_number=CALLER))
    assert call["end_reason"] == "caller_hung_up"
    (forwarded,) = byoc.site.bodies(call["id"], "forwarded")
    assert forwarded["to_number"] == FALLBACK
    caller, fallback = call["quality"]["legs"]
    assert (caller["direction"], fallback["direction"]) == ("in", "out")
    assert fallback["gateway"] == f"127.0.0.1:{byoc.proxy.port}/udp"


# --- what dies ------------------------------------------------------------------------------------


def test_a_killed_line_is_told_in_words_and_comes_back(byoc: Byoc) -> None:
    peer, call = byoc.invite(MAIN)
    with peer:
        assert call.answer(30).code == 200
        call_id = until(lambda: _going_on(byoc), "the call is up")
        os.kill(holder_of(byoc.sip[1]), signal.SIGKILL)
        ended = byoc.site.api.ended(call_id)
    assert ended["end_reason"] == "node_lost"
    assert ended["end_detail"] == "The line process that carried the call died."
    assert ended["end_words"]
    peer, call = until(lambda: _answered(byoc, MAIN), "the line is back")
    with peer:
        assert call.ask("BYE").code == 200


def _going_on(byoc: Byoc) -> str:
    calls: list[dict[str, Any]] = byoc.site.api.get("/calls", to_number=MAIN)["results"]
    return next((c["id"] for c in calls if c["answered_at"] and not c["ended_at"]), "")


def test_a_killed_node_registers_again(byoc: Byoc) -> None:
    until(lambda: byoc.site.registration("Main")["state"] == "registered", "the trunk is registered")
    before = {binding["Call-ID"] for binding in byoc.registrar.bindings(USER)}
    byoc.site.stack.kill("node")
    until(
        lambda: {binding["Call-ID"] for binding in byoc.registrar.bindings(USER)} - before,
        "it has registered again",
        60,
    )
    until(lambda: byoc.site.registration("Main")["state"] == "registered", "and told so")


def test_another_node_takes_the_registration_of_a_dead_one(byoc: Byoc) -> None:
    site, second = byoc.site, SecondNode(byoc.site.stack)
    try:
        until(lambda: site.registration("Main")["state"] == "registered", "the first node is back")
        until(lambda: second.is_live(site), "the second node is known")
        site.make_trunk(
            "Second",
            direction="inbound",
            username="trunk-2",
            password=PASSWORD,
            registration="outbound",
            registrar={"host": "127.0.0.1", "port": byoc.registrar.port, "transport": "udp"},
        )
        until(lambda: site.registration("Second")["state"] == "registered", "it is registered")
        assert site.registration("Second")["node"] == second.name
        (contact,) = byoc.registrar.contacts("trunk-2")
        assert contact.endswith(f":{second.sip_port}")
    finally:
        second.kill()
    until(lambda: site.registration("Second")["node"] == "node-1", "node-1 has taken it over", 60)
    until(lambda: site.registration("Second")["state"] == "registered", "it is registered again")
    assert any(c.endswith(f":{byoc.sip[1]}") for c in byoc.registrar.contacts("trunk-2"))


def test_a_trunk_that_is_archived_is_registered_no_more(byoc: Byoc) -> None:
    assert byoc.registrar.contacts(USER)
    byoc.site.close()
    until(lambda: not byoc.registrar.contacts(USER), "the registration is taken back")
