"""Outbound legs against real telephones of the sandbox network."""

import asyncio
import re
import socket
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from media_workers.contract.calls import DialTarget, Gateway
from media_workers.contract.events import EndReason, EventBody, GatewayFailed, SipMessage
from media_workers.runtime import dialing
from media_workers.runtime.dialing import Connected, Dialer, clear
from media_workers.runtime.leg_port import LegPort
from media_workers.runtime.locate import Locator
from media_workers.runtime.outcomes import CallOver, Outcome
from media_workers.sip.line import PjsuaLine
from tests.fakes.dns_server import DnsServer
from tests.media_workers.runtime.conftest import free_sip_port
from tests.sip import sipp
from tests.sip.certificate import write_certificate
from tests.sip.ports import free_port

LONG_S = 45.0
PATIENCE_MS = 1_000


class Deaf:
    """Ears for a leg whose audio does not matter."""

    def on_answered(self, codec: str) -> None: ...
    def on_dtmf(self, digit: str) -> None: ...
    def on_hold(self, held: bool) -> None: ...
    def on_frame(self, pcm: bytes) -> None: ...
    def next_frame(self) -> bytes | None:
        return None


@dataclass
class Call:
    """One attempt, with everything it said."""

    line: PjsuaLine
    gateways: list[Gateway]
    number: str
    ring_s: float = 20.0
    backup: DialTarget | None = None
    locator: Locator | None = field(default_factory=Locator)
    facts: dict[str, Any] = field(default_factory=dict)
    events: list[EventBody] = field(default_factory=list)
    ringing: list[int] = field(default_factory=list)

    async def run(self, stop_after_ring: Outcome | None = None) -> Connected | Outcome:
        loop = asyncio.get_running_loop()
        stopped: asyncio.Future[Outcome] = loop.create_future()

        def new_port() -> LegPort:
            port = LegPort(loop)
            port.report_to(lambda body, at: self.events.append(body))
            port.connect(Deaf())
            return port

        def on_ringing(code: int) -> None:
            self.ringing.append(code)
            if stop_after_ring is not None:
                stopped.set_result(stop_after_ring)

        target = DialTarget(
            number=self.number,
            caller_id="+12025550150",
            gateways=self.gateways,
            ring_timeout_ms=int(self.ring_s * 1000),
            invite_timeout_ms=PATIENCE_MS,
            backup=self.backup,
            **self.facts,
        )
        dialer = Dialer(
            self.line,
            target,
            new_port=new_port,
            stopped=stopped,
            emit=self.events.append,
            on_ringing=on_ringing,
            locator=self.locator,
        )
        try:
            async with asyncio.timeout(LONG_S):
                return await dialer.run()
        except CallOver as over:
            return over.outcome

    @property
    def failed(self) -> list[GatewayFailed]:
        return [e for e in self.events if isinstance(e, GatewayFailed)]

    @property
    def sent(self) -> list[SipMessage]:
        """The INVITEs, retransmissions too."""
        out = [e for e in self.events if isinstance(e, SipMessage) and e.direction == "out"]
        return [e for e in out if e.first_line.startswith("INVITE ")]

    @property
    def invites(self) -> list[str]:
        """Whom an INVITE was sent to, in order."""
        return list(dict.fromkeys(e.peer for e in self.sent))

    @property
    def first_lines(self) -> list[str]:
        return [e.first_line for e in self.sent]

    @property
    def senders(self) -> list[str]:
        """Who the INVITEs say is calling, without our address."""
        return [m[1] for e in self.sent if (m := re.search(r"From: ([^@]+@)", e.text))]


async def test_an_answered_call_is_connected(line: PjsuaLine, phones: Gateway) -> None:
    call = Call(line, [phones], "+12025550101")
    connected = await call.run()
    assert isinstance(connected, Connected)
    assert connected.port.answered.result() == "PCMU"
    assert call.ringing == [180]
    end = await clear(connected.leg, connected.port, "done")
    assert end is not None
    assert end.answered
    assert not end.by_peer


@pytest.mark.parametrize(
    ("number", "reason", "code"),
    [
        ("+12025550107", EndReason.BUSY, 486),
        ("+12025550109", EndReason.REJECTED, 603),
        ("+12025550110", EndReason.UNREACHABLE, 480),
        ("+12025550111", EndReason.UNREACHABLE, 503),
        ("+12025550199", EndReason.NUMBER_UNKNOWN, 404),
    ],
)
async def test_a_number_ends_as_it_promises(
    line: PjsuaLine, phones: Gateway, number: str, reason: EndReason, code: int
) -> None:
    outcome = await Call(line, [phones], number).run()
    assert isinstance(outcome, Outcome)
    assert (outcome.reason, outcome.sip_code) == (reason, code)


