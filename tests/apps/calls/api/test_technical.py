"""The ladder, the packets and the quality of a call over the API."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.calls.models import Call, Capture
from apps.calls.services import record_events
from apps.calls.services.captures import save_capture
from media_workers.contract.pcap import FILE_HEADER, Packet, read_packets
from telephony.edge.models import MediaNode
from tenants.models import Tenant
from tests.apps.calls.messages import ACK, CALL, INVITE, OURS, THEIRS, sip
from tests.apps.calls.wire import batch, event, fresh
from tests.tenancy import key_client, make_key

CALLS = "/api/v1/calls"


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.STORAGES = settings.STORAGES | {
        "recordings": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    return tmp_path


@pytest.fixture
def traced(node: MediaNode, answered: Call) -> Call:
    """A call whose INVITE was sent twice, and first to a gateway that refused it."""
    told = [
        ("out", INVITE, {"leg": 0}),
        ("in", CALL[1][1], {"leg": 0}),
        *[(*each, {"leg": 1}) for each in CALL],
    ]
    told.insert(3, ("out", INVITE, {"leg": 1, "retransmission": True}))
    record_events(
        node,
        batch(
            answered.pk,
            *(event(2 + n, "sip", **sip(way, text, **more)) for n, (way, text, more) in enumerate(told)),
        ),
    )
    return fresh(answered.pk)


def captured(node: MediaNode, call: Call, at_us: int) -> Capture:
    data = FILE_HEADER + Packet(at_us, b"an IP packet").record()
    digest = hashlib.sha256(data).hexdigest()
    return save_capture(node, call.pk, io.BytesIO(data), sha256=digest, truncated=False)


def body_of(response: Any) -> bytes:
    return b"".join(response)


def test_the_ladder_of_all_legs(client: APIClient, traced: Call) -> None:
    page = client.get(f"{CALLS}/{traced.public_id}/sip").json()
    assert page["next_cursor"] is None
    rows = page["results"]
    assert [(row["seq"], row["leg"], row["retransmission"]) for row in rows[:4]] == [
        (2, 0, False), (3, 0, False), (4, 1, False), (5, 1, True),
    ]  # fmt: skip
    invite, trying = rows[0], rows[1]
    assert (invite["method"], invite["status"], invite["direction"]) == ("INVITE", None, "out")
    assert (trying["method"], trying["status"], trying["direction"]) == ("INVITE", 100, "in")
    assert (invite["local"], invite["peer"], invite["transport"]) == (OURS, THEIRS, "udp")
    assert invite["headers"][3] == ["To", "<sip:+12025550101@192.0.2.1>"]
    assert invite["body"].startswith("v=0\no=-")
    assert rows[7]["method"] == "ACK"


def test_the_ladder_of_one_leg_in_pages(client: APIClient, traced: Call) -> None:
    url = f"{CALLS}/{traced.public_id}/sip"
    first = client.get(url, {"leg": 1, "limit": 5}).json()
    second = client.get(url, {"leg": 1, "limit": 5, "cursor": first["next_cursor"]}).json()
    rows = first["results"] + second["results"]
    assert {row["leg"] for row in rows} == {1}
    assert len(rows) == 1 + len(CALL)
    assert [row["seq"] for row in rows] == sorted(row["seq"] for row in rows)


@pytest.mark.parametrize("leg", ["-1", "x", "100000"])
def test_a_leg_that_cannot_be(client: APIClient, traced: Call, leg: str) -> None:
    assert client.get(f"{CALLS}/{traced.public_id}/sip", {"leg": leg}).status_code == 422


def test_the_packets_of_a_call(client: APIClient, traced: Call) -> None:
    response = client.get(
        f"{CALLS}/{traced.public_id}/pcap", headers={"Accept": "application/vnd.tcpdump.pcap"}
    )
    assert (response.status_code, response["Content-Type"]) == (200, "application/vnd.tcpdump.pcap")
    assert f"{traced.public_id}.pcap" in response["Content-Disposition"]
    packets = list(read_packets(io.BytesIO(body_of(response))))
    assert len(packets) == 3 + len(CALL)
    assert packets[0].data.endswith(INVITE.encode())
    assert ACK.encode() in packets[7].data


def test_with_captured_audio(client: APIClient, node: MediaNode, traced: Call) -> None:
    alone = list(read_packets(io.BytesIO(body_of(client.get(f"{CALLS}/{traced.public_id}/pcap")))))
    captured(node, traced, alone[2].at_us + 1)
    both = list(read_packets(io.BytesIO(body_of(client.get(f"{CALLS}/{traced.public_id}/pcap")))))
    assert len(both) == len(alone) + 1
    assert both[3].data == b"an IP packet"
    detail = client.get(f"{CALLS}/{traced.public_id}").json()
    assert detail["capture"] == {"packets": 1, "size_bytes": 24 + 16 + 12, "truncated": False}


def test_a_capture_whose_file_is_gone_leaves_the_messages(
    client: APIClient, node: MediaNode, traced: Call, folder: Path
) -> None:
    (folder / captured(node, traced, 1).storage_key).unlink()
    response = client.get(f"{CALLS}/{traced.public_id}/pcap")
    assert len(list(read_packets(io.BytesIO(body_of(response))))) == 3 + len(CALL)


def test_a_call_without_messages_has_no_packets(client: APIClient, answered: Call) -> None:
    response = client.get(f"{CALLS}/{answered.public_id}/pcap")
    assert (response.status_code, response.json()["code"]) == (404, "no_packets")
    assert client.get(f"{CALLS}/{answered.public_id}/sip").json()["results"] == []


def test_the_quality_of_a_call(client: APIClient, node: MediaNode, traced: Call) -> None:
    record_events(
        node,
        batch(
            traced.pk,
            event(
                12, "leg", leg=0, direction="in", gateway="192.0.2.1:5080/udp", transport="udp", setup_ms=90
            ),
            event(13, "media", leg=0, final=False, at_ms=10_000, rx_packets=500, rx_mos=4.4, rtt_ms=30),
            event(14, "media", leg=0, rx_packets=990, rx_lost=10, rx_mos=4.1, tx_packets=1000),
        ),
    )
    told = client.get(f"{CALLS}/{traced.public_id}").json()["quality"]
    assert (told["mos"], told["rating"], told["setup_ms"]) == (4.1, "good", 90)
    assert told["legs"][0]["received"]["lost_percent"] == 1.0
    assert told["legs"][0]["series"][0]["at_ms"] == 10_000


def test_a_call_of_which_nothing_is_known_has_empty_figures(client: APIClient, queued: Call) -> None:
    told = client.get(f"{CALLS}/{queued.public_id}").json()
    assert (told["quality"]["mos"], told["quality"]["rating"], told["quality"]["legs"]) == (None, "", [])
    assert told["capture"] is None
