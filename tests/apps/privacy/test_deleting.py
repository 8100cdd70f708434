"""A person is forgotten: their number stands nowhere afterwards, and everybody else keeps what they had."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from apps.api.models import IdempotencyKey
from apps.calls.models import Call, CallEvent, Turn
from apps.calls.services import place_call
from apps.campaigns.models import (
    CampaignState,
    Contact,
    ContactState,
    Import,
    ImportKind,
    ImportState,
    Progress,
    Suppression,
)
from apps.campaigns.services.contacts import NewContact, add_contacts
from apps.campaigns.services.suppression import remove, suppressed
from apps.campaigns.services.uploads import import_storage, take_file
from apps.followups.models import Callback, TextMessage
from apps.privacy.models import Erased, PersonRequest, RequestKind, RequestState
from apps.privacy.services import works_of_calls
from apps.privacy.services.holds import hold, release
from apps.privacy.services.requests import answer, ask, look_at_requests
from apps.privacy.services.sweeping import is_configuration
from apps.webhooks.models import Event
from tenants.audit.models import AuditEntry
from tenants.errors import Conflict, DomainError, InvalidInput
from tenants.ids import new_id
from tenants.scope import tenant_scope
from tenants.secrets import EncryptedText, decrypt
from tenants.tables import tenant_column, tenant_models
from tests.apps.privacy.conftest import OTHER, OWN, PERSON, Workspace, files_in
from tests.money import charge_call

pytestmark = pytest.mark.django_db

DIGITS = PERSON.removeprefix("+")
SPOKEN = "You reach me at (202) 555-0184, thanks."


MONEY = ("billing_wallet", "billing_entry", "billing_posting", "billing_hold", "billing_callcharge")


def dump(workspace: Workspace, *, configuration: bool = False) -> dict[str, str]:
    """All rows of a tenant as text, by table: secrets are opened, bytes are taken as Latin-1."""
    found: dict[str, str] = {}
    for model in tenant_models():
        if is_configuration(model) and not configuration:
            continue
        table, column = model._meta.db_table, tenant_column(model)
        with tenant_scope(workspace.tenant.pk), connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}" WHERE "{column}" = %s', [workspace.tenant.pk])  # noqa: S608
            names = [one.name for one in cursor.description]
            secret = {f.column for f in model._meta.concrete_fields if isinstance(f, EncryptedText)}
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        lines = [[_plain(name in secret, value) for name, value in row.items()] for row in rows]
        found[table] = "\n".join(" | ".join(line) for line in lines)
    return found


def _plain(secret: bool, value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1")
    return decrypt(value) if secret and value else str(value)


def places_of(workspace: Workspace, e164: str, **how: bool) -> list[str]:
    """Tables in which the digits of the number stand, however they are divided."""
    digits = e164.removeprefix("+1")
    pattern = re.compile(r"[ ().\-/]{0,3}".join(digits))
    return [table for table, text in dump(workspace, **how).items() if pattern.search(text)]


def requested(
    workspace: Workspace, kind: RequestKind = RequestKind.DELETION, e164: str = PERSON
) -> PersonRequest:
    with tenant_scope(workspace.tenant.pk):
        return ask(kind=kind, e164=e164, note=f"{e164} wrote", confirm=e164)


def fresh(workspace: Workspace, request: PersonRequest) -> PersonRequest:
    with tenant_scope(workspace.tenant.pk):
        return PersonRequest.objects.get(pk=request.pk)


def answered(workspace: Workspace, request: PersonRequest) -> PersonRequest:
    answer(workspace.tenant.pk, request.pk)
    return fresh(workspace, request)


def furnish(workspace: Workspace, e164: str) -> Call:
    """Everything that there can be about a number."""
    call = workspace.call(to=e164, said=f"I am {e164}.")
    campaign = workspace.campaign(state=CampaignState.RUNNING)
    workspace.contact(campaign, e164, call=call)
    workspace.contact(workspace.campaign(state=CampaignState.PAUSED), e164, state=ContactState.WAITING)
    workspace.message(call, to=e164)
    workspace.callback(call, to=e164)
    workspace.event(call)
    workspace.event(call, pending=True)
    workspace.consents(e164)
    workspace.not_to_call(e164)
    workspace.not_to_call(e164, campaign=campaign)
    with tenant_scope(workspace.tenant.pk):
        charge_call(call.pk, 7)
        IdempotencyKey.objects.create(
            tenant=workspace.tenant,
            actor_id=new_id(),
            key=new_id().hex,
            status=201,
            body=f'{{"to": "{e164}"}}',
        )
    return call


def test_nothing_of_the_number_is_left(workspace: Workspace, folders: Path) -> None:
    call = furnish(workspace, PERSON)
    theirs = workspace.call(to=OTHER, said=SPOKEN)
    with tenant_scope(workspace.tenant.pk):
        Call.objects.filter(pk=theirs.pk).update(
            transferred_to="tel:+1-202-555-0184", metadata={"n": int(DIGITS)}
        )
        event = workspace.event(theirs)
        Event.objects.filter(pk=event.pk).update(data={"turns": [SPOKEN]})
    assert len(places_of(workspace, PERSON)) > 15
    before = {table: text for table, text in dump(workspace).items() if table in MONEY}
    assert all(before.values())

    done = answered(workspace, requested(workspace))

    assert (done.state, done.problem, done.progress) == (RequestState.DONE, "", 1)
    assert places_of(workspace, PERSON, configuration=True) == []
    assert not any(
        DIGITS in path.name or PERSON.encode() in path.read_bytes() for path in folders.rglob("*.*")
    )
    assert files_in(folders) == sorted([f"{theirs.pk.hex}.wav", f"{theirs.pk.hex}.pcap"])
    assert {table: dump(workspace)[table] for table in before} == before
    assert done.e164 == ""
    told = done.report["rows"]
    assert (told["calls"], told["contacts"], told["consents"]) == (1, 2, 1)
    assert (told["do_not_call_kept_as_digest"], told["kept_answers"]) == (2, 1)
    assert (done.report["files"], done.report["left"]) == (2, [])
    with tenant_scope(workspace.tenant.pk):
        assert not Call.objects.filter(pk=call.pk).exists()
        assert Turn.objects.get(call=theirs).text == "You reach me at ••••, thanks."
        assert Call.objects.get(pk=theirs.pk).metadata == {"n": "••••"}
        assert Event.objects.get().data == {"turns": ["You reach me at ••••, thanks."]}
        assert Erased.objects.count() == 0


def test_others_lose_nothing(workspace: Workspace, other: Workspace) -> None:
    furnish(workspace, PERSON)
    furnish(workspace, OTHER)
    furnish(other, PERSON)
    strangers = dump(other)
    neighbours = {table: text.count(OTHER[1:]) for table, text in dump(workspace).items()}

    assert answered(workspace, requested(workspace)).state == RequestState.DONE

    assert dump(other) == strangers
    assert {table: text.count(OTHER[1:]) for table, text in dump(workspace).items()} == neighbours


def test_who_must_not_be_called_is_not_called(workspace: Workspace) -> None:
    """The number is gone from the list and keeps calls away all the same: placed ones, a campaign's."""
    furnish(workspace, PERSON)
    answered(workspace, requested(workspace))

    with tenant_scope(workspace.tenant.pk):
        assert suppressed([PERSON, OTHER], campaign=None) == {PERSON}
        with pytest.raises(DomainError) as refused:
            place_call(from_number=OWN, to_number=PERSON)
        assert refused.value.code == "suppressed"
        place_call(from_number=OWN, to_number=OTHER)
        campaign = workspace.campaign(state=CampaignState.DRAFT)
        numbers = [NewContact(number=PERSON), NewContact(number=OTHER)]
        added = add_contacts(campaign=campaign, contacts=numbers, now=timezone.now())
        assert [one.set_aside for one in added] == ["suppressed", ""]  # type: ignore[union-attr]
        (entry, _) = Suppression.objects.all()
        assert (entry.e164, entry.note, len(entry.digest)) == ("", "", 64)


