from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from telephony.edge.models import EdgeDevice, MediaNode
from telephony.trunks.models import Trunk, TrunkRegistration
from tenants.scope import platform_scope
from tests.tenancy import key_client, make_key, make_tenant

pytestmark = pytest.mark.django_db

TRUNKS = "/api/v1/trunks"
TRUNK: dict[str, Any] = {
    "name": "Carrier",
    "auth": "digest",
    "username": "account",
    "password": "open sesame",
    "gateways": [{"host": "sip.carrier.example", "transport": "tls", "port": 5061}],
    "allowed_addresses": ["203.0.113.0/28"],
}


@pytest.fixture
def client() -> APIClient:
    return key_client(make_key(make_tenant()))


def password() -> str:
    with platform_scope():
        return Trunk.objects.get().password


def test_a_trunk_from_first_to_last(client: APIClient) -> None:
    made = client.post(TRUNKS, TRUNK)
    assert made.status_code == 201
    trunk = made.json()
    (gateway,) = trunk["gateways"]
    assert UUID(gateway["id"])
    assert gateway["health"]["state"] == "unknown"
    assert {
        name: gateway[name] for name in ("host", "port", "transport", "priority", "weight", "enabled")
    } == {
        "host": "sip.carrier.example",
        "port": 5061,
        "transport": "tls",
        "priority": 1,
        "weight": 1,
        "enabled": True,
    }
    assert (trunk["direction"], trunk["allowed_addresses"]) == ("both", ["203.0.113.0/28"])

    address = f"{TRUNKS}/{trunk['id']}"
    assert client.get(address).json() == trunk
    assert client.patch(address, {"max_calls_per_second": 5}).json()["max_calls_per_second"] == 5
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert client.get(TRUNKS).json()["results"] == []


def test_the_password_is_kept_changed_and_never_shown(client: APIClient) -> None:
    made = client.post(TRUNKS, TRUNK)
    address = f"{TRUNKS}/{made.json()['id']}"
    answers = [made, client.get(address), client.get(TRUNKS), client.patch(address, {"name": "New"})]

    assert not any("sesame" in a.content.decode() for a in answers)
    assert made.json()["password_set"] is True
    assert password() == "open sesame"
    client.patch(address, {"password": " other "})
    assert password() == " other "
    without = client.patch(address, {"auth": "ip", "password": ""})
    assert without.json()["password_set"] is False


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"name": None}, {"name"}),
        ({"direction": "sideways"}, {"direction"}),
        ({"auth": "magic"}, {"auth"}),
        ({"max_concurrent_calls": 0}, {"max_concurrent_calls"}),
        ({"max_calls_per_second": 1.5}, {"max_calls_per_second"}),
        ({"gateways": [{"port": 70000}]}, {"gateways.0.host", "gateways.0.port"}),
        ({"gateways": [{"host": "a.example", "colour": 1}]}, {"gateways.0.colour"}),
        ({"gateways": [{"host": "a b"}]}, {"gateways.0.host"}),
        ({"gateways": {}}, {"gateways"}),
        ({"gateways": []}, {"gateways"}),
        ({"allowed_addresses": ["203.0.113.7", 7, "x"]}, {"allowed_addresses.1", "allowed_addresses.2"}),
        ({"allowed_addresses": "203.0.113.7"}, {"allowed_addresses"}),
        ({"username": ""}, {"username"}),
        ({"gateways": [{"host": "a.example", "transport": "sctp"}]}, {"gateways.0.transport"}),
        ({"registration": "outbound", "auth": "ip", "password": ""}, {"password"}),
        ({"registrar": {"port": 0}}, {"registrar.host", "registrar.port"}),
        ({"registration_expires_s": 59}, {"registration_expires_s"}),
        ({"number_format": "national"}, {"country"}),
        ({"srtp": "required", "gateways": [{"host": "a.example"}]}, {"srtp"}),
        ({"codecs": ["opus"]}, {"codecs.0"}),
        ({"headers_out": {"Via": "x"}}, {"headers_out.Via"}),
        ({"headers_out": {"X-A": 7, "X-B": None}}, {"headers_out.X-B"}),
        ({"invite_timeout_ms": 500}, {"invite_timeout_ms"}),
        ({"inbound_reserved": 11}, {"inbound_reserved"}),
        ({"backup_trunk": "trk_" + "0" * 32}, {"backup_trunk"}),
        ({"slug": "mine"}, {"slug"}),
        ({"state": {}}, {"state"}),
        ({"password_set": True}, {"password_set"}),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_written(
    client: APIClient, change: dict[str, Any], fields: set[str]
) -> None:
    made = client.post(TRUNKS, TRUNK).json()

    created = client.post(TRUNKS, TRUNK | change)
    changed = client.patch(f"{TRUNKS}/{made['id']}", change)

    for answer in (created, changed):
        assert answer.status_code == 422
        assert {e["field"] for e in answer.json()["errors"]} == fields
    assert client.get(TRUNKS).json()["results"] == [made]


