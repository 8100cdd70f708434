"""Calls shared among lines: as many as fit, around those that are gone, through changes of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from ipaddress import ip_network

import pytest

from telephony.edge.kamailio.content import EdgeContent, LineEntry
from telephony.edge.kamailio.reload import listed
from tests.bench.sip_caller import Message, sdp
from tests.edge.kamailio import EDGE, RunningEdge, running_edge
from tests.edge.peer import Call, Dialog, Peer, called
from tests.sip.wait import until

pytestmark = pytest.mark.journey

CARRIER, LATER = "127.0.0.7", "127.0.0.8"
CAPACITY = 4


@dataclass
class Stage:
    """An edge with three lines behind it."""

    edge: RunningEdge
    lines: list[Peer]
    up: list[tuple[Call, Peer]] = field(default_factory=list)

    def entries(self, life: str) -> tuple[LineEntry, ...]:
        """The lines in a new life: nobody remembers what they carried."""
        return tuple(LineEntry(f"{life}/{line.place}", line.place, CAPACITY) for line in self.lines)

    def carrier(self, host: str = CARRIER) -> Peer:
        return Peer((EDGE, self.edge.port), host)

    def call(self, carrier: Peer) -> Call:
        call = Call(carrier, f"sip:+12025550100@{EDGE}:{self.edge.port}")
        call.invite()
        return call

    def ringing(self) -> tuple[Peer, Message]:
        """Whichever line gets the next call."""

        def anywhere() -> tuple[Peer, Message] | None:
            for line in self.lines:
                while (message := line.hear(0.005)) is not None:
                    if message.text.startswith("INVITE "):
                        return line, message
                    if message.text.startswith("OPTIONS "):
                        line.respond(message, 200, "OK")
            return None

        found = until(anywhere, "a call at a line", every_s=0)
        assert found is not None
        return found

    def loads(self) -> list[int]:
        """Calls that the edge counts at each line."""
        return sorted(int(line["RUNTIME"]["DLGLOAD"]) for line in listed(self.edge.rpc))


def take(line: Peer, invite: Message) -> Dialog:
    line.respond(invite, 200, "OK", sdp(41_000), to_tag="line")
    return called(line, invite, "line")


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with ExitStack() as stack:
        lines = [stack.enter_context(Peer((EDGE, 1), EDGE)) for _ in range(3)]
        content = EdgeContent(nodes=(EDGE,), networks=(ip_network(f"{CARRIER}/32"),))
        edge = stack.enter_context(running_edge(content, line_silence_ms=1_000))
        for line in lines:
            line.edge = (EDGE, edge.port)
        yield Stage(edge, lines)


def test_twelve_calls_fit_and_the_thirteenth_hears_when_to_come_back(stage: Stage) -> None:
    stage.edge.change(lines=stage.entries("twelve"))
    with stage.carrier() as carrier:
        calls: list[tuple[Call, Peer]] = []
        for _ in range(12):
            call = stage.call(carrier)
            line, invite = stage.ringing()
            take(line, invite)
            assert call.answer().code == 200
            calls.append((call, line))
        shares = [sum(1 for _, at in calls if at is line) for line in stage.lines]
        assert shares == [4, 4, 4]
        for _ in range(2):
            refused = stage.call(carrier).answer()
            assert (refused.code, refused.header("Retry-After")) == (503, "5")

        # New tables forget nothing; a place that is given back is taken again.
        stage.edge.change(networks=(ip_network(f"{CARRIER}/32"), ip_network(f"{LATER}/32")))
        newcomer = LineEntry("newcomer", "127.0.0.1:9", 0)
        stage.edge.change(lines=(*stage.entries("twelve"), newcomer))
        stage.edge.change(lines=stage.entries("twelve"))
        assert stage.loads() == [4, 4, 4]
        assert stage.call(carrier).answer().code == 503
        over, line = calls.pop()
        over.send("BYE")
        line.respond(line.request("BYE"), 200, "OK")
        assert carrier.response("BYE").code == 200
        again = stage.call(carrier)
        line_again, invite = stage.ringing()
        assert line_again is line
        take(line_again, invite)
        assert again.answer().code == 200
        assert stage.loads() == [4, 4, 4]

        # The calls that were up all the while still are.
        for call, line in calls[:3]:
            call.send("INVITE", sdp(40_002, version=2))
            line.respond(line.request("INVITE"), 200, "OK", sdp(41_002, version=2))
            assert carrier.response("INVITE").code == 200
    stage.edge.change(lines=stage.entries("after twelve"))
    assert stage.loads() == [0, 0, 0]


@pytest.mark.parametrize(("code", "reason"), [(486, "Busy Here"), (503, "Service Unavailable")])
def test_the_next_line_is_asked_when_one_is_full(stage: Stage, code: int, reason: str) -> None:
    stage.edge.change(lines=stage.entries(f"full {code}"))
    with stage.carrier() as carrier:
        call = stage.call(carrier)
        asked: list[Peer] = []
        for _ in range(2):
            line, invite = stage.ringing()
            line.respond(invite, code, reason, to_tag="line")
            asked.append(line)
        line, invite = stage.ringing()
        assert {id(peer) for peer in (*asked, line)} == {id(peer) for peer in stage.lines}
        take(line, invite)
        assert call.answer().code == 200
        assert stage.loads() == [0, 0, 1]
        call.send("BYE")
        line.respond(line.request("BYE"), 200, "OK")
        assert carrier.response("BYE").code == 200
        until(lambda: stage.loads() == [0, 0, 0], "no call is counted any more")


def test_all_are_full(stage: Stage) -> None:
    stage.edge.change(lines=stage.entries("all full"))
    with stage.carrier() as carrier:
        call = stage.call(carrier)
        for _ in stage.lines:
            line, invite = stage.ringing()
            line.respond(invite, 503, "Service Unavailable", to_tag="line")
        refused = call.answer()
        assert (refused.code, refused.header("Retry-After")) == (503, "5")
        until(lambda: stage.loads() == [0, 0, 0], "no call is counted any more")


def test_a_line_that_is_gone_costs_its_silence_once(stage: Stage) -> None:
    with Peer((EDGE, 1), EDGE) as dead:
        place = dead.place
    alive = stage.lines[0]
    stage.edge.change(
        lines=(LineEntry("0 first/dead", place, 4), LineEntry("1 second/alive", alive.place, 4))
    )
    with stage.carrier() as carrier:
        for _ in range(4):  # the least loaded line is asked first: the dead one, while it is believed in
            call = stage.call(carrier)
            line, invite = stage.ringing()
            assert line is alive
            take(line, invite)
            assert call.answer(20).code == 200
        assert [line["FLAGS"][0] for line in listed(stage.edge.rpc)].count("A") == 1
        assert stage.loads() == [0, 4]


def test_no_line_at_all(stage: Stage) -> None:
    stage.edge.change(lines=())
    with stage.carrier() as carrier:
        assert stage.call(carrier).answer().code == 503
        Call(carrier, f"sip:{EDGE}:{stage.edge.port}").send("OPTIONS")
        assert carrier.response("OPTIONS").code == 503


def test_an_address_is_known_as_soon_as_its_trunk_is(stage: Stage) -> None:
    stage.edge.change(lines=stage.entries("addresses"), networks=())
    with stage.carrier() as carrier:
        stage.call(carrier)
        assert carrier.silent(0.3)
        stage.edge.change(networks=(ip_network("127.0.0.0/28"),))
        call = stage.call(carrier)
        line, invite = stage.ringing()
        line.respond(invite, 404, "Not Found", to_tag="line")
        assert call.answer().code == 404