def test_an_entry_without_a_number_can_be_taken_off(workspace: Workspace) -> None:
    workspace.not_to_call()
    answered(workspace, requested(workspace))
    with tenant_scope(workspace.tenant.pk):
        remove(suppression_id=Suppression.objects.get().pk)
        assert suppressed([PERSON], campaign=None) == set()


def test_a_list_of_one_campaign_stays_its_own(workspace: Workspace) -> None:
    campaign = workspace.campaign(state=CampaignState.DRAFT)
    workspace.not_to_call(campaign=campaign)
    answered(workspace, requested(workspace))
    with tenant_scope(workspace.tenant.pk):
        assert suppressed([PERSON], campaign=None) == set()
        assert suppressed([PERSON], campaign=campaign) == {PERSON}


def test_twice_keeps_one_entry(workspace: Workspace) -> None:
    """Asked not to be called again after being forgotten, and forgotten again."""
    for _ in range(2):
        workspace.not_to_call()
        assert answered(workspace, requested(workspace)).state == RequestState.DONE
    with tenant_scope(workspace.tenant.pk):
        assert Suppression.objects.count() == 1
    assert places_of(workspace, PERSON) == []


def test_campaigns_count_right_afterwards(workspace: Workspace) -> None:
    campaign = workspace.campaign(state=CampaignState.RUNNING)
    for e164 in (PERSON, OTHER):
        workspace.contact(campaign, e164, state=ContactState.WAITING)
    answered(workspace, requested(workspace))
    with tenant_scope(workspace.tenant.pk):
        progress = Progress.objects.get(campaign=campaign)
        assert (progress.contacts, progress.waiting) == (1, 1)
        assert [row.e164 for row in Contact.objects.all()] == [OTHER]


