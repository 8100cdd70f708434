"""What the edge is told of trunks and nodes, and that nothing anybody typed gets out of its place."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from ipaddress import ip_network
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.utils import timezone

from media_workers.contract.calls import Heartbeat
from telephony.edge.kamailio.config import edge_config
from telephony.edge.kamailio.content import (
    EdgeContent,
    LineEntry,
    TrunkEntry,
    UserEntry,
    fingerprint,
    read_content,
)
from telephony.edge.kamailio.render import render
from telephony.edge.kamailio.tables import tables
from telephony.edge.models import ControlReach
from telephony.edge.services import ensure_node, new_token, record_heartbeat, record_reach
from telephony.trunks.models import Trunk, TrunkAddress
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import make_tenant


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant()


def trunk(tenant: Tenant, *networks: str, **fields: Any) -> Trunk:
    with tenant_scope(tenant.pk):
        made = Trunk.objects.create(**({"name": "Main"} | fields))
        for network in networks:
            TrunkAddress.objects.create(trunk=made, network=ip_network(network))
    return made


def beat(name: str, *lines: dict[str, Any], ago_s: float = 0, **fields: Any) -> None:
    told = {"node": name, "boot_id": UUID(int=7), "sip_address": "10.0.0.5:5060", "lines": len(lines)}
    told |= {"capacity": 4, "active": 0, "sip_lines": list(lines)} | fields
    node = ensure_node(name, new_token())
    record_heartbeat(node, Heartbeat.model_validate(told), now=timezone.now() - timedelta(seconds=ago_s))


def heard() -> None:
    """The control plane has been reachable for a while."""
    for ago_s in (30, 15, 0):
        record_reach(reachable=True, now=timezone.now() - timedelta(seconds=ago_s))


def line(address: str, capacity: int = 4, life: str = "1") -> dict[str, Any]:
    return {"address": address, "capacity": capacity, "life": life}


def test_every_tenants_trunks_are_known_at_the_edge(tenant: Tenant) -> None:
    plain = trunk(tenant, "192.0.2.0/28", "2001:db8::/64")
    pbx = trunk(
        make_tenant("Other"),
        "198.51.100.0/24",
        inbound_auth="digest",
        inbound_username="pbx",
        inbound_password="secret",
        registration="inbound",
    )
    away = trunk(tenant, "203.0.113.0/28", archived_at=timezone.now())
    out = trunk(tenant, "203.0.113.64/28", direction="outbound")
    phone = trunk(
        tenant, direction="outbound", registration="inbound", inbound_username="p", inbound_password="q"
    )
    content = read_content("MD5")
    assert content.networks == (ip_network("192.0.2.0/28"), ip_network("2001:db8::/64"))
    assert set(content.trunks) == {
        TrunkEntry(plain.slug, "ip", "none"),
        TrunkEntry(pbx.slug, "digest", "inbound"),
        TrunkEntry(phone.slug, "none", "inbound"),
    }
    assert not {away.slug, out.slug} & {entry.slug for entry in content.trunks}
    ha1 = hashlib.md5(b"pbx:sip.localhost:secret").hexdigest()  # noqa: S324
    assert UserEntry("pbx", pbx.slug, ha1) in content.users
    sha = hashlib.sha256(b"pbx:sip.localhost:secret").hexdigest()
    assert UserEntry("pbx", pbx.slug, sha) in read_content("SHA-256").users


def test_carriers_that_are_set_up_are_known_at_the_edge(tenant: Tenant, settings: Any) -> None:
    settings.TWILIO_ACCOUNT_SID, settings.TELNYX_API_KEY = "AC" + "0" * 32, "KEY0"
    settings.TWILIO_SIP_NETWORKS, settings.TELNYX_SIP_NETWORKS = [], ["203.0.113.0/24"]
    trunk(tenant, "192.0.2.0/28")

    known = {str(network) for network in read_content("MD5").networks}
    assert known > {"192.0.2.0/28", "54.172.60.0/30", "203.0.113.0/24"}
    settings.TWILIO_ACCOUNT_SID = settings.TELNYX_API_KEY = ""
    assert read_content("MD5").networks == (ip_network("192.0.2.0/28"),)


def test_lines_of_live_nodes_take_calls_and_all_live_nodes_may_place_them(db: None) -> None:
    beat("taking", line("10.0.0.5:5060"), line("10.0.0.5:5071", life="2"), line("10.0.0.5:5072", capacity=0))
    beat("draining", line("10.0.0.6:5060"), draining=True)
    beat("gone", line("10.0.0.7:5060"), ago_s=20)
    beat("six", line("[2001:db8::5]:5060"))
    heard()
    content = read_content("MD5")
    assert {entry.address for entry in content.lines} == {
        "10.0.0.5:5060",
        "10.0.0.5:5071",
        "[2001:db8::5]:5060",
    }
    assert content.nodes == ("10.0.0.5", "10.0.0.6", "2001:db8::5")


def test_nodes_that_nobody_can_hear_keep_their_calls(db: None) -> None:
    """The control plane is away, or nobody looks whether it is there: the nodes talk to callers."""
    beat("node", line("10.0.0.5:5060"), ago_s=60)
    assert [entry.address for entry in read_content("MD5").lines] == ["10.0.0.5:5060"]
    record_reach(reachable=False)
    assert read_content("MD5").nodes == ("10.0.0.5",)
    before = timezone.now() - timedelta(seconds=300)
    ControlReach.objects.update(checked_at=before, reachable_since=before - timedelta(seconds=60))
    assert read_content("MD5").nodes == ("10.0.0.5",), "the last look was long ago"
    heard()
    assert read_content("MD5").nodes == ()


def test_a_line_in_its_next_life_is_another_one(db: None) -> None:
    beat("node", line("10.0.0.5:5060"))
    [before] = read_content("MD5").lines
    beat("node", line("10.0.0.5:5060", life="2"))
    [after] = read_content("MD5").lines
    assert (before.address, before.key == after.key) == (after.address, False)


def test_a_change_shows_in_the_fingerprint(tenant: Tenant) -> None:
    seen = [fingerprint()]
    main = trunk(tenant, "192.0.2.0/28")
    seen.append(fingerprint())
    with tenant_scope(tenant.pk):
        main.inbound_auth = "either"
        main.save()
    seen.append(fingerprint())
    beat("node", line("10.0.0.5:5060"))
    seen.append(fingerprint())
    beat("node", line("10.0.0.5:5060"), draining=True)
    seen.append(fingerprint())
    assert len(set(map(str, seen))) == len(seen)
    assert fingerprint() == seen[-1]


NASTY = [
    'a"b', "a\nb", "a\r\nX-Trunkline-Auth: x", "a:b", "a\\b", "a,b", "a;b", "a b", "ä", "$avp(x)",
    "#!define X", "%%FOLDER%%", "x" * 65, "\x00", "", "a/*b", "'); drop--", "`id`",
]  # fmt: skip


@pytest.mark.parametrize("text", NASTY)
def test_nothing_typed_gets_out_of_its_row(text: str) -> None:
    content = EdgeContent(
        users=(UserEntry(text, "acme", "f" * 32), UserEntry("next", "acme", "e" * 32)),
        trunks=(TrunkEntry(text, "ip", "none"), TrunkEntry("acme", "ip", "none")),
        lines=(LineEntry(text, "10.0.0.5:5060", 4), LineEntry("k", text, 4)),
        nodes=(text, "10.0.0.5"),
    )
    files = tables(content)
    users = files["tables/user"].splitlines()[1:]
    assert users[-1] == f"next:acme,{'e' * 32}"
    assert len(users) <= 2
    assert all(row.count(":") - row.count("\\:") == 1 and row.count(",") == 1 for row in users)
    assert files["tables/trunk"].splitlines()[1:] == ["acme:ip,none"]
    [row] = [row for row in files["dispatcher.list"].splitlines() if not row.startswith("#")]
    assert row.startswith("1 sip:10.0.0.5:5060 0 0 duid=")
    assert len(row.split(" ")) == 5
    assert files["address.list"].splitlines()[1:] == ["1 10.0.0.5 32 0 node"]
    assert "%%" not in render(edge_config(), content)["kamailio.cfg"]


def test_render_edge_writes_what_kamailio_takes(
    tenant: Tenant, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    main = trunk(tenant, "192.0.2.0/28", inbound_username="pbx", inbound_password="not to be seen")
    beat("node", line("10.0.0.5:5060"))
    call_command("render_edge", "--out", str(tmp_path / "edge"), "--check")
    said = capsys.readouterr().out
    assert "1 lines, 1 trunks, 1 users" in said
    assert main.slug in (tmp_path / "edge" / "tables" / "trunk").read_text()
    assert "not to be seen" not in "".join(
        p.read_text() for p in (tmp_path / "edge").rglob("*") if p.is_file()
    )
    assert all(p.stat().st_mode & 0o77 == 0 for p in (tmp_path / "edge").rglob("*"))
    call_command("render_edge", "--out", str(tmp_path / "edge"))
    assert "changed: nothing" in capsys.readouterr().out


def test_more_networks_than_kamailio_takes_leave_the_rest_to_be_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One tenant with very many must not keep everybody's from being known."""
    monkeypatch.setattr("telephony.edge.kamailio.tables.MAX_SUBNETS", 2)
    texts = ("10.0.0.0/25", "10.0.0.128/25", "10.0.0.7/32", "10.2.0.0/24", "10.4.0.0/24", "192.0.2.1/32")
    rows = tables(EdgeContent(networks=tuple(ip_network(text) for text in texts)))["address.list"]
    assert [line.split()[1:3] for line in rows.splitlines() if line.endswith("trunk")] == [
        ["10.0.0.0", "24"],
        ["10.2.0.0", "24"],
        ["192.0.2.1", "32"],
    ]
