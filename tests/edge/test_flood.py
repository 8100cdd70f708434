"""Too much of everything: the edge stays there for those it knows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from telephony.edge.kamailio.content import EdgeContent, LineEntry, TrunkEntry
from tests.edge.kamailio import EDGE, RunningEdge, running_edge
from tests.edge.peer import Call, Peer
from tests.sip import malformed
from tests.sip.torture.rfc4475 import ALL, Tormentor
from tests.sip.wait import until

pytestmark = pytest.mark.journey

CARRIER, STRANGER, EAGER, NODE = "127.0.0.13", "127.0.0.14", "127.0.0.15", "127.0.0.16"
TORMENTOR = EDGE
LIMIT, CPS = 20, 60

MUST_BE_ANSWERED = {
    "lwsdisp", "longreq", "semiuri", "transports", "badbranch", "bext01", "unkscm", "novelsc", "escruri",
    "badaspec", "baddn", "mismatch01", "clerr", "zeromf", "sdp01",
}  # fmt: skip
PROXYS_OWN = {"zeromf": {483}, "invut": {480}, "dblreq": {400}, "ltgtruri": {416}, "bext01": {480}}
"""What a proxy may say where a phone would not: it counts hops, and passes bodies on unread."""


@pytest.fixture(scope="module")
def line() -> Iterator[Peer]:
    """A line that is asked by the edge, and says no."""
    with Peer((EDGE, 1), NODE) as peer:
        over = threading.Event()
        thread = threading.Thread(target=refuse, args=(peer, over))
        thread.start()
        yield peer
        over.set()
        thread.join()


def refuse(line: Peer, over: threading.Event) -> None:
    while not over.is_set():
        message = line.hear(0.1)
        if message is None or message.code or message.text.startswith("ACK "):
            continue
        if message.text.startswith("OPTIONS "):
            line.respond(message, 200, "OK")
        else:
            headers = "X-Trunkline-Final: yes"
            line.respond(message, 480, "Temporarily Unavailable", to_tag="line", headers=headers)


@pytest.fixture(scope="module")
def edge(line: Peer) -> Iterator[RunningEdge]:
    content = EdgeContent(
        lines=(LineEntry("node/1", line.place, 500),),
        nodes=(NODE,),
        networks=tuple(ip_network(f"{host}/32") for host in (TORMENTOR, CARRIER, EAGER)),
        trunks=(TrunkEntry("acme-two", "either", "none"),),
    )
    with running_edge(content, flood_requests=LIMIT, source_cps=CPS) as running:
        line.edge = (EDGE, running.port)
        yield running


def answers(edge: RunningEdge, host: str) -> bool:
    """Whether an OPTIONS from there is answered."""
    with Peer((EDGE, edge.port), host) as peer:
        Call(peer, f"sip:{EDGE}:{edge.port}").send("OPTIONS")
        return peer.response("OPTIONS").code == 200


def test_a_flood_is_answered_a_bounded_number_of_times(edge: RunningEdge) -> None:
    with Peer((EDGE, edge.port), STRANGER) as stranger:
        for number in range(1_500):
            Call(stranger, f"sip:+1202555{number:04}@acme-two.sip.test").invite()
            if number % 100 == 0:
                assert answers(edge, CARRIER), "those it knows wait for nobody"
        heard = 0
        while stranger.hear(0.3) is not None:
            heard += 1
    assert 0 < heard <= 4 * LIMIT, "pike needs up to three times its limit to be sure (its README)"
    assert answers(edge, CARRIER)


def test_an_address_that_calls_too_fast_is_told_so(edge: RunningEdge) -> None:
    with Peer((EDGE, edge.port), EAGER) as eager:
        for number in range(2 * CPS):
            Call(eager, f"sip:+1202555{number:04}@{EDGE}:{edge.port}").invite()
        refused = until(
            lambda: next((m for m in [eager.hear(0.2)] if m is not None and m.code == 503), None), "a 503"
        )
        assert refused is not None
        assert refused.header("Retry-After") == "1"


def test_broken_messages_from_anybody_wedge_nothing(edge: RunningEdge) -> None:
    for host in (CARRIER, STRANGER):
        with Peer((EDGE, edge.port), host) as peer:
            for message in malformed.messages((EDGE, edge.port), peer.place).values():
                peer.send(message)
            assert answers(edge, CARRIER)
    assert edge.ready()


def test_the_torture_messages_of_rfc_4475(edge: RunningEdge) -> None:
    """None ends or wedges the edge. What is valid goes on to a line, which does not answer here; what is
    not gets the answer that the RFC allows, or none."""
    with Tormentor((EDGE, edge.port)) as tormentor:
        for torture in ALL:
            tormentor.send(torture)
            while tormentor.listen(0.05):
                pass
        while tormentor.listen(0.5):
            pass
        answered = {name: {code for code, _ in got} for name, got in tormentor.answers.items() if got}
    assert answers(edge, CARRIER)
    assert answered.keys() >= MUST_BE_ANSWERED
    for torture in ALL:
        assert answered.get(torture.name, set()) <= torture.answers | PROXYS_OWN.get(torture.name, set())
