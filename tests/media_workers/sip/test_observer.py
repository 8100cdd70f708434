"""What is observed of a leg: times of its set-up, retransmissions, readings now and then."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import pytest

from media_workers.contract.calls import Gateway
from media_workers.contract.events import SipMessage
from media_workers.sip.hearing import Reception
from media_workers.sip.observer import (
    MAX_GOODBYES,
    MAX_MESSAGES,
    LegObserver,
    MediaDescription,
    gateway_label,
)
from media_workers.sip.stats import StreamFigures
from media_workers.sip.trace import TracedMessage

FINE = Reception(rx_packets=50, tx_packets=50, heard=True)
NOTHING = Reception(rx_packets=0, tx_packets=50, heard=False)


def message(
    direction: Literal["in", "out"], first_line: str, clock: float, *, cseq: str = "1 INVITE", agent: str = ""
) -> TracedMessage:
    header = f"User-Agent: {agent}\r\n" if agent else ""
    return TracedMessage(
        call_id="one@host",
        direction=direction,
        peer="192.0.2.1:5060",
        transport="udp",
        text=f"{first_line}\r\nCSeq: {cseq}\r\n{header}\r\n",
        local="192.0.2.9:5060",
        at=datetime.now(UTC),
        clock=clock,
    )


def observed(*messages: TracedMessage, inbound: bool = False) -> LegObserver:
    leg = LegObserver(inbound=inbound)
    for each in messages:
        leg.traced(each)
    return leg


def kept(leg: LegObserver, each: TracedMessage) -> SipMessage:
    told = leg.traced(each)
    assert told is not None
    return told


INVITE = message("out", "INVITE sip:a@b SIP/2.0", 10.0)


def test_an_outbound_call_that_rings_and_is_answered() -> None:
    info = observed(
        INVITE,
        message("in", "SIP/2.0 100 Trying", 10.1),
        message("in", "SIP/2.0 183 Session Progress", 11.25),
        message("in", "SIP/2.0 180 Ringing", 12.0),
        message("in", "SIP/2.0 200 OK", 15.0, agent="carrier 1.0"),
    ).info()
    assert (info.pdd_ms, info.setup_ms) == (1250, 5000)
    assert (info.direction, info.remote_agent, info.transport) == ("out", "carrier 1.0", "udp")
    assert info.gateway == ""


def test_a_challenge_is_part_of_the_delay_that_the_caller_waits() -> None:
    info = observed(
        INVITE,
        message("in", "SIP/2.0 407 Proxy Authentication Required", 10.1),
        message("out", "INVITE sip:a@b SIP/2.0", 10.2, cseq="2 INVITE"),
        message("in", "SIP/2.0 180 Ringing", 11.0, cseq="2 INVITE"),
    ).info()
    assert (info.pdd_ms, info.setup_ms) == (1000, None)


def test_a_call_answered_without_ringing() -> None:
    info = observed(INVITE, message("in", "SIP/2.0 200 OK", 12.0)).info()
    assert (info.pdd_ms, info.setup_ms) == (2000, 2000)


def test_a_refused_call_did_not_ring() -> None:
    info = observed(INVITE, message("in", "SIP/2.0 503 Service Unavailable", 12.0)).info()
    assert (info.pdd_ms, info.setup_ms) == (None, None)


def test_an_inbound_call() -> None:
    leg = observed(
        message("in", "INVITE sip:a@b SIP/2.0", 10.0, agent="a telephone"),
        message("out", "SIP/2.0 180 Ringing", 10.1),
        message("out", "SIP/2.0 200 OK", 10.5),
        inbound=True,
    )
    leg.came_from("203.0.113.5", 5071, "tls")  # by the word of our edge
    info = leg.info()
    assert (info.direction, info.pdd_ms, info.setup_ms) == ("in", None, 500)
    assert (info.gateway, info.transport) == ("203.0.113.5:5071/tls", "tls")
    assert info.remote_agent == "a telephone"


def test_a_later_invite_changes_nothing() -> None:
    leg = observed(INVITE, message("in", "SIP/2.0 200 OK", 12.0))
    leg.traced(message("out", "INVITE sip:a@b SIP/2.0", 60.0, cseq="3 INVITE"))
    leg.traced(message("in", "SIP/2.0 200 OK", 61.0, cseq="3 INVITE"))
    assert leg.info().setup_ms == 2000


def test_what_was_agreed_on_is_told() -> None:
    leg = observed(INVITE)
    leg.called(Gateway(host="sip.example.com", port=5061, transport="tls"))
    leg.media = MediaDescription(codec="PCMA", ptime_ms=30, remote="192.0.2.7:4000", srtp=True)
    info = leg.info()
    assert (info.gateway, info.codec, info.ptime_ms) == ("sip.example.com:5061/tls", "PCMA", 30)
    assert (info.remote_media, info.srtp) == ("192.0.2.7:4000", True)


@pytest.mark.parametrize(
    ("gateway", "label"),
    [
        (Gateway(host="192.0.2.1"), "192.0.2.1:5060/udp"),
        (Gateway(host="2001:db8::1", port=5080, transport="tcp"), "[2001:db8::1]:5080/tcp"),
        (Gateway(host="carrier.example", port=None), "carrier.example/udp"),
    ],
)
def test_how_a_gateway_is_called(gateway: Gateway, label: str) -> None:
    assert gateway_label(gateway) == label


def test_the_same_message_again_is_a_retransmission() -> None:
    leg = LegObserver(inbound=False)
    told = [kept(leg, each) for each in (INVITE, INVITE, message("in", "SIP/2.0 200 OK", 12.0))]
    assert [m.retransmission for m in told] == [False, True, False]


def test_the_same_text_the_other_way_is_not() -> None:
    leg = LegObserver(inbound=False)
    assert not kept(leg, INVITE).retransmission
    assert not kept(leg, message("in", "INVITE sip:a@b SIP/2.0", 10.0)).retransmission


def readings(seconds: int, known: Reception = FINE) -> list[int]:
    """At which seconds after the answer there is a reading."""
    leg = LegObserver(inbound=True)
    leg.answered(1000.0)
    told = ((n, leg.listen(1000.0 + n, known)) for n in range(seconds))
    return [n for n, stats in told if stats is not None]


def test_readings_every_ten_seconds_and_later_every_minute() -> None:
    assert readings(41) == [10, 20, 30, 40]
    times = readings(4 * 3600)
    assert times[58:61] == [590, 650, 710]
    assert len(times) < 300


def test_one_way_audio_is_told_at_once() -> None:
    assert readings(9, NOTHING) == [5]


def test_a_reading_counts_from_the_answer() -> None:
    leg = LegObserver(inbound=True)
    leg.media = MediaDescription(codec="PCMU", ptime_ms=20, remote="192.0.2.7:4000", srtp=False)
    leg.answered(1000.0)
    leg.read(
        StreamFigures(
            codec="PCMU", rx_packets=500, rx_lost=0, rx_jitter_ms=1.0, rx_discarded=0, tx_packets=500,
            tx_lost=None, tx_jitter_ms=None, rtt_ms=None, reports=0,
        )
    )  # fmt: skip
    stats = leg.stats(1010.5, final=False)
    assert (stats.at_ms, stats.final, stats.ptime_ms, stats.rx_packets) == (10_500, False, 20, 500)
    assert stats.rx_mos is not None
    assert stats.rx_mos > 4.3
    assert stats.tx_mos is None


def test_a_peer_that_never_stops_fills_nothing_and_its_goodbye_is_kept() -> None:
    leg = observed(INVITE)
    infos = [message("in", f"INFO sip:{n}@b SIP/2.0", 11.0, cseq=f"{n} INFO") for n in range(MAX_MESSAGES)]
    told = [leg.traced(each) for each in infos]
    assert all(told[:-1])
    assert told[-1] is None
    byes = [leg.traced(message("in", "BYE sip:a@b SIP/2.0", 12.0, cseq="9 BYE")) for _ in range(100)]
    assert sum(bye is not None for bye in byes) == MAX_GOODBYES
