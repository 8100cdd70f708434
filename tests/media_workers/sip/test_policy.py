"""What a trunk wants of its legs: encryption, codecs, keys and early media, between two lines of ours."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.bench.sip_caller import SipCaller, sdp
from tests.media_workers.sip.conftest import Pair
from tests.media_workers.sip.host import Host, loudest_hz, rung
from tests.sip.ports import free_port
from tests.sip.rtp import RtpPeer, decode, tone
from tests.sip.sipp import Case, run, start, wait_listening


def answers(mouth: str = "echo", **policy: Any) -> list[dict[str, Any]]:
    """They answer as the policy says."""
    return [{"do": "mouth", "mouth": mouth}, {"do": "ring"}, {"do": "answer", "options": {"policy": policy}}]


def message(host: Host, leg: int, wanted: str) -> str:
    """The first message of that kind."""

    def found() -> str:
        return next((str(event["text"]) for event in host.all("sip", leg) if rung(event) == wanted), "")

    return str(host.until(found, f"the message {wanted}"))


def sdp_of(host: Host, leg: int, wanted: str) -> str:
    return message(host, leg, wanted).partition("\r\n\r\n")[2]


def payloads(sdp: str) -> list[str]:
    """The payload types of the audio, in order, and whether each dynamic one is described."""
    found = re.search(r"m=audio \d+ \S+ ([0-9 ]+)", sdp)
    assert found is not None
    numbers = found[1].split()
    assert all(f"a=rtpmap:{number} " in sdp for number in numbers)
    assert {*re.findall(r"a=rtpmap:(\d+) ", sdp)} == {*numbers}
    return numbers


def both_hear(pair: Pair, ours: int, theirs: int, folder: Path) -> None:
    pair.us.until(lambda: abs(loudest_hz(pair.us.heard(ours, folder)) - 700) < 20, "their tone")
    pair.them.until(lambda: abs(loudest_hz(pair.them.heard(theirs, folder)) - 440) < 20, "our tone")


# --- encryption -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs", "profile", "encrypted"),
    [
        ("off", "off", "RTP/AVP", False),
        ("off", "optional", "RTP/AVP", False),
        ("optional", "optional", "RTP/AVP", True),
        ("required", "optional", "RTP/SAVP", True),
        ("required", "required", "RTP/SAVP", True),
        ("optional", "required", "RTP/AVP", True),
    ],
)
def test_srtp(pair: Pair, ours: str, theirs: str, profile: str, encrypted: bool, tmp_path: Path) -> None:
    a, b = pair.answered(answers("700", srtp=theirs), mouth="440", leg={"srtp": ours})
    assert next(e for e in pair.them.all("invite") if e["leg"] == b)["srtp_offered"] is (ours != "off")
    both_hear(pair, a, b, tmp_path)
    offer, answer = sdp_of(pair.us, a, "> INVITE"), sdp_of(pair.us, a, "< 200 INVITE")
    assert f" {profile} " in offer
    assert ("a=crypto:" in answer) is encrypted
    pair.hung_up(a, b)


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ("off", "required", "SRTP is required here and was not offered"),
        ("required", "off", "SRTP is switched off here and was insisted on"),
    ],
)
def test_srtp_that_cannot_be_agreed_on_is_refused_in_words(
    pair: Pair, ours: str, theirs: str, words: str
) -> None:
    legs = pair.call(answers(srtp=theirs), leg={"srtp": ours})
    ours_end, theirs_end = pair.ended(*legs)
    assert (ours_end["sip_code"], ours_end["sip_reason"]) == (488, words)
    assert (theirs_end["answered"], theirs_end["by_peer"]) == (False, False)


def test_an_encrypted_call_does_not_go_on_in_clear(pair: Pair, tmp_path: Path) -> None:
    pair.them.ask("on_invite", steps=answers(srtp="required"))
    result = run(Case("uac_srtp_downgrade", ("127.0.0.1", pair.them.port), "+12025550100"), tmp_path)
    assert result.ok, f"{result.errors}\n{result.messages}"
    pair.them.wait("ended", pair.them.all("invite")[-1]["leg"])


@pytest.mark.parametrize(("srtp", "code"), [("off", 200), ("optional", 200), ("required", 488)])
def test_an_invite_without_an_offer_begins_in_clear_or_not_at_all(
    pair: Pair, srtp: str, code: int, tmp_path: Path
) -> None:
    pair.them.ask("on_invite", steps=answers(srtp=srtp))
    known = len(pair.them.all("invite"))
    case = Case("uac_late_offer", ("127.0.0.1", pair.them.port), "+12025550100", timeout_s=20)
    result = run(case, tmp_path)
    leg = pair.them.wait("invite", after=known)["leg"]
    assert pair.them.wait("ended", leg)["sip_code"] == code
    final = message(pair.them, leg, f"> {code} INVITE")
    assert "a=crypto:" not in final
    assert ("488 SRTP is required here and could not be agreed on" in final) is (code == 488)
    assert result.ok is (code == 200)


def test_unknown_keys_are_no_keys(pair: Pair, tmp_path: Path) -> None:
    """Plain RTP with a crypto suite that nobody has may be answered in clear, but not where SRTP is
    required."""
    caller = SipCaller(pair.them.address, "+12025550100")
    suite = "a=crypto:1 UNKNOWN_SUITE inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd\r\n"
    pair.them.ask("on_invite", steps=answers(srtp="required"))
    with caller:
        caller.send_invite(sdp(40_000) + suite)
        answer = caller.wait_final("INVITE")
        caller.acknowledge(answer)
    assert (answer.code, "could not be agreed on" in answer.text) == (488, True)


def test_keys_are_in_no_ladder(pair: Pair) -> None:
    a, b = pair.answered(answers(srtp="required"), leg={"srtp": "required"})
    pair.hung_up(a, b)
    texts = [event["text"] for host, leg in ((pair.us, a), (pair.them, b)) for event in host.all("sip", leg)]
    lines = [line for text in texts for line in text.split("\r\n") if line.startswith("a=crypto:")]
    assert len(lines) >= 4
    assert all(re.fullmatch(r"a=crypto:\d+ [A-Z0-9_]+ \*+", line) for line in lines)
    assert "inline:" not in pair.us.stderr + pair.them.stderr + "".join(texts)


# --- codecs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs", "offered", "chosen"),
    [
        (["pcmu", "pcma"], ["pcmu", "pcma"], ["0", "8"], "PCMU"),
        (["pcma", "pcmu"], ["pcma", "pcmu"], ["8", "0"], "PCMA"),
        (["pcma"], ["pcmu", "pcma"], ["8"], "PCMA"),
        (["pcmu", "pcma"], ["pcma"], ["0", "8"], "PCMA"),
        (["pcmu", "pcma"], ["pcma", "pcmu"], ["0", "8"], "PCMA"),
    ],
)
def test_codecs_in_the_trunks_order(
    pair: Pair, ours: list[str], theirs: list[str], offered: list[str], chosen: str, tmp_path: Path
) -> None:
    a, b = pair.answered(answers("700", codecs=theirs), mouth="440", leg={"codecs": ours})
    assert payloads(sdp_of(pair.us, a, "> INVITE"))[:-1] == offered
    assert payloads(sdp_of(pair.us, a, "< 200 INVITE"))[:-1] == [{"PCMU": "0", "PCMA": "8"}[chosen]]
    assert (pair.us.wait("answered", a)["codec"], pair.them.wait("answered", b)["codec"]) == (chosen, chosen)
    both_hear(pair, a, b, tmp_path)
    pair.hung_up(a, b)


def test_no_codec_in_common_is_refused_in_words(pair: Pair) -> None:
    legs = pair.call(answers(codecs=["pcma"]), leg={"codecs": ["pcmu"]})
    ours, _ = pair.ended(*legs)
    assert (ours["sip_code"], ours["sip_reason"]) == (488, "No codec in common, this trunk takes PCMA")


# --- keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dtmf", "by_info"), [("rfc4733", False), ("info", True)])
def test_keys_go_as_the_trunk_wants_and_are_heard_either_way(pair: Pair, dtmf: str, by_info: bool) -> None:
    a, b = pair.answered(answers(dtmf=dtmf), leg={"dtmf": dtmf})
    for host, leg, other, heard in ((pair.us, a, pair.them, b), (pair.them, b, pair.us, a)):
        host.do("send_dtmf", leg, "19*#")
        other.until(lambda: len(other.all("dtmf", heard)) == 4, "four keys")  # noqa: B023
        assert "".join(event["digit"] for event in other.all("dtmf", heard)) == "19*#"
        if by_info:
            host.until(lambda: host.ladder(leg).count("< 200 INFO") == 4, "four INFOs")  # noqa: B023
        assert host.ladder(leg).count("> INFO") == (4 if by_info else 0)
    pair.hung_up(a, b)


# --- early media ----------------------------------------------------------------------------------


@pytest.mark.parametrize("early_media", ["ignore", "listen"])
def test_what_comes_before_the_answer(pair: Pair, early_media: str, tmp_path: Path) -> None:
    """Heard when that is wanted, and never answered with speech."""
    with RtpPeer() as far:
        far.play(tone(700, seconds=10))
        keys = {"rtp_port": str(far.port)}
        port = free_port()
        case = Case("uas_early_media", ("127.0.0.1", 1), "", port=port, keys=keys, stay_ms=800)
        sipp = start(case, tmp_path)
        wait_listening(port)
        leg = pair.us.dial(port, mouth="440", leg={"early_media": early_media})
        assert pair.us.wait("ringing", leg)["code"] == 183
        heard_before = pair.us.wait("answered", leg)["frames"]
        pair.us.until(lambda: abs(loudest_hz(decode(bytes(far.heard.ulaw[-8000:]))) - 440) < 20, "our tone")
        pair.us.do("hang_up", leg)
        assert sipp.wait().ok
    assert heard_before > 5 if early_media == "listen" else heard_before == 0
    before = pair.us.heard(leg, tmp_path)[: heard_before * 160]
    assert not heard_before or abs(loudest_hz(before) - 700) < 20
    assert np.abs(decode(bytes(far.heard.ulaw[:1600]))).max() < 50, "silence before the answer"


# --- who calls ------------------------------------------------------------------------------------


def test_a_withheld_caller_is_told_to_the_carrier_alone(pair: Pair) -> None:
    a, b = pair.answered(
        caller_id_header="p_asserted_identity",
        caller_id_private=True,
        target_headers={"X-Campaign": "spring 7"},
    )
    invite = next(e for e in pair.them.all("invite") if e["leg"] == b)
    assert invite["caller"] == "anonymous"
    assert invite["headers"]["from"].startswith('"Anonymous" <sip:anonymous@anonymous.invalid>;tag=')
    assert invite["headers"]["p-asserted-identity"] == f"<sip:+12025550151@127.0.0.1:{pair.us.port}>"
    assert (invite["headers"]["privacy"], invite["headers"]["x-campaign"]) == ("id", "spring 7")
    pair.hung_up(a, b)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_name_stays_in_the_request_and_its_packets_go_to_the_located_server(
    pair: Pair, transport: str
) -> None:
    to = {"transport": transport, "address": "127.0.0.1", "port": pair.them.port}
    gateways = [{"host": "Carrier.Test", "port": None, "transport": transport}]
    a, b = pair.answered(gateways=gateways, to=to)
    first = pair.us.all("sip", a)[0]
    assert first["first_line"].startswith("INVITE sip:+12025550100@Carrier.Test")
    assert (first["peer"], first["transport"]) == (f"127.0.0.1:{pair.them.port}", transport)
    pair.hung_up(a, b)


def test_two_servers_of_one_name_one_after_the_other(pair: Pair) -> None:
    gateways = [{"host": "carrier.test", "port": None, "transport": "udp"}]
    dead = {"transport": "udp", "address": "127.0.0.2", "port": 9}
    lost = pair.us.dial(0, gateways=gateways, to=dead)
    pair.us.until(lambda: pair.us.all("sip", lost), "an INVITE to nobody")
    assert pair.us.all("sip", lost)[0]["peer"] == "127.0.0.2:9"
    alive = {"transport": "udp", "address": "127.0.0.1", "port": pair.them.port}
    a, b = pair.answered(gateways=gateways, to=alive)
    pair.us.do("hang_up", lost)
    pair.hung_up(a, b)


def test_a_name_that_nobody_located_is_the_systems_to_find(pair: Pair) -> None:
    a, b = pair.answered(gateways=[{"host": "localhost", "port": pair.them.port}])
    assert pair.us.all("sip", a)[0]["peer"] == f"127.0.0.1:{pair.them.port}"
    pair.hung_up(a, b)


def test_a_name_that_does_not_exist_is_a_failure_in_words(pair: Pair) -> None:
    leg = pair.us.dial(0, gateways=[{"host": "a..invalid", "port": 5060}])
    end = pair.us.wait("ended", leg)
    assert (end["sip_code"], end["answered"], end["by_peer"]) == (503, False, False)
    assert "PJ_ERESOLVE" in end["sip_reason"]


def test_a_long_invite_of_an_udp_trunk_stays_on_udp(pair: Pair) -> None:
    """Custom headers and keys make it longer than what RFC 3261 would send over TCP."""
    headers = {f"X-Header-{i}": "v" * 200 for i in range(8)}
    a, b = pair.answered(answers(srtp="optional"), target_headers=headers, leg={"srtp": "optional"})
    first = pair.us.all("sip", a)[0]
    assert len(first["text"]) > 2_000
    assert {event["transport"] for event in pair.us.all("sip", a)} == {"udp"}
    pair.hung_up(a, b)
