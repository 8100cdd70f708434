"""Lines and callers behind NAT, in networks that the test makes: `vm` is a cloud machine whose public
address is translated one to one, `home` has many phones behind one address, `world` is the Internet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.media_workers.sip.host import ANSWER, Host, loudest_hz, rung
from tests.sip.baresip import Baresip
from tests.sip.netns import Networks, NoNamespaces
from tests.sip.sipp import Case, start
from tests.sip.sipp_call import NUMBER, SippCall, audio_of
from tests.sip.wait import until

VM, PUBLIC, WORLD, HOME = "10.0.0.2", "203.0.113.7", "198.51.100.2", "192.168.7.2"
SPEAKS = [{"do": "mouth", "mouth": "440"}, *ANSWER]
RULES = f"""
table ip translation {{
  chain in {{
    type nat hook prerouting priority dstnat
    ip daddr {PUBLIC} dnat to {VM}
  }}
  chain out {{
    type nat hook postrouting priority srcnat
    ip saddr {VM} snat to {PUBLIC}
    ip saddr {HOME} masquerade random
  }}
  chain pass {{
    type filter hook forward priority 0
    ct state established,related accept
    ip daddr {HOME} drop
  }}
}}
"""


@pytest.fixture(scope="module")
def networks() -> Iterator[Networks]:
    try:
        networks = Networks("vm", "home", "router", "world")
    except NoNamespaces as error:
        pytest.skip(f"this kernel gives us no network namespaces: {error}")
    with networks:
        try:
            _build(networks)
        except NoNamespaces as error:
            pytest.skip(f"networks with NAT cannot be made here: {error}")
        yield networks


def _build(networks: Networks) -> None:
    networks.cable(("router", "10.0.0.1/24"), ("vm", f"{VM}/24"))
    networks.cable(("router", "192.168.7.1/24"), ("home", f"{HOME}/24"))
    networks.cable(("router", "198.51.100.1/24"), ("world", f"{WORLD}/24"))
    networks.route("vm", "10.0.0.1")
    networks.route("home", "192.168.7.1")
    networks.route("world", "198.51.100.1")
    networks.run("router", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
    networks.run("router", "nft", "-f", "-", stdin=RULES)


@pytest.fixture(scope="module")
def cloud(networks: Networks) -> Iterator[Host]:
    """A line behind the one-to-one translation, which has been told its public address."""
    where = {"bind_address": "0.0.0.0", "public_address": PUBLIC, "port": 5080}
    with Host(SPEAKS, wrapper=networks.inside("vm"), **where) as line:
        yield line


def hears_itself(line: Host, leg: int, folder: Path) -> None:
    """The other side sends back what it hears: our tone has gone both ways."""
    until(lambda: loudest_hz(line.heard(leg, folder)[-8_000:]) == pytest.approx(440, abs=4), "our echo")


def test_a_line_behind_one_to_one_nat_is_called(networks: Networks, cloud: Host, tmp_path: Path) -> None:
    outside = tuple(networks.inside("world"))
    case = Case("uac_echoes", (PUBLIC, cloud.port), NUMBER, local_ip=WORLD, wrapper=outside)
    sipp = start(case, tmp_path / "sipp")
    leg = int(cloud.wait("invite")["leg"])
    hears_itself(cloud, leg, tmp_path)
    made = SippCall(cloud, sipp, leg, audio_of(cloud_answer(cloud, leg)))
    assert made.rtp[0] == PUBLIC
    result, _ = made.hang_up()
    assert f"<sip:{PUBLIC}:{cloud.port}" in result.messages
    assert f"Via: SIP/2.0/UDP {PUBLIC}:{cloud.port}" in result.messages, "of our BYE"
    assert VM not in result.messages


def cloud_answer(line: Host, leg: int) -> str:
    return next(str(e["text"]) for e in line.all("sip", leg) if rung(e) == "> 200 INVITE")


def test_a_line_behind_one_to_one_nat_calls(networks: Networks, cloud: Host, tmp_path: Path) -> None:
    outside = tuple(networks.inside("world"))
    sipp = start(
        Case("uas_echoes", (WORLD, 5060), NUMBER, local_ip=WORLD, wrapper=outside), tmp_path / "sipp"
    )
    until(lambda: ":13C4 " in networks.run("world", "cat", "/proc/net/udp"), "SIPp listening")
    leg = cloud.dial(0, mouth="440", gateways=[{"host": WORLD, "port": 5060}])
    cloud.wait("answered", leg)
    hears_itself(cloud, leg, tmp_path)
    result, _ = SippCall(cloud, sipp, leg, ("", 0)).hang_up()
    for written in (f"Via: SIP/2.0/UDP {PUBLIC}:{cloud.port}", f"Contact: <sip:{PUBLIC}", f"IN IP4 {PUBLIC}"):
        assert written in result.messages
    assert VM not in result.messages


def test_a_telephone_behind_nat_is_heard_hears_and_is_hung_up_on(networks: Networks, tmp_path: Path) -> None:
    """Its SDP and its Contact name an address that nobody outside reaches."""
    where = {"bind_address": WORLD, "public_address": WORLD, "port": 5080}
    with Host(SPEAKS, wrapper=networks.inside("world"), **where) as line:
        uri = f"sip:{NUMBER}@{WORLD}:{line.port}"
        place = {"address": HOME, "wrapper": networks.inside("home")}
        with Baresip(tmp_path / "phone", dial=uri, hz=600, **place) as phone:
            leg = int(line.wait("invite")["leg"])
            until(lambda: loudest_hz(line.heard(leg, tmp_path)) == pytest.approx(600, abs=3), "the phone")
            until(lambda: loudest_hz(phone.heard()) == pytest.approx(440, abs=3), "the line, at the phone")
            invite = line.all("sip", leg)[0]
            assert f"c=IN IP4 {HOME}" in invite["text"]
            assert "Contact: <sip:phone-" in invite["text"]
            assert invite["peer"].startswith("198.51.100.1:")
            line.do("hang_up", leg, "test is over")
            until(lambda: "session closed" in phone.log(), "our BYE at the phone")
            assert line.wait("ended", leg)["sip_code"] == 200
            assert "< 200 BYE" in line.ladder(leg)
