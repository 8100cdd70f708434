"""What a trunk's policy makes of an SDP, on text."""

from __future__ import annotations

import pytest

from media_workers.contract.calls import LegPolicy
from media_workers.sip import sdp

HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
KEY = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd\r\n"


def audio(payloads: str, *lines: str, profile: str = "RTP/AVP", port: int = 40_000) -> str:
    return HEAD + f"m=audio {port} {profile} {payloads}\r\n" + "".join(f"{line}\r\n" for line in lines)


OURS = audio("0 8 101", "a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000")


def policy(**facts: object) -> LegPolicy:
    return LegPolicy.model_validate(facts)


def test_an_offer_has_the_trunks_codecs_in_its_order_and_says_how_long_packets_are() -> None:
    shaped = sdp.shaped(OURS, "", policy(codecs=["pcma"]))
    assert "m=audio 40000 RTP/AVP 8 101\r\n" in shaped
    assert "PCMU" not in shaped
    assert shaped.endswith("a=ptime:20\r\n")
    assert "m=audio 40000 RTP/AVP 8 0 101\r\n" in sdp.shaped(OURS, "", policy(codecs=["pcma", "pcmu"]))


def test_an_answer_has_the_codec_that_the_trunk_likes_best_of_those_offered() -> None:
    theirs = audio("18 8 0 101", "a=rtpmap:18 G729/8000")
    assert " 8 101\r\n" in sdp.shaped(OURS, theirs, policy(codecs=["pcma", "pcmu"]))
    assert " 0 101\r\n" in sdp.shaped(OURS, theirs, policy(codecs=["pcmu"]))


def test_a_codec_is_known_by_its_name_too() -> None:
    theirs = audio("96", "a=rtpmap:96 PCMA/8000")
    assert sdp.refusal(theirs, policy(codecs=["pcma"])) == ""
    assert "No codec" in sdp.refusal(theirs, policy(codecs=["pcmu"]))
    assert "No codec" in sdp.refusal(audio("0", "a=rtpmap:0 PCMU/16000"), policy(codecs=["pcma"]))


def test_other_media_and_those_that_are_off_are_left_alone() -> None:
    video = "m=video 50000 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"
    assert sdp.shaped(OURS + video, "", policy()).endswith(f"a=ptime:20\r\n{video}")
    off = audio("0 8", port=0)
    assert sdp.shaped(off, "", policy(codecs=["pcma"])) == off
    assert sdp.refusal(off, policy(srtp="required")) == ""
    assert sdp.refusal("", policy(srtp="required")) == ""


def test_a_packet_length_that_was_said_is_not_said_again() -> None:
    assert sdp.shaped(OURS + "a=ptime:20\r\n", "", policy()).count("a=ptime") == 1


@pytest.mark.parametrize(
    ("offer", "offered"),
    [
        (audio("0"), False),
        (audio("0") + KEY, True),
        (audio("0", profile="RTP/SAVP") + KEY, True),
        (audio("0", profile="RTP/SAVPF"), True),
        (audio("0") + "m=video 5 RTP/AVP 96\r\n" + KEY, False),
        ("", False),
    ],
)
def test_whether_srtp_is_offered(offer: str, offered: bool) -> None:
    assert sdp.offers_srtp(offer) is offered
    assert bool(sdp.refusal(offer, policy(srtp="required"))) is (bool(offer) and not offered)
    assert bool(sdp.shortcoming(offer, policy(srtp="required"))) is not offered


def test_off_takes_plain_rtp_only() -> None:
    assert "switched off" in sdp.refusal(audio("0", profile="RTP/SAVP") + KEY, policy(srtp="off"))
    assert sdp.refusal(audio("0") + KEY, policy(srtp="off")) == ""
    assert sdp.without_keys(audio("0") + KEY) == audio("0")