async def test_a_telephone_nobody_picks_up_is_given_up(line: PjsuaLine, phones: Gateway) -> None:
    call = Call(line, [phones], "+12025550108", ring_s=2.0)
    outcome = await call.run()
    assert isinstance(outcome, Outcome)
    assert (outcome.reason, outcome.sip_code) == (EndReason.NO_ANSWER, 487)
    assert call.ringing == [180]
    sent = [e.first_line for e in call.events if isinstance(e, SipMessage) and e.direction == "out"]
    assert any(first.startswith("CANCEL ") for first in sent)


async def test_a_carrier_that_fails_is_passed_over(line: PjsuaLine, phones: Gateway) -> None:
    """The same phones behind two addresses: the first one is a carrier that is down for this number."""
    call = Call(line, [phones, Gateway(host="localhost", port=phones.port)], "+12025550111")
    outcome = await call.run()
    assert isinstance(outcome, Outcome)
    assert (outcome.reason, outcome.sip_code) == (EndReason.UNREACHABLE, 503)
    assert [each.sip_code for each in call.failed] == [503, 503]


async def test_a_silent_gateway_is_passed_over(line: PjsuaLine, phones: Gateway, black_hole: Gateway) -> None:
    call = Call(line, [black_hole, phones], "+12025550101")
    connected = await call.run()
    assert isinstance(connected, Connected)
    assert call.invites == [f"127.0.0.1:{black_hole.port}", f"127.0.0.1:{phones.port}"]
    [failed] = call.failed
    assert failed.gateway == f"127.0.0.1:{black_hole.port}/udp"
    assert (failed.gateway_id, failed.sip_code) == (black_hole.id, 408)
    assert failed.after_ms >= PATIENCE_MS
    await clear(connected.leg, connected.port, "done")


async def test_a_closed_port_is_passed_over(line: PjsuaLine, phones: Gateway) -> None:
    nobody = Gateway(host="127.0.0.1", port=free_sip_port(), transport="tcp")
    call = Call(line, [nobody, phones], "+12025550101")
    connected = await call.run()
    assert isinstance(connected, Connected)
    assert len(call.failed) == 1
    await clear(connected.leg, connected.port, "done")


async def test_a_gateway_whose_tls_does_not_come_up_is_passed_over(line: PjsuaLine, phones: Gateway) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        silent = Gateway(host="127.0.0.1", port=mute.getsockname()[1], transport="tls")
        refusing = Gateway(host="127.0.0.1", port=free_sip_port(), transport="tls")
        call = Call(line, [refusing, silent, phones], "+12025550101")
        connected = await call.run()
    assert isinstance(connected, Connected)
    assert [(each.sip_code, each.sip_reason) for each in call.failed] == [
        (503, "Connection refused"),
        (408, "No answer to the INVITE for 1 s."),
    ]
    await clear(connected.leg, connected.port, "done")