def test_a_carrier_is_told_where_the_running_nodes_take_calls(client: APIClient) -> None:
    assert client.get(f"{TRUNKS}/connection").json()["addresses"] == []
    now = timezone.now()
    with platform_scope():
        for name, address, draining in (
            ("a", "203.0.113.5:5060", False),
            ("b", "203.0.113.4:5060", False),
            ("c", "203.0.113.6:5060", True),
        ):
            MediaNode.objects.create(
                name=name, sip_address=address, draining=draining, token_digest=name, last_heartbeat_at=now
            )
        MediaNode.objects.create(name="gone", sip_address="203.0.113.9:5060", token_digest="gone")
    told = client.get(f"{TRUNKS}/connection").json()
    assert told["addresses"] == ["203.0.113.4:5060", "203.0.113.5:5060"]
    assert told["codecs"] == ["PCMU", "PCMA"]
    assert told["rtp_ports"]["first"] < told["rtp_ports"]["last"]


def test_a_dry_run_answers_what_would_be_saved_and_writes_nothing(client: APIClient) -> None:
    tried = client.post(f"{TRUNKS}?dry_run=true", TRUNK)
    assert (tried.status_code, tried.json()["name"]) == (200, "Carrier")
    assert client.get(TRUNKS).json()["results"] == []
    refused = client.post(f"{TRUNKS}?dry_run=true", TRUNK | {"username": ""})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "username")

    made = client.post(f"{TRUNKS}?dry_run=false", TRUNK)
    assert made.status_code == 201
    address = f"{TRUNKS}/{made.json()['id']}"
    gateways = [{"host": "other.example"}]
    changes = {"name": "Changed", "gateways": gateways, "password": "secret"}
    changed = client.patch(f"{address}?dry_run=true", changes)
    assert (changed.status_code, changed.json()["name"]) == (200, "Changed")
    assert [g["host"] for g in changed.json()["gateways"]] == ["other.example"]
    assert client.get(address).json() == made.json()
    assert client.post(f"{TRUNKS}?dry_run=maybe", TRUNK).json()["errors"][0]["field"] == "dry_run"


def test_settings_of_a_carrier_are_kept_as_given(client: APIClient) -> None:
    backup = client.post(TRUNKS, TRUNK | {"name": "Backup"}).json()
    given = {
        "inbound_auth": "either",
        "inbound_username": "carrier-in",
        "registration": "outbound",
        "registrar": {"host": "reg.carrier.example", "port": None, "transport": "tls"},
        "registration_expires_s": 600,
        "number_format": "national",
        "country": "GB",
        "tech_prefix": "99#",
        "inbound_strip": 2,
        "inbound_prefix": "+44",
        "caller_id_header": "remote_party_id",
        "caller_id_private": True,
        "headers_out": {"X-Account": "{{account}}"},
        "headers_in": {"X-Customer": "customer"},
        "srtp": "required",
        "codecs": ["pcma"],
        "dtmf": "info",
        "early_media": "listen",
        "inbound_reserved": 3,
        "invite_timeout_ms": 2000,
    }
    secret = {"inbound_password": "abracadabra", "backup_trunk": backup["id"]}
    refused = client.post(TRUNKS, TRUNK | given | secret)
    assert [e["field"] for e in refused.json()["errors"]] == ["backup_trunk"]

    made = client.post(TRUNKS, TRUNK | given | secret | {"srtp": "optional"})
    assert made.status_code == 201, made.content
    trunk = made.json()
    assert {name: trunk[name] for name in given} == given | {"srtp": "optional"}
    assert (trunk["inbound_password_set"], trunk["backup_trunk"]) == (True, backup["id"])
    assert "abracadabra" not in made.content.decode()
    assert client.delete(f"{TRUNKS}/{backup['id']}").status_code == 409
    cleared = client.patch(f"{TRUNKS}/{trunk['id']}", {"registrar": None, "backup_trunk": None})
    assert (cleared.json()["registrar"], cleared.json()["backup_trunk"]) == (None, None)
    assert client.delete(f"{TRUNKS}/{backup['id']}").status_code == 204


