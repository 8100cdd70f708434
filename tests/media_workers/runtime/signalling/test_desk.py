"""Registrations and questions to gateways with Kamailio at the other end."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest

from media_workers.contract.calls import Gateway
from media_workers.contract.signalling import (
    GatewayStatus,
    RegistrationStatus,
    RegistrationTask,
    SignallingWork,
)
from media_workers.runtime.control import ControlPlane as Client
from media_workers.runtime.locate import Locator
from media_workers.runtime.signalling import desk as desk_module
from media_workers.runtime.signalling.desk import SignallingDesk
from media_workers.runtime.signalling.wire import Wire
from media_workers.runtime.waiting import cancelled
from tests.fakes.control_plane import TOKEN, ControlPlane
from tests.sip.ports import free_port
from tests.sip.registrar import HOST, PASSWORD, Registrar, registrar
from tests.sip.wait import until

REACHED_AT = "192.0.2.7:5060"


@pytest.fixture(scope="module")
def md5() -> Iterator[Registrar]:
    with registrar(algorithm="MD5") as running:
        yield running


@pytest.fixture(scope="module")
def sha256() -> Iterator[Registrar]:
    with registrar(algorithm="SHA-256") as running:
        yield running


@pytest.fixture
def control(monkeypatch: pytest.MonkeyPatch) -> Iterator[ControlPlane]:
    monkeypatch.setattr(desk_module, "SIGNALLING_EVERY_S", 0.1)
    with ControlPlane() as plane:
        yield plane


@asynccontextmanager
async def working(
    control: ControlPlane, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[SignallingDesk]:
    async with Client(control.url, "node-1", TOKEN) as client, Wire(HOST, HOST, tls=tls) as wire:
        desk = SignallingDesk(client, wire, Locator(), reached_at=REACHED_AT, edge=None)
        task = asyncio.create_task(desk.run())
        try:
            yield desk
        finally:
            await cancelled(task)


def task(gateway: Gateway, *, user: str, password: str = PASSWORD, expires_s: int = 300) -> RegistrationTask:
    return RegistrationTask(
        trunk_id=uuid4(),
        registrar=gateway,
        user=user,
        username=user,
        password=password,
        contact_user=f"slug-{user}",
        expires_s=expires_s,
    )


def at(place: Registrar, transport: str = "udp") -> Gateway:
    host, port = ("localhost", place.tls_port) if transport == "tls" else (HOST, place.port)
    return Gateway.model_validate({"host": host, "port": port, "transport": transport})


async def status(control: ControlPlane, trunk: UUID, state: str) -> RegistrationStatus:
    def found() -> RegistrationStatus | None:
        all_of_it = [s for report in control.signalling for s in report.registrations if s.trunk_id == trunk]
        return all_of_it[-1] if all_of_it and all_of_it[-1].state == state else None

    return await asyncio.to_thread(until, found, f"{trunk} to be {state}")


async def test_udp_and_tcp_and_tls_with_either_digest(
    control: ControlPlane, md5: Registrar, sha256: Registrar
) -> None:
    wanted = [
        task(at(md5), user="udp-md5"),
        task(at(md5, "tcp"), user="tcp-md5"),
        task(at(sha256), user="udp-sha"),
        task(at(sha256, "tls"), user="tls-sha"),
    ]
    control.work = SignallingWork(registrations=wanted)
    trusting = ssl.create_default_context(cafile=str(sha256.certificate))
    async with working(control, tls=trusting):
        for one in wanted:
            state = await status(control, one.trunk_id, "registered")
            assert state.expires_at is not None

    assert md5.contacts("udp-md5") == [f"sip:slug-udp-md5@{REACHED_AT}"]
    assert md5.contacts("tcp-md5") == [f"sip:slug-tcp-md5@{REACHED_AT};transport=tcp"]
    assert sha256.contacts("udp-sha") == [f"sip:slug-udp-sha@{REACHED_AT}"]
    assert sha256.contacts("tls-sha") == [f"sip:slug-tls-sha@{REACHED_AT};transport=tls"]


async def test_what_goes_wrong_is_said_in_words(control: ControlPlane, md5: Registrar) -> None:
    dead = Gateway(host=HOST, port=free_port(), transport="tcp")
    wrong = task(at(md5), user="wrong", password="not it")
    refused = task(dead, user="refused")
    strange = task(at(md5, "tls"), user="strange")
    control.work = SignallingWork(registrations=[wrong, refused, strange])
    async with working(control):
        failed = await status(control, wrong.trunk_id, "failed")
        nobody = await status(control, refused.trunk_id, "backing_off")
        untrusted = await status(control, strange.trunk_id, "backing_off")

    assert failed.last_error == "The registrar did not accept the trunk's user name and password."
    assert failed.retry_at is not None
    assert "Connection refused" in nobody.last_error
    assert "TLS with localhost" in untrusted.last_error
    assert md5.contacts("wrong") == []


async def test_one_that_is_not_wanted_any_more_is_taken_back(control: ControlPlane, md5: Registrar) -> None:
    one = task(at(md5), user="leaving")
    control.work = SignallingWork(registrations=[one])
    async with working(control):
        await status(control, one.trunk_id, "registered")
        control.work = SignallingWork(registrations=[one.model_copy(update={"expires_s": 0})])
        await status(control, one.trunk_id, "none")

    assert md5.contacts("leaving") == []


async def test_one_that_another_node_holds_is_let_go_of_and_stays(
    control: ControlPlane, md5: Registrar
) -> None:
    one = task(at(md5), user="moving")
    control.work = SignallingWork(registrations=[one])
    async with working(control):
        await status(control, one.trunk_id, "registered")
        control.work = SignallingWork()
        told = len(control.signalling)
        await asyncio.to_thread(until, lambda: len(control.signalling) > told + 2, "further reports")

    assert md5.contacts("moving") == [f"sip:slug-moving@{REACHED_AT}"]


async def test_changed_credentials_are_used_at_once(control: ControlPlane, md5: Registrar) -> None:
    one = task(at(md5), user="changing", password="old")
    control.work = SignallingWork(registrations=[one])
    async with working(control):
        await status(control, one.trunk_id, "failed")
        control.work = SignallingWork(registrations=[one.model_copy(update={"password": PASSWORD})])
        await status(control, one.trunk_id, "registered")


async def test_nothing_is_lost_while_the_control_plane_is_away(control: ControlPlane, md5: Registrar) -> None:
    one = task(at(md5), user="patient")
    gateway = at(md5).model_copy(update={"id": uuid4()})
    control.work = SignallingWork(registrations=[one], gateways=[gateway])
    control.answer_with(503, "signalling", times=2)
    async with working(control):
        await status(control, one.trunk_id, "registered")
        await _gateway(control, gateway)


async def test_without_a_control_plane_for_a_lease_everything_is_let_go(
    control: ControlPlane, md5: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_module, "LOST_S", 0.3)
    one = task(at(md5), user="lost")
    control.work = SignallingWork(registrations=[one])
    async with working(control) as desk:
        await status(control, one.trunk_id, "registered")
        with control.away():
            await asyncio.to_thread(until, lambda: not desk.holds, "the registration to be let go of")
        told = len(control.signalling)
        await asyncio.to_thread(until, lambda: len(control.signalling) > told, "a report")
        await status(control, one.trunk_id, "registered")


async def test_gateways_are_asked_and_a_dead_one_says_why(control: ControlPlane, md5: Registrar) -> None:
    alive = [at(md5, t).model_copy(update={"id": uuid4()}) for t in ("udp", "tcp")]
    dead = Gateway(host=HOST, port=free_port(), transport="tcp", id=uuid4())
    unknown = Gateway(host="no-such-host.invalid", port=None, transport="udp", id=uuid4())
    control.work = SignallingWork(gateways=[*alive, dead, unknown])
    async with working(control):
        found = [await _gateway(control, g) for g in (*alive, dead, unknown)]

    assert [f.up for f in found] == [True, True, False, False]
    assert all(f.rtt_ms is not None for f in found[:2])
    assert "Connection refused" in found[2].error
    assert "no-such-host.invalid" in found[3].error


async def _gateway(control: ControlPlane, gateway: Gateway) -> GatewayStatus:
    def found() -> GatewayStatus | None:
        everything = [s for report in control.signalling for s in report.gateways]
        return next((s for s in reversed(everything) if s.gateway_id == gateway.id), None)

    return await asyncio.to_thread(until, found, f"news of {gateway.host}:{gateway.port}")


async def test_nothing_is_sent_to_private_addresses_unless_allowed(
    control: ControlPlane, md5: Registrar
) -> None:
    """What answers there, and how, is nobody's business outside."""
    one = task(at(md5), user="inside")
    gateway = at(md5, "tcp").model_copy(update={"id": uuid4()})
    control.work = SignallingWork(registrations=[one], gateways=[gateway], allow_private=False)
    async with working(control):
        registration = await status(control, one.trunk_id, "backing_off")
        asked = await _gateway(control, gateway)

    assert registration.last_error == asked.error == f"{HOST} is {HOST}, which is not on the public internet."
    assert md5.contacts("inside") == []