async def test_a_certificate_that_proves_nothing_is_told_in_words(
    line: PjsuaLine, phones: Gateway, tmp_path: Path
) -> None:
    write_certificate(tmp_path, "carrier.test")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    async with await asyncio.start_server(lambda *ends: None, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        call = Call(line, [Gateway(host="127.0.0.1", port=port, transport="tls"), phones], "+12025550101")
        connected = await call.run()
    assert isinstance(connected, Connected)
    [failed] = call.failed
    assert failed.sip_code == 503
    assert failed.sip_reason == "The TLS certificate of 127.0.0.1 is for another name, or untrusted."
    await clear(connected.leg, connected.port, "done")


async def test_a_busy_telephone_is_not_tried_by_another_way(line: PjsuaLine, phones: Gateway) -> None:
    call = Call(line, [phones, phones], "+12025550107")
    outcome = await call.run()
    assert isinstance(outcome, Outcome)
    assert outcome.reason is EndReason.BUSY
    assert call.failed == []


async def test_a_lone_silent_gateway_gets_the_whole_ringing_time(
    line: PjsuaLine, black_hole: Gateway
) -> None:
    call = Call(line, [black_hole], "+12025550101", ring_s=1.5)
    began = time.monotonic()
    outcome = await call.run()
    assert isinstance(outcome, Outcome)
    assert outcome.reason is EndReason.UNREACHABLE
    assert time.monotonic() - began >= 1.5
    assert "No reply" in outcome.detail


async def test_stopped_while_it_rings(line: PjsuaLine, phones: Gateway) -> None:
    asked = Outcome(EndReason.API_HUNG_UP, detail="changed my mind")
    outcome = await Call(line, [phones], "+12025550108").run(stop_after_ring=asked)
    assert outcome == asked


async def test_a_trunk_without_gateways_reaches_nobody(line: PjsuaLine) -> None:
    outcome = await Call(line, [], "+12025550101").run()
    assert isinstance(outcome, Outcome)
    assert outcome.reason is EndReason.UNREACHABLE
    assert "gateway" in outcome.detail


async def test_a_number_that_no_invite_can_be_made_of(line: PjsuaLine, phones: Gateway) -> None:
    outcome = await Call(line, [phones], "+1 202>\r\nRoute: <sip:evil>").run()
    assert isinstance(outcome, Outcome)
    assert outcome.reason is EndReason.FAILED
    assert outcome.detail


@pytest.mark.parametrize("scenario", ["uas_late_answer", "uas_late_ringing"])
async def test_a_gateway_that_wakes_up_after_it_was_given_up_rings_no_second_phone(
    line: PjsuaLine, phones: Gateway, tmp_path: Path, scenario: str
) -> None:
    port = free_port()
    slow = sipp.start(sipp.Case(scenario, ("127.0.0.1", 1), "", port=port, stay_ms=1_500), tmp_path)
    sipp.wait_listening(port)
    call = Call(line, [Gateway(host="127.0.0.1", port=port), phones], "+12025550101")
    connected = await call.run()
    assert isinstance(connected, Connected)
    result = await asyncio.to_thread(slow.wait)
    assert result.ok, f"{result.errors}\n{result.messages}"
    assert not connected.port.ended.done()
    await clear(connected.leg, connected.port, "done")


async def test_the_servers_of_one_gateway_are_tried_in_their_order(
    line: PjsuaLine, phones: Gateway, black_hole: Gateway
) -> None:
    carrier = Gateway(host="carrier.test", port=None, id=uuid4())
    with DnsServer() as dns:
        dns.zone["_sip._udp.carrier.test", "SRV"] = [
            f"10 1 {black_hole.port} a.carrier.test.",
            f"20 1 {phones.port} a.carrier.test.",
        ]
        dns.zone["a.carrier.test", "A"] = ["127.0.0.1"]
        call = Call(line, [carrier], "+12025550101", locator=Locator(dns.resolver()))
        connected = await call.run()
    assert isinstance(connected, Connected)
    assert call.invites == [f"127.0.0.1:{black_hole.port}", f"127.0.0.1:{phones.port}"]
    assert all("@carrier.test SIP/2.0" in sent for sent in call.first_lines)
    [failed] = call.failed
    assert failed.gateway == f"carrier.test/udp (127.0.0.1:{black_hole.port})"
    assert failed.gateway_id is None, "the gateway itself took the call"
    await clear(connected.leg, connected.port, "done")


async def test_a_gateway_that_dns_does_not_know_is_passed_over(line: PjsuaLine, phones: Gateway) -> None:
    lost = Gateway(host="carrier.test", port=None, id=uuid4())
    with DnsServer() as dns:
        call = Call(line, [lost, phones], "+12025550101", locator=Locator(dns.resolver()))
        connected = await call.run()
    assert isinstance(connected, Connected)
    [failed] = call.failed
    assert (failed.gateway_id, failed.sip_code) == (lost.id, 503)
    assert "does not know the name carrier.test" in failed.sip_reason
    await clear(connected.leg, connected.port, "done")


async def test_a_name_that_leads_inside_is_not_followed(line: PjsuaLine, phones: Gateway) -> None:
    carrier = Gateway(host="carrier.test", port=phones.port)
    with DnsServer() as dns:
        dns.zone["carrier.test", "A"] = ["127.0.0.1"]
        call = Call(line, [carrier], "+12025550101", locator=Locator(dns.resolver()))
        call.facts["allow_private"] = False
        outcome = await call.run()
    assert isinstance(outcome, Outcome)
    assert outcome.reason is EndReason.UNREACHABLE
    assert "127.0.0.1, which is not on the public internet" in outcome.detail
    assert call.invites == []


async def test_the_backup_trunk_is_tried_when_every_gateway_has_failed(
    line: PjsuaLine, phones: Gateway
) -> None:
    nobody = Gateway(host="127.0.0.1", port=free_sip_port(), transport="tcp")
    call = Call(line, [nobody], "+12025550101")
    call.backup = DialTarget(number="+12025550107", caller_id="+12025550151", gateways=[phones])
    outcome = await call.run()
    assert isinstance(outcome, Outcome)
    assert outcome.reason is EndReason.BUSY, "the number as the backup wants it"
    [failed] = call.failed
    assert (failed.gateway, failed.sip_reason) == (f"127.0.0.1:{nobody.port}/tcp", "Connection refused")
    assert call.senders[-1] == "<sip:+12025550151@"


async def test_with_everybody_busy_elsewhere_the_next_gateway_waits_for_room(
    line: PjsuaLine, phones: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialing, "ROOM_S", 0.5)
    async with asyncio.timeout(LONG_S):
        while line.active():
            await asyncio.sleep(0.1)
    monkeypatch.setattr(line, "capacity", 1)
    first = await Call(line, [phones], "+12025550101").run()
    assert isinstance(first, Connected)
    refused = await Call(line, [phones], "+12025550101").run()
    assert isinstance(refused, Outcome)
    assert refused.reason is EndReason.NO_CAPACITY
    waiting = asyncio.ensure_future(Call(line, [phones], "+12025550101").run())
    await clear(first.leg, first.port, "done")
    second = await waiting
    assert isinstance(second, Connected)
    await clear(second.leg, second.port, "done")


async def test_the_line_is_left_without_legs(line: PjsuaLine) -> None:
    async with asyncio.timeout(LONG_S):
        while line.active():
            await asyncio.sleep(0.1)
