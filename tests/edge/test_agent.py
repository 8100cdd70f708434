"""The agent beside a running Kamailio: what changes in the database is so at the edge moments later."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from media_workers.contract.calls import Heartbeat
from telephony.edge.kamailio.agent import EdgeAgent
from telephony.edge.kamailio.config import Listen, edge_config
from telephony.edge.kamailio.devices import Registered, save_devices
from telephony.edge.kamailio.process import command
from telephony.edge.models import EdgeDevice
from telephony.edge.selectors import registered_devices
from telephony.edge.services import ensure_node, new_token, record_heartbeat
from telephony.trunks.models import Trunk, TrunkAddress
from tenants.scope import tenant_scope
from tests.bench.sip_caller import sdp
from tests.edge.kamailio import EDGE
from tests.edge.peer import Call, Dialog, Peer, authorization, called
from tests.sip.ports import free_port
from tests.sip.wait import until
from tests.tenancy import make_tenant

pytestmark = pytest.mark.journey

CARRIER, PHONE, NODE = "127.0.0.17", "127.0.0.18", "127.0.0.19"


class Living:
    """An agent and its Kamailio, which may die."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port(EDGE)
        listen = (Listen("udp", ip_address(EDGE), self.port),)
        self.config = edge_config(folder=folder, listen=listen, workers=2, sip_domain="sip.localhost")
        self.agent = EdgeAgent(self.config)
        self.agent.prepare()
        self.start()

    def start(self) -> None:
        log = (self.config.folder / "log").open("w")
        self.kamailio = subprocess.Popen(
            command(self.config.folder), stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        until(self.agent.answers, "Kamailio to answer")

    def until(self, probe: Callable[[], Any], what: str) -> Any:
        """As the loop of `manage.py edge` does: a step, and a look."""

        def step() -> Any:
            self.agent.step()
            return probe()

        return until(step, what)

    def stop(self) -> None:
        self.agent.close()
        self.kamailio.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.kamailio.wait(10)
        self.kamailio.kill()
        self.kamailio.wait()


@pytest.fixture
def living(db: None, tmp_path: Path) -> Iterator[Living]:
    running = Living(tmp_path)
    yield running
    running.stop()


def beat(*lines: Peer, life: str = "1") -> None:
    told = {"node": "node", "boot_id": UUID(int=7), "sip_address": "x:1", "lines": len(lines), "capacity": 4}
    told |= {"active": 0, "sip_lines": [{"address": p.place, "capacity": 4, "life": life} for p in lines]}
    record_heartbeat(ensure_node("node", new_token()), Heartbeat.model_validate(told))


def test_the_edge_follows_the_database_and_calls_go_on(living: Living) -> None:
    tenant = make_tenant()
    edge = (EDGE, living.port)
    with Peer(edge, NODE) as line, Peer(edge, CARRIER) as carrier, Peer(edge, PHONE) as phone:
        # A node and a trunk appear.
        beat(line)
        with tenant_scope(tenant.pk):
            trunk = Trunk.objects.create(name="Main")
            TrunkAddress.objects.create(trunk=trunk, network=ip_network(f"{CARRIER}/32"))
        call = Call(carrier, f"sip:+12025550100@{trunk.slug}.sip.localhost")
        dialog = living.until(lambda: came_up(call, line), "the carrier's call")

        # Everything changes, the call stays.
        with tenant_scope(tenant.pk):
            TrunkAddress.objects.all().delete()
            trunk.inbound_auth, trunk.registration = "digest", "inbound"
            trunk.inbound_username, trunk.inbound_password = "pbx", "right"
            trunk.save()
        beat(line, life="2")
        accepted = living.until(lambda: register(phone, trunk.slug), "the phone's registration")
        assert "expires=" in accepted.header("Contact")
        [device] = living.until(lambda: list(registered_devices(trunk.slug)), "the device in the database")
        assert (device.contact, device.user_agent, device.edge) == (phone.contact, "Desk phone 7", "edge-1")
        assert device.expires_at > timezone.now()
        call.send("INVITE", sdp(40_002, version=2))
        line.respond(line.request("INVITE"), 200, "OK", sdp(41_002, version=2))
        assert carrier.response("INVITE").code == 200
        call.send("ACK", cseq=call.cseq)

        # Kamailio dies in the middle of it: the dialog is in the messages, not in the process.
        os.killpg(living.kamailio.pid, signal.SIGKILL)
        living.kamailio.wait()
        living.agent.step()
        living.start()
        dialog.send("BYE")
        carrier.respond(carrier.request("BYE"), 200, "OK")
        assert line.response("BYE").code == 200


def came_up(call: Call, line: Peer) -> Dialog | None:
    """One attempt; an edge that does not know the carrier yet is silent."""
    call.invite()
    while (message := line.hear(0.3)) is not None:
        if message.text.startswith("INVITE "):
            line.respond(message, 200, "OK", sdp(41_000), to_tag="line")
            assert call.answer().code == 200
            return called(line, message, "line")
    return None


def register(phone: Peer, slug: str) -> Any:
    uri = f"sip:{slug}.sip.localhost"
    request = Call(phone, uri, caller="pbx")
    request.theirs = f"<sip:pbx@{slug}.sip.localhost>"
    request.send("REGISTER", headers="Expires: 120")
    challenge = phone.hear(0.3)
    if challenge is None or challenge.code != 401:
        return None
    headers = authorization(challenge, "REGISTER", uri, "pbx", "right")
    request.send("REGISTER", headers=f"{headers}\nExpires: 120\nUser-Agent: Desk phone 7")
    answer = phone.response("REGISTER")
    return answer if answer.code == 200 else None


def test_what_an_edge_says_of_devices_is_replaced(db: None) -> None:
    first = Registered("acme", "sip:a@192.0.2.1", "", "Phone", 60)
    second = Registered("acme", "sip:b@192.0.2.2", "sip:198.51.100.7:1024", "Phone", 60)
    save_devices("edge-1", [first, second])
    save_devices("edge-2", [first])
    save_devices("edge-1", [second])
    assert [(d.edge, d.contact) for d in registered_devices("acme")] == [
        ("edge-2", "sip:a@192.0.2.1"),
        ("edge-1", "sip:b@192.0.2.2"),
    ]
    save_devices("edge-1", [])
    save_devices("edge-2", [Registered("acme", "sip:a@192.0.2.1", "", "Phone", 0)])
    assert not registered_devices("acme")


def test_devices_of_an_edge_that_is_gone_go_in_time(db: None) -> None:
    save_devices("edge-gone", [Registered("acme", "sip:a@192.0.2.1", "", "Phone", 60)])
    save_devices("edge-1", [])
    assert EdgeDevice.objects.count() == 1
    EdgeDevice.objects.update(expires_at=timezone.now() - timedelta(hours=2))
    save_devices("edge-1", [])
    assert not EdgeDevice.objects.exists()
