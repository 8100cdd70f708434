"""The end of a workspace takes what privacy keeps with it: rows, exports, files on their way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.privacy.models import Erased, Kind, RequestKind
from apps.privacy.services.holds import hold, release
from apps.privacy.services.purging import purge_tenant
from apps.privacy.services.requests import answer, ask
from apps.privacy.services.retention import set_retention
from tenants.errors import Conflict
from tenants.scope import tenant_scope
from tenants.services import delete_tenant
from tenants.tasks import delete_left_tenants
from tests.apps.privacy.conftest import OTHER, PERSON, SOUND, Workspace, days_ago, files_in
from tests.tenants.services.test_delete_tenant import rows_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_stays(workspace: Workspace, other: Workspace, folders: Path) -> None:
    call = workspace.call(ago=40)
    workspace.contact(workspace.campaign(), call=call)
    workspace.message(call)
    workspace.callback(call)
    workspace.event(call)
    workspace.not_to_call(OTHER)
    kept = other.call()
    before = rows_of(other.tenant)
    with tenant_scope(workspace.tenant.pk):
        set_retention(days={Kind.RECORDINGS: 30})
        held = hold(name="Case 12", reason="A court.", call=call)
        release(hold_id=held.pk)
        requests = [
            ask(kind=RequestKind.EXPORT, e164=PERSON),
            ask(kind=RequestKind.DELETION, e164=OTHER, confirm=OTHER),
        ]
        (folders / "recordings").mkdir(exist_ok=True)
        (folders / "recordings" / "left.wav").write_bytes(SOUND)
    for request in requests:
        answer(workspace.tenant.pk, request.pk)
    purge_tenant(workspace.tenant.pk, day=days_ago(0).date())
    with tenant_scope(workspace.tenant.pk):
        Erased.objects.create(row=call.pk, at=days_ago(1), storage="recordings", storage_key="left.wav")
        delete_tenant.leave(tenant=workspace.tenant, confirm=workspace.tenant.slug)

    assert delete_left_tenants() == 1

    assert rows_of(workspace.tenant) == {}
    assert rows_of(other.tenant) == before
    assert files_in(folders) == sorted([f"{kept.pk.hex}.wav", f"{kept.pk.hex}.pcap"])


def test_a_hold_keeps_the_workspace(workspace: Workspace) -> None:
    with tenant_scope(workspace.tenant.pk):
        hold(name="Case 12", reason="A court.")
        with pytest.raises(Conflict) as refused:
            delete_tenant.leave(tenant=workspace.tenant, confirm=workspace.tenant.slug)
    assert refused.value.code == "legal_hold"
