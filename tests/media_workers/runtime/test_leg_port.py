"""What a leg tells, on its way to the call's history."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from media_workers.contract.events import EventBody, LegInfo, MediaStats, SipMessage, Trouble
from media_workers.runtime.leg_port import LegPort
from media_workers.sip.types import LegEnd


class Told:
    """The reports of one leg, with their times."""

    def __init__(self, port: LegPort) -> None:
        self.events: list[tuple[EventBody, datetime]] = []
        port.report_to(lambda body, at: self.events.append((body, at)))

    @property
    def bodies(self) -> list[Any]:
        return [body for body, _ in self.events]


@pytest.fixture
async def port() -> LegPort:
    return LegPort(asyncio.get_running_loop(), leg=2)


def message(first_line: str = "INVITE sip:a@b SIP/2.0", direction: str = "in") -> SipMessage:
    told = {"direction": direction, "peer": "192.0.2.1:5060", "transport": "udp"}
    return SipMessage.model_validate(told | {"first_line": first_line, "text": first_line})


async def test_everything_carries_the_number_of_the_leg(port: LegPort) -> None:
    told = Told(port)
    port.on_sip_message(message(), datetime.now(UTC))
    port.on_leg(LegInfo(codec="PCMU"))
    port.on_stats(MediaStats(final=False))
    end = LegEnd(200, "OK", by_peer=True, answered=True, media_lost=False, stats=MediaStats(rx_packets=7))
    port.on_ended(end)
    await port.ended
    assert [(type(b), b.leg) for b in told.bodies] == [
        (SipMessage, 2), (LegInfo, 2), (MediaStats, 2), (MediaStats, 2),
    ]  # fmt: skip
    assert told.bodies[-1].rx_packets == 7


async def test_messages_keep_their_time_while_nobody_listens(port: LegPort) -> None:
    at = datetime.now(UTC) - timedelta(seconds=3)
    port.on_sip_message(message(), at)
    await asyncio.sleep(0)
    told = Told(port)
    assert [(body.first_line, when) for body, when in told.events if isinstance(body, SipMessage)] == [
        ("INVITE sip:a@b SIP/2.0", at)
    ]


async def test_any_answer_of_the_peer_is_a_sign_of_it(port: LegPort) -> None:
    port.on_sip_message(message("SIP/2.0 200 OK", direction="out"), datetime.now(UTC))
    port.on_sip_message(message("OPTIONS sip:a@b SIP/2.0"), datetime.now(UTC))
    await asyncio.sleep(0)
    assert not port.responded.done()
    port.on_sip_message(message("SIP/2.0 100 Trying"), datetime.now(UTC))
    await asyncio.wait_for(port.responded, 30)


async def test_one_way_audio_is_trouble_once(port: LegPort) -> None:
    told = Told(port)
    for at_ms in (5_000, 15_000):
        port.on_stats(MediaStats(final=False, at_ms=at_ms, one_way="we_hear_nothing"))
    await asyncio.sleep(0)
    troubles = [body for body in told.bodies if isinstance(body, Trouble)]
    assert [(t.what, t.at_ms) for t in troubles] == [("one_way_audio", 5_000)]
    assert "No audio arrives" in troubles[0].detail
