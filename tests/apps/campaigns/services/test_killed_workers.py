"""A worker that is killed with -9 in the middle of a file: the next one ends it, exactly once."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from apps.agents.services import create_agent
from apps.campaigns import tasks_imports
from apps.campaigns.importing import reading
from apps.campaigns.models import Contact, Import, ImportKind, ImportState, Progress
from apps.campaigns.services import committing, reading_imports, uploads
from apps.campaigns.services.lifecycle import create_campaign
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.killing import killed_in
from tests.tenancy import make_tenant, script_config

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = 50
DEADLINE_S = 30.0


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def row(tenant: Tenant) -> Import:
    data = b"Phone\n" + b"".join(b"+1202555%04d\n" % n for n in range(ROWS))
    with tenant_scope(tenant.pk):
        campaign = create_campaign(name="Spring", agent=create_agent(name="A", config=script_config()))
        file = ContentFile(data, name="list.csv")
        taken = uploads.take_file(file=file, name="list.csv", kind=ImportKind.CONTACTS, campaign=campaign)
        return uploads.map_columns(row=taken, mapping={"number": "Phone"})


def resumed(row: Import) -> list[tuple[str, list[str]]]:
    """What `audience.resume` asks for, as (task, arguments)."""
    sent: list[tuple[str, list[str]]] = []

    def send(name: str, args: Any = None, **_: Any) -> None:
        sent.append((name, list(args or ())))

    with mock.patch("celery.current_app.send_task", side_effect=send):
        tasks_imports.resume()
    return [one for one in sent if one[1] == [str(row.tenant_id), str(row.pk)]]


def long_ago(row: Import) -> None:
    stale = timezone.now() - reading_imports.LEASE - timedelta(seconds=1)
    with tenant_scope(row.tenant_id):
        beaten = Import.objects.filter(pk=row.pk, heartbeat_at__isnull=False)
        beaten.update(heartbeat_at=stale)
        Import.objects.filter(pk=row.pk).update(updated_at=stale)


def state_of(row: Import) -> Import:
    with tenant_scope(row.tenant_id):
        return uploads.get_import(row.pk)


def test_a_worker_killed_while_it_reads(row: Import) -> None:
    def work(here: Callable[[], None]) -> None:
        with (
            mock.patch.object(reading, "BEAT_ROWS", 10),
            mock.patch.object(reading_imports.Lease, "beat", side_effect=lambda *_: here()),
        ):
            reading_imports.read_import(row.tenant_id, row.pk)

    killed_in(work)
    assert (state_of(row).state, state_of(row).staged_key) == (ImportState.READING, "")
    assert resumed(row) == []  # the lease has not run out: it may be alive
    long_ago(row)
    assert [name for name, _ in resumed(row)] == ["audience.read"]
    tasks_imports.read(str(row.tenant_id), str(row.pk))
    tasks_imports.read(str(row.tenant_id), str(row.pk))
    assert (state_of(row).state, state_of(row).good) == (ImportState.READY, ROWS)


def test_a_worker_killed_while_it_imports(row: Import) -> None:
    reading_imports.read_import(row.tenant_id, row.pk)
    with tenant_scope(row.tenant_id):
        uploads.commit_import(row=row)

    def work(here: Callable[[], None]) -> None:
        with mock.patch.object(committing, "forget_reading", side_effect=lambda _: here()):
            committing.commit(row.tenant_id, row.pk)

    killed_in(work)  # after the contacts were inserted, before the commit
    assert counted(row) == (0, 0)
    long_ago(row)
    assert [name for name, _ in resumed(row)] == ["audience.commit"]
    until_done(row)
    committing.commit(row.tenant_id, row.pk)
    assert counted(row) == (ROWS, ROWS)
    assert resumed(row) == []


def until_done(row: Import) -> None:
    """The server may take a moment until it knows that the dead worker's transaction is over."""
    end = time.monotonic() + DEADLINE_S
    while state_of(row).state != ImportState.DONE:
        assert time.monotonic() < end
        tasks_imports.commit_rows(str(row.tenant_id), str(row.pk))


def counted(row: Import) -> tuple[int, int]:
    """Contacts, and those that the campaign's progress knows."""
    campaign: UUID | None = row.campaign_id  # type: ignore[misc]
    with tenant_scope(row.tenant_id):
        return Contact.objects.count(), Progress.objects.get(campaign=campaign).contacts
