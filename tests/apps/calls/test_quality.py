"""How a call was set up and how it sounded: put together from what the node told, leg by leg."""

from __future__ import annotations

from typing import Any

import pytest

from apps.calls.models import Call, CallEvent
from apps.calls.quality import legs_of, quality_of, rating_of
from apps.calls.services import record_events
from media_workers.contract.events import GatewayFailed, LegInfo, MediaStats
from telephony.edge.models import MediaNode
from tenants.ids import new_id
from tenants.scope import tenant_scope
from tests.apps.calls.wire import batch, event, fresh

FIRST = {"gateway": "192.0.2.1:5060/udp", "transport": "udp", "pdd_ms": None}
SECOND = {
    "gateway": "192.0.2.2:5061/tls",
    "transport": "tls",
    "remote_agent": "carrier 1.0",
    "codec": "PCMA",
    "ptime_ms": 20,
    "srtp": True,
    "pdd_ms": 900,
    "setup_ms": 4000,
}


def told(*bodies: Any) -> list[CallEvent]:
    """Events as they are stored."""
    return [
        CallEvent(tenant_id=new_id(), seq=seq, type=body.type, body=body.model_dump(mode="json"))
        for seq, body in enumerate(bodies, start=1)
    ]


def reading(at_ms: int, packets: int, lost: int, **more: Any) -> MediaStats:
    return MediaStats(final=False, at_ms=at_ms, rx_packets=packets, rx_lost=lost, **more)


@pytest.mark.parametrize(
    ("mos", "rating"),
    [(4.41, "excellent"), (4.34, "excellent"), (4.2, "good"), (3.6, "fair"), (3.1, "poor"), (1.0, "bad")],
)
def test_a_mos_has_a_name(mos: float, rating: str) -> None:
    name, words = rating_of(mos)
    assert name == rating
    assert words


def test_without_a_mos_nothing_is_claimed() -> None:
    assert rating_of(None) == ("", "")


def test_a_gateway_that_failed_and_the_one_that_answered() -> None:
    failed = GatewayFailed(gateway="192.0.2.1:5060/udp", sip_code=503, sip_reason="Busy", after_ms=40)
    legs = legs_of(told(LegInfo(leg=0, **FIRST), failed, LegInfo(leg=1, **SECOND)))
    assert [(leg["leg"], leg["gateway"], leg["setup_ms"]) for leg in legs] == [
        (0, "192.0.2.1:5060/udp", None),
        (1, "192.0.2.2:5061/tls", 4000),
    ]
    assert legs[0]["failed"] == {"sip_code": 503, "sip_reason": "Busy", "after_ms": 40}
    assert legs[1]["failed"] is None
    assert (legs[1]["remote_agent"], legs[1]["srtp"], legs[1]["received"]) == ("carrier 1.0", True, None)


def test_the_same_gateway_that_failed_twice_is_two_legs() -> None:
    failed = GatewayFailed(gateway="192.0.2.1:5060/udp", sip_code=408)
    legs = legs_of(told(LegInfo(leg=0, **FIRST), failed, LegInfo(leg=1, **FIRST), failed))
    assert [bool(leg["failed"]) for leg in legs] == [True, True]


def test_a_gateway_that_no_invite_could_be_sent_to_is_a_leg_too() -> None:
    legs = legs_of(told(GatewayFailed(gateway="nowhere.example/tls", sip_code=503)))
    assert [(leg["leg"], leg["gateway"], leg["failed"]["sip_code"]) for leg in legs] == [
        (0, "nowhere.example/tls", 503)
    ]


def test_the_last_reading_counts_and_the_others_are_a_series() -> None:
    final = MediaStats(
        at_ms=25_000, rx_packets=1200, rx_lost=50, rx_mos=4.1, tx_packets=1250, tx_lost=25, tx_mos=4.2
    )
    legs = legs_of(told(reading(10_000, 490, 10), reading(20_000, 950, 50, rtt_ms=80.0), final))
    assert (legs[0]["received"]["lost_percent"], legs[0]["sent"]["lost_percent"]) == (4.0, 2.0)
    assert (legs[0]["received"]["rating"], legs[0]["sent"]["rating"]) == ("good", "good")
    # Of the second ten seconds: 460 arrived, 40 did not.
    series = [(point["at_ms"], point["rx_lost_percent"], point["rtt_ms"]) for point in legs[0]["series"]]
    assert series == [(10_000, 2.0, None), (20_000, 8.0, 80.0)]


def test_what_the_far_side_did_not_report_is_not_known() -> None:
    sent = legs_of(told(MediaStats(rx_packets=500, tx_packets=500)))[0]["sent"]
    assert (sent["packets"], sent["lost"], sent["lost_percent"], sent["mos"]) == (500, None, None, None)


def test_figures_of_an_earlier_version_are_still_shown() -> None:
    old = {"codec": "PCMU", "rx_packets": 400, "rx_lost": 0, "rx_jitter_ms": 1.5, "tx_packets": 400}
    legs = legs_of([CallEvent(tenant_id=new_id(), seq=1, type="media", body=old)])
    assert (legs[0]["leg"], legs[0]["received"]["packets"], legs[0]["series"]) == (0, 400, [])


# --- the call's own columns -------------------------------------------------------------------------


def test_the_call_has_the_figures_of_its_leg(node: MediaNode, answered: Call) -> None:
    record_events(
        node,
        batch(
            answered.pk,
            event(2, "leg", leg=0, direction="in", gateway="192.0.2.1:5060/udp", transport="udp",
                  remote_agent="a telephone", codec="PCMU", ptime_ms=20, setup_ms=120),
            event(3, "media", rx_packets=500, rx_mos=4.3, tx_mos=3.9),
        ),
    )  # fmt: skip
    call = fresh(answered.pk)
    assert (call.gateway, call.remote_agent, call.codec) == ("192.0.2.1:5060/udp", "a telephone", "PCMU")
    assert (call.transport, call.ptime_ms, call.setup_ms, call.pdd_ms) == ("udp", 20, 120, None)
    assert call.mos == 3.9


def test_a_forwarded_leg_does_not_change_the_callers_figures(node: MediaNode, answered: Call) -> None:
    record_events(
        node,
        batch(
            answered.pk,
            event(2, "leg", leg=0, direction="in", gateway="192.0.2.1:5060/udp", codec="PCMU"),
            event(3, "leg", leg=1, gateway="198.51.100.1:5060/udp", codec="PCMA"),
            event(4, "gateway_failed", gateway="198.51.100.1:5060/udp", sip_code=503),
            event(5, "media", leg=1, rx_packets=100, rx_mos=1.5, one_way="we_hear_nothing"),
        ),
    )
    call = fresh(answered.pk)
    assert (call.gateway, call.codec, call.mos, call.one_way) == ("192.0.2.1:5060/udp", "PCMU", None, "")
    with tenant_scope(call.tenant_id):
        assert [leg["one_way"] for leg in quality_of(call)["legs"]] == ["", "we_hear_nothing"]


def test_one_way_audio_is_said_in_words(node: MediaNode, answered: Call) -> None:
    record_events(node, batch(answered.pk, event(2, "media", one_way="both_silent")))
    call = fresh(answered.pk)
    with tenant_scope(call.tenant_id):
        quality = quality_of(call)
    assert quality["one_way"] == "both_silent"
    assert "either direction" in quality["one_way_words"]
