from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk
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
    assert gateway.pop("health")["state"] == "unknown"
    assert UUID(gateway.pop("id"))
    assert [gateway] == [
        {
            "host": "sip.carrier.example",
            "port": 5061,
            "transport": "tls",
            "priority": 1,
            "weight": 1,
            "enabled": True,
        }
    ]
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
