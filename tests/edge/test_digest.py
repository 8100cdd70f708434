"""Passwords: calls of trunks that are known by them, and phones and PBXs that register."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from telephony.edge.kamailio.content import EdgeContent, LineEntry, TrunkEntry, UserEntry
from telephony.edge.kamailio.devices import registered
from tests.bench.sip_caller import Message, sdp
from tests.edge.kamailio import EDGE, RunningEdge, running_edge
from tests.edge.peer import Call, Peer, authorization, called

STRANGER, CARRIER = "127.0.0.5", "127.0.0.6"
REALM = "sip.test"
PASSWORD = 'pass"word: ä'
HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def user(name: str, slug: str, algorithm: str) -> UserEntry:
    text = f"{name}:{REALM}:{PASSWORD}"
    return UserEntry(name, slug, HASHES[algorithm](text.encode()).hexdigest())


class Stage:
    """An edge, a line, and trunks of every kind of authentication."""

    def __init__(self, edge: RunningEdge, line: Peer) -> None:
        self.edge, self.line = edge, line

    def outside(self, host: str = STRANGER) -> Peer:
        return Peer((EDGE, self.edge.port), host)

    def takes(self, code: int = 200) -> Message:
        """The next INVITE at the line, answered."""
        invite = self.line.request("INVITE")
        self.line.respond(invite, code, "Answer", sdp(41_000) if code == 200 else "", to_tag="line")
        return invite

    def challenged(self, call: Call) -> Message:
        """The 401 to the call's INVITE."""
        call.invite()
        answer = call.answer()
        assert answer.code == 401
        return answer


