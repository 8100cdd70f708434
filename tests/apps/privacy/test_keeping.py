"""Holds win over deletions by hand; what could not be done is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from apps.calls.attention import notices
from apps.calls.models import CallNote
from apps.campaigns.models import Consent, Suppression
from apps.campaigns.services.suppression import remove
from apps.privacy.errors import Held
from apps.privacy.models import PersonRequest, Purge, RequestKind, RequestState
from apps.privacy.services.holds import hold, release
from tenants.permissions import ALL_PERMISSIONS
from tenants.scope import tenant_scope
from tests.apps.privacy.conftest import OTHER, PERSON, Workspace

pytestmark = pytest.mark.django_db


def note_of(workspace: Workspace, e164: str) -> Any:
    return CallNote.objects.create(
        call=workspace.call(to=e164), text="Angry.", author="usr_1", author_name="owner@example.com"
    )


def message_of(workspace: Workspace, e164: str) -> Any:
    return workspace.message(workspace.call(to=e164), to=e164)


def consent_of(workspace: Workspace, e164: str) -> Any:
    workspace.consents(e164)
    return Consent.objects.get(e164=e164)


def entry_of(workspace: Workspace, e164: str) -> Any:
    workspace.not_to_call(e164)
    return Suppression.objects.get(e164=e164)


@pytest.mark.parametrize("made", [note_of, message_of, consent_of, entry_of])
@pytest.mark.parametrize("everything", [False, True])
def test_what_is_held_cannot_be_deleted(
    workspace: Workspace, made: Callable[[Workspace, str], Any], everything: bool
) -> None:
    with tenant_scope(workspace.tenant.pk):
        mine, theirs = made(workspace, PERSON), made(workspace, OTHER)
        held = hold(name="Case 12", reason="A court.", e164="" if everything else PERSON)
        with pytest.raises(Held, match="release “Case 12” first"), transaction.atomic():
            mine.delete()
        if everything:
            with pytest.raises(Held), transaction.atomic():
                theirs.delete()
        else:
            theirs.delete()
        release(hold_id=held.pk)
        mine.delete()


def test_the_way_that_people_take(workspace: Workspace) -> None:
    with tenant_scope(workspace.tenant.pk):
        entry = entry_of(workspace, PERSON)
        hold(name="Case 12", reason="A court.", e164=PERSON)
        with pytest.raises(Held), transaction.atomic():
            remove(suppression_id=entry.pk)
        assert Suppression.objects.filter(pk=entry.pk).exists()


def test_what_was_left_is_to_be_looked_at(workspace: Workspace) -> None:
    now = timezone.now()
    with tenant_scope(workspace.tenant.pk):
        Purge.objects.create(day=now.date(), left=3, problem="3 rows that were due are still there.")
        PersonRequest.objects.create(
            kind=RequestKind.EXPORT,
            e164=PERSON,
            digest="0" * 64,
            state=RequestState.FAILED,
            problem="It failed.",
            ended_at=now,
        )
        told = {one.kind: one for one in notices(ALL_PERMISSIONS, now=now)}
        assert told["purge"].detail == "3 rows that were due are still there."
        assert told["person_request"].title == "A person's export failed"
        assert not {"purge", "person_request"} & {one.kind for one in notices({"calls.read"}, now=now)}