@pytest.mark.parametrize("what", ["call", "number", "everything"])
def test_a_hold_keeps_all_of_it_until_it_is_released(workspace: Workspace, what: str) -> None:
    call = furnish(workspace, PERSON)
    with tenant_scope(workspace.tenant.pk):
        held = hold(
            name="Case 12",
            reason="A court.",
            call=call if what == "call" else None,
            e164=PERSON if what == "number" else "",
        )
    before = dump(workspace)
    request = requested(workspace)

    waiting = answered(workspace, request)

    assert waiting.state == RequestState.HELD
    assert "“Case 12”" in waiting.problem
    kept = {table for table in before if not table.startswith(("privacy_", "audit_"))}
    assert {table: dump(workspace)[table] for table in kept} == {table: before[table] for table in kept}
    assert look_at_requests() == 0

    with tenant_scope(workspace.tenant.pk):
        release(hold_id=held.pk)
    assert look_at_requests() == 1
    assert answered(workspace, request).state == RequestState.DONE
    assert places_of(workspace, PERSON, configuration=True) == []


def test_a_held_call_of_somebody_else_is_not_touched(workspace: Workspace) -> None:
    theirs = workspace.call(to=OTHER, said=SPOKEN)
    with tenant_scope(workspace.tenant.pk):
        held = hold(name="Case 12", reason="A court.", call=theirs)
    furnish(workspace, PERSON)
    request = requested(workspace)

    waiting = answered(workspace, request)
    assert waiting.state == RequestState.HELD
    with tenant_scope(workspace.tenant.pk):
        assert Turn.objects.get(call=theirs).text == SPOKEN
        assert not Contact.objects.exists()
        release(hold_id=held.pk)

    assert answered(workspace, request).state == RequestState.DONE
    assert places_of(workspace, PERSON) == []


def test_a_call_that_goes_on_is_waited_for(workspace: Workspace) -> None:
    with tenant_scope(workspace.tenant.pk):
        call = place_call(from_number=OWN, to_number=PERSON)
    request = requested(workspace)
    waiting = answered(workspace, request)
    assert waiting.state == RequestState.RUNNING
    assert waiting.problem == "A call of this number has not ended yet: it goes on after that."
    with tenant_scope(workspace.tenant.pk):
        Call.objects.filter(pk=call.pk).update(state="ended", ended_at=timezone.now(), end_reason="busy")
        PersonRequest.objects.update(leased_until=None)
    assert answered(workspace, request).state == RequestState.DONE


def test_what_people_wrote_into_their_configuration_is_told(workspace: Workspace) -> None:
    with tenant_scope(workspace.tenant.pk):
        workspace.agent.draft = workspace.agent.draft | {"instructions": f"Transfer to {PERSON}."}
        workspace.agent.save()
    done = answered(workspace, requested(workspace))
    assert done.state == RequestState.DONE
    assert done.report["left"] == [{"what": "agents.Agent", "id": workspace.agent.public_id}]
    with tenant_scope(workspace.tenant.pk):
        workspace.agent.refresh_from_db()
        assert PERSON in json.dumps(workspace.agent.draft)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_files_with_the_number_go(workspace: Workspace, folders: Path, encoding: str) -> None:
    data = f"Phone;Name\n{PERSON};One\n{OTHER};Two\n".encode(encoding)
    clean = f"Phone;Name\n{OTHER};Two\n".encode(encoding)
    campaign = workspace.campaign(state=CampaignState.DRAFT)
    with tenant_scope(workspace.tenant.pk):
        rows = [
            take_file(
                file=ContentFile(text, name="list.csv"),
                name="list.csv",
                kind=ImportKind.CONTACTS,
                campaign=campaign,
            )
            for text in (data, clean)
        ]
    answered(workspace, requested(workspace))
    with tenant_scope(workspace.tenant.pk):
        mine, theirs = (Import.objects.get(pk=row.pk) for row in rows)
    assert (mine.state, mine.preview, mine.storage_key) == (ImportState.CANCELLED, {}, "")
    assert mine.problem.startswith("Its file held the number")
    assert (theirs.state, import_storage().exists(theirs.storage_key)) == (ImportState.UPLOADED, True)
    assert len(files_in(folders / "imports")) == 1


