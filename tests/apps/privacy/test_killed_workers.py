"""A worker that is killed with -9 in the middle of a purge or of a deletion: the next one ends it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
from django.utils import timezone

from apps.calls.models import Call, Recording
from apps.privacy.models import Erased, Kind, PersonRequest, Purge, RequestKind, RequestState
from apps.privacy.services import deleting, erasing, purging, works_of_calls
from apps.privacy.services.purging import purge_tenant
from apps.privacy.services.requests import answer, ask
from apps.privacy.services.retention import set_retention
from tenants.scope import tenant_scope
from tests.apps.privacy.conftest import PERSON, Workspace, files_in
from tests.killing import killed_in

pytestmark = pytest.mark.django_db(transaction=True)
DEADLINE_S = 30.0
CALLS = 5


@pytest.fixture
def purged(workspace: Workspace) -> Workspace:
    """Calls that are due."""
    for n in range(CALLS):
        workspace.call(ago=40 + n)
    with tenant_scope(workspace.tenant.pk):
        set_retention(days={Kind.CALLS: 30})
    return workspace


def until_purged(workspace: Workspace) -> Purge:
    """The server may take a moment until it knows that the dead worker is gone, with its lock."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        done = purge_tenant(workspace.tenant.pk, day=timezone.now().date())
        if done is not None:
            return done
        time.sleep(0.05)
    raise AssertionError("the dead worker's lock was never given back")


@contextmanager
def in_batches_of_two() -> Iterator[None]:
    with mock.patch.object(purging, "BATCH", 2):
        yield


def in_the_second_batch(here: Callable[[], None]) -> mock.mock._patch[object]:
    erase_call, erased = works_of_calls.erase_call, list[Call]()

    def erase(call: Call) -> object:
        erased.append(call)
        if len(erased) == 4:
            here()
        return erase_call(call)

    return mock.patch.object(works_of_calls, "erase_call", side_effect=erase)


def before_the_files(here: Callable[[], None]) -> mock.mock._patch[object]:
    """Nothing that runs after the commit has run: the process is gone at once."""
    return mock.patch.object(purging, "write_down", side_effect=_then(here))


def _then(here: Callable[[], None]) -> Callable[..., None]:
    from django.db import transaction

    def write(*args: object, **named: object) -> None:
        erasing.write_down(*args, **named)  # type: ignore[arg-type]
        # First of what runs after the commit: nothing has touched a file yet.
        transaction.get_connection().run_on_commit.insert(0, (set(), here, False))

    return write


@pytest.mark.parametrize("where", [in_the_second_batch, before_the_files])
def test_a_purge(
    purged: Workspace,
    folders: Path,
    where: Callable[[Callable[[], None]], mock.mock._patch[object]],
) -> None:
    def work(here: Callable[[], None]) -> None:
        with in_batches_of_two(), where(here):
            purge_tenant(purged.tenant.pk, day=timezone.now().date())

    killed_in(work)
    with tenant_scope(purged.tenant.pk):
        left = Recording.objects.count()
        assert left == CALLS - 2
        assert Purge.objects.get().ended_at is None
        assert Erased.objects.count() == 4
    assert len(files_in(folders)) in (2 * left, 2 * CALLS)

    done = until_purged(purged)

    assert (done.left, done.files_gone, done.problem) == (0, True, "")
    assert (done.kinds["calls"]["rows"], done.kinds["calls"]["files"]) == (CALLS, 2 * CALLS)
    assert files_in(folders) == []
    with tenant_scope(purged.tenant.pk):
        assert (Call.objects.count(), Erased.objects.count()) == (0, 0)


def test_a_deletion(workspace: Workspace, folders: Path) -> None:
    for _ in range(3):
        workspace.call()
    workspace.contact(workspace.campaign())
    with tenant_scope(workspace.tenant.pk):
        request = ask(kind=RequestKind.DELETION, e164=PERSON, confirm=PERSON)

    def work(here: Callable[[], None]) -> None:
        with mock.patch.object(deleting, "delete_files", side_effect=lambda _: here()):
            answer(workspace.tenant.pk, request.pk)

    killed_in(work)
    with tenant_scope(workspace.tenant.pk):
        assert PersonRequest.objects.get().state == RequestState.RUNNING
        PersonRequest.objects.update(leased_until=None)  # as when it has run out

    answer(workspace.tenant.pk, request.pk)

    with tenant_scope(workspace.tenant.pk):
        done = PersonRequest.objects.get()
        assert Erased.objects.count() == 0
    assert (done.state, done.report["rows"]["calls"], done.report["files"]) == (RequestState.DONE, 3, 6)
    assert files_in(folders) == []