def test_what_goes_on_is_shown(client: APIClient) -> None:
    now = timezone.now()
    registering = {"registration": "outbound", "name": "Ours"}
    ours = client.post(TRUNKS, TRUNK | registering).json()
    phone = {"registration": "inbound", "inbound_auth": "digest", "inbound_username": "phone-7"}
    theirs = client.post(TRUNKS, {"name": "Phone", "inbound_password": "p"} | phone).json()
    assert ours["state"] == {
        "registration": {
            "state": "none",
            "expires_at": None,
            "last_error": "",
            "node": "",
            "changed_at": None,
        },
        "devices": [],
        "calls": {"inbound": 0, "outbound": 0, "limit": 10},
        "cps": {"used": 0, "limit": 5},
    }
    with platform_scope():
        node = MediaNode.objects.create(name="a", token_digest="a")
        trunk = Trunk.objects.get(name="Ours")
        row = TrunkRegistration(trunk=trunk, tenant_id=trunk.tenant_id, node=node, changed_at=now)
        row.state, row.expires_at = "registered", now + timedelta(minutes=5)
        row.save()
        for slug in (theirs["slug"], "another-trunk"):
            EdgeDevice.objects.create(
                edge="edge-1",
                trunk_slug=slug,
                contact="sip:phone-7@198.51.100.7:5060",
                user_agent="Phone 1.0",
                expires_at=now + timedelta(minutes=5),
            )
        EdgeDevice.objects.create(
            edge="edge-1", trunk_slug=theirs["slug"], contact="sip:gone@198.51.100.8", expires_at=now
        )
    listed = {t["name"]: t["state"] for t in client.get(TRUNKS).json()["results"]}
    assert (listed["Ours"]["registration"]["state"], listed["Ours"]["registration"]["node"]) == (
        "registered",
        "a",
    )
    assert [d["user_agent"] for d in listed["Phone"]["devices"]] == ["Phone 1.0"]

    with platform_scope():
        TrunkRegistration.objects.update(expires_at=now - timedelta(seconds=1))
    late = client.get(f"{TRUNKS}/{ours['id']}").json()["state"]["registration"]
    assert (late["state"], late["last_error"]) == ("failed", "It was not refreshed in time.")


def test_a_long_list_takes_as_few_queries_as_a_short_one(client: APIClient) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(TRUNKS).status_code == 200
        return len(counted)

    client.post(TRUNKS, TRUNK | {"registration": "outbound"})
    phone = {"registration": "inbound", "inbound_auth": "digest", "inbound_password": "p", "gateways": []}
    client.post(TRUNKS, TRUNK | phone | {"inbound_username": "phone-0"})
    queries()
    few = queries()
    for n in range(1, 6):
        client.post(TRUNKS, TRUNK | {"registration": "outbound"})
        client.post(TRUNKS, TRUNK | phone | {"inbound_username": f"phone-{n}"})

    assert queries() == few


def test_what_the_other_side_of_a_trunk_has_to_know(client: APIClient, settings: Any) -> None:
    settings.SIP_DOMAIN = "sip.example.com"
    secret = {"inbound_auth": "digest", "inbound_username": "pbx-7", "inbound_password": "sesame"}
    trunk = client.post(TRUNKS, TRUNK | secret | {"codecs": ["pcma"]}).json()
    told = client.get(f"{TRUNKS}/{trunk['id']}/connection").json()
    domain = f"{trunk['slug']}.sip.example.com"
    assert (told["domain"], told["request_uri"]) == (domain, f"sip:<number>@{domain}")
    assert (told["username"], told["realm"], told["codecs"]) == ("pbx-7", "sip.example.com", ["PCMA"])
    assert "sesame" not in str(told)


def test_behind_an_edge_a_carrier_is_told_of_the_edge(client: APIClient, settings: Any) -> None:
    settings.EDGE_LISTEN = ["udp:10.0.0.9:5060", "tcp:10.0.0.9:5060", "tls:10.0.0.9:5061"]
    settings.EDGE_TLS_CERT = settings.EDGE_TLS_KEY = "/etc/trunkline/sip.pem"
    settings.EDGE_PUBLIC_ADDRESS = "203.0.113.9"
    told = client.get(f"{TRUNKS}/connection").json()
    assert told["addresses"] == ["203.0.113.9:5060", "203.0.113.9:5061"]
    assert told["transports"] == ["udp", "tcp", "tls"]
