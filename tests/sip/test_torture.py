"""The torture messages of RFC 4475 against a line: none ends or wedges it, and each gets an answer that
the RFC allows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bench.sip_caller import SipCaller, sdp
from tests.media_workers.sip.host import ANSWER, Host
from tests.sip.torture.message import Torture
from tests.sip.torture.rfc4475 import ALL, Tormentor

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def line() -> Iterator[Host]:
    refuse = [{"do": "reject", "args": [480, "Temporarily Unavailable"]}]
    with Host(refuse) as line:
        line.ask("on_invite", number="+12025550100", steps=ANSWER)
        yield line


@pytest.fixture(scope="module")
def tormented(line: Host) -> Iterator[Tormentor]:
    with Tormentor(line.address) as tormentor:
        tormentor.torment()
        yield tormentor


def test_it_is_the_whole_set() -> None:
    assert len(ALL) == len({torture.name for torture in ALL}) == 49


@pytest.mark.parametrize("torture", ALL, ids=lambda torture: torture.name)
def test_each_gets_an_answer_that_the_rfc_allows(tormented: Tormentor, torture: Torture) -> None:
    codes = {code for code, _ in tormented.answers[torture.name]}
    assert codes <= torture.answers, torture.tests
    assert bool(codes) is bool(torture.answers), torture.tests


def test_refused_methods_name_the_allowed_ones(tormented: Tormentor) -> None:
    code, text = tormented.answers["intmeth"][0]
    assert code == 501
    assert "\r\nAllow: INVITE, " in text


def test_what_is_not_understood_is_named(tormented: Tormentor) -> None:
    assert (
        "\r\nUnsupported: nothingSupportsThis, nothingSupportsThisEither" in tormented.answers["bext01"][0][1]
    )
    assert "\r\nAccept: application/sdp" in tormented.answers["invut"][0][1]


def test_a_request_that_claims_to_belong_to_anothers_transaction_is_refused(line: Host) -> None:
    """pjsip's transaction of the INVITE would end the process with an assertion."""
    with SipCaller(line.address, "+12025550177") as caller:
        assert caller.invite(sdp(40_000)).code == 480
        for method in ("OPTIONS", "BYE", "FOO", "ACK", "REGISTER"):
            caller._send(method, caller.uri, 1, caller.invite_branch)
        text = [
            f"OPTIONS {caller.uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {caller.local};branch={caller.invite_branch}",
        ]
        text += [f"From: {caller.caller}", f"To: {caller.callee}", f"Call-ID: {caller.call_id}"]
        text += ["CSeq: 1 INVITE", "Max-Forwards: 70", "Content-Length: 0", "", ""]
        caller.sock.send("\r\n".join(text).encode())
        assert caller.wait_final("INVITE").code == 400
    assert line.ask("turned_away")["reasons"]["a malformed request"] >= 1


def test_the_line_lives_and_takes_a_call(line: Host, tormented: Tormentor) -> None:
    assert tormented.answers["lwsdisp"]
    with SipCaller(line.address, "+12025550100") as caller:
        assert caller.invite(sdp(40_000)).code == 200
        assert caller.bye().code == 200
    line.until(lambda: line.ask("active")["calls"] == 0, "all calls over")
    assert line.process.poll() is None
    assert "Traceback" not in line.stderr