@pytest.fixture(scope="module", params=["MD5", "SHA-256"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    algorithm = request.param
    with Peer((EDGE, 1), EDGE) as line:
        content = EdgeContent(
            lines=(LineEntry("node/1", line.place, 20),),
            nodes=(EDGE,),
            networks=(ip_network(f"{CARRIER}/32"),),
            trunks=(
                TrunkEntry("acme-ip", "ip", "none"),
                TrunkEntry("acme-pbx", "digest", "inbound"),
                TrunkEntry("acme-two", "either", "none"),
            ),
            users=(user("pbx@acme", "acme-pbx", algorithm), user("two", "acme-two", algorithm)),
        )
        with running_edge(content, digest_algorithm=algorithm, flood_requests=500) as edge:
            line.edge = (EDGE, edge.port)
            yield Stage(edge, line)


@pytest.mark.parametrize(
    ("host", "username", "slug"),
    [("acme-pbx", "pbx@acme", "acme-pbx"), ("acme-two", "two", "acme-two"), ("", "two", "")],
)
def test_a_password_lets_in_from_anywhere(stage: Stage, host: str, username: str, slug: str) -> None:
    uri = f"sip:+12025550100@{host}{'.' if host else ''}sip.test"
    with stage.outside() as pbx:
        call = Call(pbx, uri)
        challenge = stage.challenged(call)
        assert f'realm="{REALM}"' in challenge.header("WWW-Authenticate")
        call.invite(authorization(challenge, "INVITE", uri, username, PASSWORD))
        invite = stage.takes()
        assert call.answer().code == 200
        assert invite.headers("X-Trunkline-Auth") == [username]
        assert not invite.header("Authorization"), "it is the edge's business"
        call.send("BYE")
        stage.line.respond(stage.line.request("BYE"), 200, "OK")
        assert pbx.response("BYE").code == 200


def test_a_wrong_password_a_strange_user_and_anothers_trunk(stage: Stage) -> None:
    uri = "sip:+12025550100@acme-pbx.sip.test"
    with stage.outside() as pbx:
        call = Call(pbx, uri)
        challenge = stage.challenged(call)
        for username, password in (("pbx@acme", "wrong"), ("nobody", PASSWORD), ("$avp(x)", "'")):
            call.invite(authorization(challenge, "INVITE", uri, username, password))
            assert call.answer().code == 401
        call.invite(authorization(challenge, "INVITE", uri, "two", PASSWORD))
        assert call.answer().code == 403
        assert not stage.line.inbox


def test_a_source_address_is_enough_where_the_trunk_says_so(stage: Stage) -> None:
    with stage.outside(CARRIER) as carrier:
        for slug in ("acme-ip", "acme-two"):
            call = Call(carrier, f"sip:+12025550100@{slug}.sip.test")
            call.invite()
            assert not stage.takes(404).headers("X-Trunkline-Auth")
            assert call.answer().code == 404
        stage.challenged(Call(carrier, "sip:+12025550100@acme-pbx.sip.test"))
        gone = Call(carrier, "sip:+12025550100@no-such.sip.test")
        gone.invite()
        assert gone.answer().code == 404


def test_who_guesses_is_not_heard_and_locks_nobody_else_out(stage: Stage) -> None:
    """Both are behind one NAT."""
    uri = "sip:+12025550100@acme-two.sip.test"
    with stage.outside("127.0.0.17") as guesser, stage.outside("127.0.0.17") as phone:
        call = Call(guesser, uri)
        challenge = stage.challenged(call)
        for _ in range(30):
            call.invite(authorization(challenge, "INVITE", uri, "two", "wrong"))
            assert call.answer().code == 401
        call.invite(authorization(challenge, "INVITE", uri, "two", "wrong"))
        assert guesser.silent(0.3)
        assert register(stage, phone).code == 200
        assert register(stage, phone, expires=0).code == 200


def test_who_tries_name_after_name_is_not_heard_but_who_is_known_there_is(stage: Stage) -> None:
    uri = "sip:+12025550100@acme-two.sip.test"
    with stage.outside("127.0.0.18") as guesser, stage.outside("127.0.0.18") as phone:
        assert register(stage, phone).code == 200
        call = Call(guesser, uri)
        challenge = stage.challenged(call)
        for n in range(299):
            call.invite(authorization(challenge, "INVITE", uri, f"user-{n}", "wrong"))
            assert call.answer().code == 401
        call.invite(authorization(challenge, "INVITE", uri, "user-300", "wrong"))
        assert guesser.silent(0.3)
        assert register(stage, phone, expires=0).code == 200


def register(stage: Stage, phone: Peer, *, expires: int = 120, user: str = "pbx@acme") -> Message:
    """Registers with the right password; the last answer."""
    uri = "sip:acme-pbx.sip.test"
    name = user.replace("@", "%40")
    call = Call(phone, uri, caller=name)
    call.theirs = f"<sip:{name}@acme-pbx.sip.test>"
    call.send("REGISTER", headers=f"Expires: {expires}")
    challenge = phone.response("REGISTER")
    assert challenge.code == 401
    headers = authorization(challenge, "REGISTER", uri, user, PASSWORD)
    call.send("REGISTER", headers=f"{headers}\nExpires: {expires}\nUser-Agent: Desk phone 7")
    return phone.response("REGISTER")


def test_a_phone_registers_and_is_called(stage: Stage) -> None:
    with stage.outside() as phone:
        accepted = register(stage, phone)
        assert accepted.code == 200
        assert phone.contact in accepted.header("Contact")
        [device] = registered(stage.edge.rpc, ["acme-pbx", "acme-ip"], REALM)
        assert (device.slug, device.contact, device.user_agent) == ("acme-pbx", phone.contact, "Desk phone 7")
        assert 0 < device.expires_s <= 120

        call = Call(
            stage.line, "sip:+12025550177@acme-pbx.sip.test", via=[f"<sip:{EDGE}:{stage.edge.port};lr>"]
        )
        call.invite()
        invite = phone.request("INVITE")
        assert invite.text.startswith(f"INVITE {phone.contact} ")
        assert stage.line.place not in re.sub(
            r"(?m)^(From|Call-ID):.*", "", invite.text.partition("\r\n\r\n")[0]
        )
        phone.respond(invite, 200, "OK", sdp(42_000), to_tag="phone")
        assert call.answer().code == 200
        phone.request("ACK")
        called(phone, invite, "phone").send("BYE")
        stage.line.respond(stage.line.request("BYE"), 200, "OK")
        assert phone.response("BYE").code == 200

        assert register(stage, phone, expires=0).code == 200
        assert registered(stage.edge.rpc, ["acme-pbx"], REALM) == []
        gone = Call(
            stage.line, "sip:+12025550177@acme-pbx.sip.test", via=[f"<sip:{EDGE}:{stage.edge.port};lr>"]
        )
        gone.invite()
        assert gone.answer().code == 480


def test_a_phone_that_names_another_place_is_called_where_it_is(stage: Stage) -> None:
    """A Contact at somebody's carrier would make us call there, from an address that carrier trusts."""
    with stage.outside() as phone, Peer((EDGE, 1), "127.0.0.9") as victim:
        phone.claims = victim.place
        assert register(stage, phone).code == 200
        call = Call(
            stage.line, "sip:+12025550177@acme-pbx.sip.test", via=[f"<sip:{EDGE}:{stage.edge.port};lr>"]
        )
        call.invite()
        phone.respond(phone.request("INVITE"), 486, "Busy Here", to_tag="phone")
        assert call.answer().code == 486
        assert victim.silent(0.3)
        assert register(stage, phone, expires=0).code == 200


def test_who_may_not_register(stage: Stage) -> None:
    with stage.outside() as phone:
        uri = "sip:acme-two.sip.test"
        Call(phone, uri, caller="two").send("REGISTER")
        assert phone.silent(0.3), "the trunk wants no registrations"
        assert register(stage, phone, user="two").code == 403, "another trunk's user"
