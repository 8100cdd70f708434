"""Captured RTP, from a node's upload to the storage."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from apps.calls.errors import CallNotYours, CallUnknown, RecordingRefused
from apps.calls.leaving import recordings
from apps.calls.models import Call, Capture
from apps.calls.services.captures import save_capture
from apps.calls.services.files_to_delete import delete_due
from media_workers.contract.pcap import FILE_HEADER, Packet
from telephony.edge.models import MediaNode
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.STORAGES = settings.STORAGES | {
        "recordings": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    return tmp_path


def pcap(packets: int = 2) -> bytes:
    return FILE_HEADER + b"".join(Packet(n, b"an IP packet").record() for n in range(packets))


def upload(node: MediaNode, call: Call, data: bytes, **more: Any) -> Capture:
    sha256 = more.pop("sha256", hashlib.sha256(data).hexdigest())
    kept = save_capture(
        node, call.pk, io.BytesIO(data), sha256=sha256, truncated=more.pop("truncated", False)
    )
    assert kept is not None
    return kept


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_it_is_stored_beside_the_recordings(node: MediaNode, answered: Call, folder: Path) -> None:
    kept = upload(node, answered, pcap(3), truncated=True)
    assert (kept.packets, kept.size_bytes, kept.truncated) == (3, len(pcap(3)), True)
    assert [path.read_bytes() for path in files(folder)] == [pcap(3)]
    assert kept.storage_key.startswith(answered.tenant_id.hex)


def test_the_same_again_changes_nothing_and_another_replaces_it(
    node: MediaNode, answered: Call, folder: Path
) -> None:
    first = upload(node, answered, pcap())
    assert upload(node, answered, pcap()).storage_key == first.storage_key
    second = upload(node, answered, pcap(5))
    delete_due()
    assert second.pk == first.pk
    assert [path.read_bytes() for path in files(folder)] == [pcap(5)]


@pytest.mark.parametrize(
    ("data", "more", "code"),
    [(pcap(), {"sha256": "0" * 64}, "sha256"), (b"RIFF" + bytes(60), {}, "not_pcap")],
    ids=["another file", "no pcap"],
)
def test_what_is_not_right_leaves_no_file(
    node: MediaNode, answered: Call, folder: Path, data: bytes, more: dict[str, Any], code: str
) -> None:
    with pytest.raises(RecordingRefused) as refused:
        upload(node, answered, data, **more)
    assert refused.value.code == code
    assert files(folder) == []


def test_only_the_node_of_the_call(node: MediaNode, other_node: MediaNode, answered: Call) -> None:
    with pytest.raises(CallNotYours):
        upload(other_node, answered, pcap())
    with pytest.raises(CallUnknown):
        save_capture(node, uuid4(), io.BytesIO(pcap()), sha256="0" * 64, truncated=False)


def test_a_tenant_that_is_being_deleted_gets_no_file(node: MediaNode, answered: Call, folder: Path) -> None:
    with platform_scope():
        Tenant.objects.filter(pk=answered.tenant_id).update(deleting_at=timezone.now())
    with pytest.raises(RecordingRefused):
        upload(node, answered, pcap())
    assert files(folder) == []


def test_another_tenant_does_not_see_it(node: MediaNode, answered: Call, stranger: Tenant) -> None:
    upload(node, answered, pcap())
    with tenant_scope(stranger.pk):
        assert not Capture.objects.exists()


def test_it_goes_with_its_tenant(node: MediaNode, answered: Call, folder: Path) -> None:
    upload(node, answered, pcap())
    with platform_scope():
        tenant = Tenant.objects.get(pk=answered.tenant_id)
    stored = list(recordings(None, tenant))
    assert [file.name for file in stored] == [f"captures/{answered.public_id}.pcap"]
    stored[0].delete()
    assert files(folder) == []


def test_the_address_that_nodes_send_it_to(
    client: Client, node: MediaNode, token: str, answered: Call
) -> None:
    headers = {"Authorization": f"Bearer {token}", "X-Content-Sha256": hashlib.sha256(pcap()).hexdigest()}
    url = f"/internal/v1/calls/{answered.pk}/capture"
    send = {"data": pcap(), "content_type": "application/vnd.tcpdump.pcap"}
    assert client.put(url, **send, headers=headers | {"X-Truncated": "yes"}).status_code == 204
    with platform_scope():
        assert Capture.objects.get().truncated
    assert client.put(url, **send, headers=headers | {"X-Content-Sha256": "?"}).status_code == 422
    assert client.put(url, **send).status_code == 401
