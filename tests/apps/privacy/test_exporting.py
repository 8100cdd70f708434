"""A person's data as a file: all of theirs, nobody else's, and a list of it that can be checked."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from apps.calls.models import Recording
from apps.privacy.models import PersonRequest, RequestKind, RequestState
from apps.privacy.services import exporting
from apps.privacy.services.requests import answer, ask, look_at_requests
from tenants.scope import tenant_scope
from tests.apps.privacy.conftest import OTHER, PACKETS, PERSON, SOUND, Workspace, files_in

pytestmark = pytest.mark.django_db


def exported(workspace: Workspace, e164: str = PERSON) -> tuple[PersonRequest, ZipFile]:
    with tenant_scope(workspace.tenant.pk):
        request = ask(kind=RequestKind.EXPORT, e164=e164)
    answer(workspace.tenant.pk, request.pk)
    with tenant_scope(workspace.tenant.pk):
        request.refresh_from_db()
    assert (request.state, request.problem) == (RequestState.DONE, "")
    return request, ZipFile(BytesIO(storages["exports"].open(request.storage_key).read()))


def data(file: ZipFile, name: str) -> Any:
    return json.loads(file.read(f"data/{name}.json"))


def test_all_of_theirs_and_nothing_of_others(workspace: Workspace, other: Workspace) -> None:
    call = workspace.call(said="I am the one.")
    workspace.call(to=OTHER, said="I am somebody else.")
    other.call(said="A stranger's words.")
    workspace.contact(workspace.campaign(), call=call)
    workspace.message(call)
    workspace.callback(call)
    workspace.event(call)
    workspace.consents()
    workspace.not_to_call()

    request, file = exported(workspace)

    assert file.testzip() is None
    assert [row["id"] for row in data(file, "calls")] == [call.public_id]
    assert [row["text"] for row in data(file, "turns")] == ["I am the one."]
    parts = ("callbacks", "messages", "contacts", "attempts", "consents", "do_not_call", "webhook_events")
    assert {name: len(data(file, name)) for name in parts} == dict.fromkeys(parts, 1)
    assert len(data(file, "audit")) >= 2
    assert file.read(f"recordings/{call.public_id}.wav") == SOUND
    assert file.read(f"captures/{call.public_id}.pcap") == PACKETS
    everything = b"".join(file.read(name) for name in file.namelist()).decode("latin-1")
    assert OTHER not in everything
    assert "somebody else" not in everything
    assert "stranger" not in everything
    assert request.report["rows"]["calls"] == 1
    assert request.expires_at is not None


def test_the_list_can_be_checked(workspace: Workspace) -> None:
    workspace.call()
    _, file = exported(workspace)
    manifest = json.loads(file.read("manifest.json"))
    assert manifest["phone_number"] == PERSON
    assert {one["name"] for one in manifest["files"]} == set(file.namelist()) - {"manifest.json"}
    for one in manifest["files"]:
        content = file.read(one["name"])
        assert (one["size"], one["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert manifest["missing"] == []


def test_page_after_page(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PAGE", 2)
    calls = [workspace.call(files=False) for _ in range(5)]
    _, file = exported(workspace)
    assert [row["id"] for row in data(file, "calls")] == [call.public_id for call in calls]


def test_a_number_that_nobody_knows(workspace: Workspace) -> None:
    request, file = exported(workspace)
    assert data(file, "calls") == []
    assert request.report["rows"]["turns"] == 0


def test_a_file_that_is_gone_is_told(workspace: Workspace, folders: Path) -> None:
    call = workspace.call()
    with tenant_scope(workspace.tenant.pk):
        key = Recording.objects.get().storage_key
    (folders / "recordings" / key).unlink()
    request, file = exported(workspace)
    assert request.report["missing"] == [f"recordings/{call.public_id}.wav"]
    assert json.loads(file.read("manifest.json"))["missing"] == request.report["missing"]


def test_its_file_goes_after_a_week(workspace: Workspace, folders: Path) -> None:
    workspace.call(files=False)
    request, _ = exported(workspace)
    assert len(files_in(folders)) == 1
    assert request.ended_at is not None
    look_at_requests(now=request.ended_at + timedelta(days=6))
    assert len(files_in(folders)) == 1
    look_at_requests(now=request.ended_at + timedelta(days=8))
    assert files_in(folders) == []
    with tenant_scope(workspace.tenant.pk):
        request.refresh_from_db()
    assert (request.storage_key, request.state) == ("", RequestState.DONE)


def test_a_worker_that_was_thought_dead_leaves_no_file(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, folders: Path
) -> None:
    """Its lease ran out in the end, and somebody else has made the file: there is one."""
    workspace.call(files=False)
    with tenant_scope(workspace.tenant.pk):
        request = ask(kind=RequestKind.EXPORT, e164=PERSON)
    make = exporting.export_person

    def slowly(row: PersonRequest) -> Any:
        made = make(row)
        with tenant_scope(workspace.tenant.pk):
            PersonRequest.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        monkeypatch.undo()
        answer(workspace.tenant.pk, request.pk)
        return made

    monkeypatch.setattr("apps.privacy.services.requests.export_person", slowly)
    answer(workspace.tenant.pk, request.pk)
    with tenant_scope(workspace.tenant.pk):
        request.refresh_from_db()
    assert request.state == RequestState.DONE
    assert files_in(folders / "exports") == [request.storage_key.split("/")[-1]]