class Died(BaseException):
    """Whoever worked is gone, and has tidied up nothing."""


@pytest.mark.parametrize("at", ["_contacts", "_calls", "_others", "_answers", "_files"])
def test_it_dies_and_goes_on(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, at: str, folders: Path
) -> None:
    from apps.privacy.services import deleting

    furnish(workspace, PERSON)
    request = requested(workspace)
    steps = list(deleting._STEPS)
    n = [step.__name__ for step in steps].index(at)

    def die(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(deleting, "_STEPS", (*steps[: n + 1], die))
        with pytest.raises(Died):
            answer(workspace.tenant.pk, request.pk)
    assert fresh(workspace, request).state == RequestState.RUNNING
    answer(workspace.tenant.pk, request.pk)  # its lease lasts: nobody else begins
    assert fresh(workspace, request).state == RequestState.RUNNING
    with tenant_scope(workspace.tenant.pk):
        PersonRequest.objects.update(leased_until=None)

    done = answered(workspace, request)

    assert (done.state, done.report["rows"]["calls"], done.report["rows"]["contacts"]) == (
        RequestState.DONE,
        1,
        2,
    )
    assert (places_of(workspace, PERSON, configuration=True), files_in(folders)) == ([], [])


def test_what_fails_is_tried_again_and_then_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.call()
    request = requested(workspace)

    def fail(call: Call) -> None:
        raise RuntimeError(f"{PERSON} cannot go")

    monkeypatch.setattr(works_of_calls, "erase_call", fail)
    for _ in range(5):
        assert answered(workspace, request).state in (RequestState.RUNNING, RequestState.FAILED)
        with tenant_scope(workspace.tenant.pk):
            PersonRequest.objects.update(leased_until=None)
    failed = fresh(workspace, request)
    assert failed.state == RequestState.FAILED
    assert failed.problem.startswith("It failed (RuntimeError: •••• cannot go).")
    monkeypatch.undo()
    assert look_at_requests() == 0


def test_former_requests_forget_the_number_too(workspace: Workspace, folders: Path) -> None:
    workspace.call()
    export = answered(workspace, requested(workspace, RequestKind.EXPORT))
    assert (export.state, len(files_in(folders / "exports"))) == (RequestState.DONE, 1)
    answered(workspace, requested(workspace))
    export = fresh(workspace, export)
    assert (export.e164, export.storage_key, files_in(folders)) == ("", "", [])
    assert places_of(workspace, PERSON) == []


def test_it_is_written_down_that_it_was_done(workspace: Workspace) -> None:
    request = answered(workspace, requested(workspace))
    with tenant_scope(workspace.tenant.pk):
        entry = AuditEntry.objects.get(object_id=request.pk, action="person_deleted")
        assert entry.after["report"]["left"] == []
        assert request.digest
        again = requested(workspace)
        assert again.digest == request.digest


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"e164": OWN, "confirm": OWN}, "phone_number"),
        ({"e164": PERSON, "confirm": OTHER}, "confirm"),
        ({"e164": PERSON}, "confirm"),
    ],
)
def test_what_is_refused(workspace: Workspace, given: dict[str, Any], field: str) -> None:
    with tenant_scope(workspace.tenant.pk), pytest.raises(InvalidInput) as refused:
        ask(kind=RequestKind.DELETION, **given)
    assert refused.value.field == field


def test_the_same_is_asked_once_at_a_time(workspace: Workspace) -> None:
    requested(workspace)
    with pytest.raises(Conflict):
        requested(workspace)
    requested(workspace, RequestKind.EXPORT)


def test_events_that_named_it_are_not_told(workspace: Workspace) -> None:
    call = workspace.call()
    workspace.event(call, pending=True)
    answered(workspace, requested(workspace))
    with tenant_scope(workspace.tenant.pk):
        models: tuple[Any, ...] = (CallEvent, Callback, TextMessage)
        assert [model.objects.count() for model in models] == [0, 0, 0]
