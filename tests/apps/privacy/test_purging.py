"""The nightly purge: what is old goes, with its files; what is held stays; what went is proved."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.utils import timezone

from apps.analysis.models import Analysis, AnalysisState
from apps.billing.selectors import Cost, cost_of
from apps.calls.models import Call, CallEvent, Capture, Recording, Turn
from apps.campaigns.models import (
    Attempt,
    CampaignState,
    CheckedNumber,
    Contact,
    Import,
    ImportState,
    Progress,
)
from apps.followups.models import Callback, CallbackState, TextMessage
from apps.privacy.models import Erased, Kind, Purge, Retention
from apps.privacy.services import erasing, works_of_calls
from apps.privacy.services.holds import hold, release
from apps.privacy.services.kinds import WORKS
from apps.privacy.services.previewing import preview
from apps.privacy.services.purging import close_former, purge_tenant, tenants_to_purge
from apps.privacy.services.retention import set_retention
from apps.webhooks.models import Delivery, DeliveryAttempt, Event
from apps.webhooks.services.purging import delete_old
from tenants.audit.models import AuditEntry
from tenants.scope import tenant_scope
from tests.apps.privacy.conftest import (
    OTHER,
    PACKETS,
    PERSON,
    SOUND,
    Workspace,
    days_ago,
    files_in,
)
from tests.money import charge_call, line

pytestmark = pytest.mark.django_db


def keep(workspace: Workspace, **days: int | None) -> None:
    with tenant_scope(workspace.tenant.pk):
        set_retention(days={Kind(kind): n for kind, n in days.items()})


def purge(workspace: Workspace, day: date | None = None) -> Purge:
    done = purge_tenant(workspace.tenant.pk, day=day or timezone.now().date())
    assert done is not None
    return done


def rows(workspace: Workspace, *models: Any) -> list[int]:
    with tenant_scope(workspace.tenant.pk):
        return [model.objects.count() for model in models]


def test_old_recordings_go_and_new_ones_stay(workspace: Workspace, folders: Path) -> None:
    old, new = workspace.call(ago=40), workspace.call(ago=10)
    keep(workspace, recordings=30)

    done = purge(workspace)

    with tenant_scope(workspace.tenant.pk):
        assert [row.call_id for row in Recording.objects.all()] == [new.pk]
        assert Turn.objects.get(call=old).text == "Hello."
        assert Capture.objects.count() == 2
    assert files_in(folders) == sorted([f"{new.pk.hex}.wav", f"{old.pk.hex}.pcap", f"{new.pk.hex}.pcap"])
    assert (done.left, done.files_gone, done.problem) == (0, True, "")
    assert done.ended_at is not None
    told = done.kinds["recordings"]
    assert (told["days"], told["rows"], told["files"], told["bytes"]) == (30, 1, 1, len(SOUND))
    assert told["oldest"] == told["newest"] == old.ended_at.isoformat().replace("+00:00", "Z")  # type: ignore[union-attr]
    assert set(done.kinds) == {"recordings"}


def test_who_kept_a_list_can_compare_the_digest(workspace: Workspace) -> None:
    calls = [workspace.call(ago=40 + n) for n in range(3)]
    with tenant_scope(workspace.tenant.pk):
        ids = sorted(Recording.objects.values_list("pk", flat=True))
    assert len(calls) == 3
    keep(workspace, recordings=30)

    sound = hashlib.sha256(SOUND).hexdigest()
    lines = "".join(f"{pk.hex} {sound}\n" for pk in ids)
    assert purge(workspace).kinds["recordings"]["digest"] == hashlib.sha256(lines.encode()).hexdigest()
    assert rows(workspace, Erased) == [0]


def test_to_the_day(workspace: Workspace) -> None:
    """What ended before midnight of the day, so many days back, goes; what ended at that midnight stays."""
    midnight = datetime(2026, 3, 1, tzinfo=UTC)
    first, second = workspace.call(), workspace.call()
    with tenant_scope(workspace.tenant.pk):
        Call.objects.filter(pk=first.pk).update(ended_at=midnight - timedelta(microseconds=1))
        Call.objects.filter(pk=second.pk).update(ended_at=midnight)
    keep(workspace, recordings=30)

    purge(workspace, day=date(2026, 3, 31))

    with tenant_scope(workspace.tenant.pk):
        assert [row.call_id for row in Recording.objects.all()] == [second.pk]


def test_transcripts_take_what_was_known_of_the_words(workspace: Workspace) -> None:
    call = workspace.call(ago=40, said="My card is 4111 1111 1111 1111.")
    keep(workspace, transcripts=30)

    done = purge(workspace)

    assert done.kinds["transcripts"]["rows"] == 1
    with tenant_scope(workspace.tenant.pk):
        assert Turn.objects.get(call=call).text == ""
        assert "4111" not in str(list(CallEvent.objects.values_list("body", flat=True)))
        known = Analysis.objects.get(call=call)
        assert (known.state, known.values, known.summary) == (AnalysisState.SKIPPED, {}, "")
        call.refresh_from_db()
        assert call.slots == {}
        assert Recording.objects.filter(call=call).exists()
    assert purge(workspace, day=timezone.now().date() + timedelta(days=1)).kinds["transcripts"]["rows"] == 0


def test_captures_take_the_sip_messages(workspace: Workspace, folders: Path) -> None:
    call = workspace.call(ago=40)
    keep(workspace, captures=30)

    done = purge(workspace)

    assert (done.kinds["captures"]["files"], done.kinds["captures"]["bytes"]) == (1, len(PACKETS))
    assert files_in(folders) == [f"{call.pk.hex}.wav"]
    with tenant_scope(workspace.tenant.pk):
        (sip,) = CallEvent.objects.filter(type="sip")
        assert PERSON not in str(sip.body)


def test_calls_take_everything_of_them_but_the_money(workspace: Workspace, folders: Path) -> None:
    call, young = workspace.call(ago=40), workspace.call(ago=1)
    contact = workspace.contact(workspace.campaign(ago=2), call=call)
    workspace.message(call, ago=40)
    workspace.callback(call, ago=39)
    workspace.event(call, ago=40)
    with tenant_scope(workspace.tenant.pk):
        charge_call(call.pk, 7)
    keep(workspace, calls=30)

    done = purge(workspace)

    assert (done.left, done.files_gone, done.problem) == (0, True, "")
    assert done.kinds["calls"]["rows"] == 1
    assert done.kinds["calls"]["files"] == 2
    kept = (Call, Recording, Capture, Turn, CallEvent, Analysis)
    assert rows(workspace, *kept) == [1, 1, 1, 1, 2, 1]
    assert rows(workspace, TextMessage, Callback, Event, Delivery, DeliveryAttempt) == [0] * 5
    assert files_in(folders) == sorted([f"{young.pk.hex}.wav", f"{young.pk.hex}.pcap"])
    with tenant_scope(workspace.tenant.pk):
        attempt = Attempt.objects.get(contact=contact)
        assert (attempt.call_id, attempt.e164) == (None, PERSON)
        assert cost_of(call.pk) == Cost(7, True, (line(7),))
        assert PERSON not in str(list(AuditEntry.objects.filter(object_type="callback").values()))


def test_a_call_that_something_is_still_to_come_of_stays(workspace: Workspace) -> None:
    call = workspace.call(ago=40)
    workspace.callback(call, ago=-1, state=CallbackState.WAITING)
    keep(workspace, calls=30)

    assert purge(workspace).kinds["calls"]["rows"] == 0
    assert rows(workspace, Call) == [1]


def test_contacts_of_campaigns_that_are_over(workspace: Workspace) -> None:
    over, fresh = workspace.campaign(ago=40), workspace.campaign(ago=3)
    running = workspace.campaign(state=CampaignState.RUNNING, ago=90)
    workspace.contact(over, call=workspace.call(ago=40))
    for campaign in (fresh, running):
        workspace.contact(campaign)
    workspace.consents(OTHER)
    with tenant_scope(workspace.tenant.pk):
        Import.objects.create(
            campaign=over, filename="a.csv", state=ImportState.DONE, preview={"rows": [[PERSON]]}, rows=1
        )
    keep(workspace, contacts=30)

    assert purge(workspace).left == 0

    with tenant_scope(workspace.tenant.pk):
        assert {row.campaign_id for row in Contact.objects.all()} == {fresh.pk, running.pk}
        assert Attempt.objects.count() == 0
        assert CheckedNumber.objects.count() == 0
        assert (Import.objects.get().preview, Import.objects.get().rows) == ({}, 1)
        assert Progress.objects.get(campaign=over).done == 1  # what it came to stays


def test_messages_and_deliveries(workspace: Workspace) -> None:
    call = workspace.call(ago=1)
    workspace.message(call, ago=40)
    workspace.message(call, ago=2)
    workspace.callback(call, ago=40)
    workspace.event(call, ago=40)
    waiting = workspace.event(call, ago=40, pending=True)
    keep(workspace, messages=30, deliveries=30)

    done = purge(workspace)

    assert (done.kinds["messages"]["rows"], done.kinds["deliveries"]["rows"]) == (2, 1)
    with tenant_scope(workspace.tenant.pk):
        newest = workspace.event(call, ago=35)
    assert purge(workspace, day=timezone.now().date() + timedelta(days=1)).kinds["deliveries"]["rows"] == 1
    with tenant_scope(workspace.tenant.pk):
        # It was the newest of its key: its number is not given again.
        newest.refresh_from_db()
        assert (newest.emptied, newest.data) == (True, {})
        newest.delete()
    assert rows(workspace, TextMessage, Callback) == [1, 0]
    with tenant_scope(workspace.tenant.pk):
        assert [event.pk for event in Event.objects.all()] == [waiting.pk]


@pytest.mark.parametrize("what", ["call", "number", "everything"])
def test_a_hold_wins(workspace: Workspace, what: str, folders: Path) -> None:
    call, free = workspace.call(ago=40), workspace.call(to=OTHER, ago=40)
    for one in (call, free):
        workspace.event(one, ago=40)
        workspace.message(one, to=one.to_number, ago=40)
        workspace.contact(workspace.campaign(ago=40), one.to_number, call=one)
    with tenant_scope(workspace.tenant.pk):
        held = hold(
            name="Case 12",
            reason="A court.",
            call=call if what == "call" else None,
            e164=PERSON if what == "number" else "",
        )
    keep(workspace, **dict.fromkeys(Kind.values, 30))

    done = purge(workspace)

    stays = 2 if what == "everything" else 1
    models = (Call, Recording, Capture, Turn, Event, TextMessage, Contact, Attempt)
    assert rows(workspace, *models) == [stays] * len(models)
    assert (done.left, done.problem) == (0, "")
    assert done.kinds["calls"]["held"] == stays
    assert len(files_in(folders)) == 2 * stays

    with tenant_scope(workspace.tenant.pk):
        release(hold_id=held.pk)
    purge(workspace, day=timezone.now().date() + timedelta(days=1))
    assert rows(workspace, *models) == [0] * len(models)
    assert files_in(folders) == []


class Died(BaseException):
    """Whoever worked is gone, and has tidied up nothing."""


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_it_dies_before_the_files_and_goes_on(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, folders: Path, batch: int
) -> None:
    """The rows are gone and their files are not: the next one finds them, and counts them once."""
    for n in range(3):
        workspace.call(ago=40 + n)
    keep(workspace, calls=30)
    monkeypatch.setattr("apps.privacy.services.purging.BATCH", batch)

    def die(*_: object) -> int:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr("apps.privacy.services.purging.delete_files", die)
        with pytest.raises(Died):
            purge(workspace)
    with tenant_scope(workspace.tenant.pk):
        assert Purge.objects.get().ended_at is None
    assert len(files_in(folders)) == 6

    done = purge(workspace)

    assert files_in(folders) == []
    assert (done.kinds["calls"]["rows"], done.kinds["calls"]["files"], done.left) == (3, 6, 0)
    assert done.files_gone


def test_it_dies_inside_a_batch(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, folders: Path) -> None:
    """Nothing of the batch went: neither rows nor files, nor is it told that they did."""
    for n in range(3):
        workspace.call(ago=40 + n)
    keep(workspace, calls=30)
    erase_call, erased = works_of_calls.erase_call, []

    def second_dies(call: Call) -> Any:
        erased.append(call)
        if len(erased) == 2:
            raise Died
        return erase_call(call)

    with monkeypatch.context() as patched:
        patched.setattr(works_of_calls, "erase_call", second_dies)
        with pytest.raises(Died):
            purge(workspace)
    assert rows(workspace, Call, Recording, Erased) == [3, 3, 0]
    assert len(files_in(folders)) == 6

    assert purge(workspace).kinds["calls"]["rows"] == 3
    assert (rows(workspace, Call), files_in(folders)) == ([0], [])


def test_a_storage_that_fails_is_told_and_asked_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, folders: Path
) -> None:
    workspace.call(ago=40)
    keep(workspace, recordings=30)

    def refuse(*_: object) -> None:
        raise OSError("read-only file system")

    with monkeypatch.context() as patched:
        patched.setattr(FileSystemStorage, "delete", refuse)
        done = purge(workspace)
    assert (done.ended_at, done.files_gone, done.left) == (None, False, 0)
    assert done.problem == "1 files could not be deleted."
    assert len(files_in(folders)) == 2

    done = purge(workspace)
    assert (done.files_gone, done.problem, len(files_in(folders))) == (True, "", 1)
    assert done.kinds["recordings"]["files"] == 1


def test_one_row_that_cannot_go_keeps_no_other(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = [workspace.call(ago=40 + n) for n in range(3)]
    keep(workspace, calls=30)
    erase_call = works_of_calls.erase_call

    def not_this_one(call: Call) -> Any:
        if call.pk == calls[1].pk:
            raise ValueError("cannot go")
        return erase_call(call)

    with monkeypatch.context() as patched:
        patched.setattr(works_of_calls, "erase_call", not_this_one)
        done = purge(workspace)
    with tenant_scope(workspace.tenant.pk):
        assert [call.pk for call in Call.objects.all()] == [calls[1].pk]
    assert (done.left, done.ended_at) == (1, None)
    assert "1 rows that were due are still there." in done.problem

    assert purge(workspace).left == 0


def test_a_former_day_that_never_ended_tells_what_is_left(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.call(ago=40)
    keep(workspace, calls=30)
    yesterday = timezone.now().date() - timedelta(days=1)

    def fail(call: Call) -> None:
        raise ValueError("cannot go")

    with monkeypatch.context() as patched:
        patched.setattr(works_of_calls, "erase_call", fail)
        assert purge(workspace, day=yesterday).ended_at is not None
    with tenant_scope(workspace.tenant.pk):
        told = Purge.objects.get(day=yesterday)
        assert (told.left, told.problem != "") == (1, True)
    close_former(workspace.tenant.pk, day=timezone.now().date())
    assert purge(workspace).left == 0


def test_time_is_up_and_the_next_round_goes_on(workspace: Workspace) -> None:
    workspace.call(ago=40)
    keep(workspace, calls=30)
    today = timezone.now().date()

    stopped = purge_tenant(workspace.tenant.pk, day=today, slice_s=-1)
    assert stopped is not None
    assert (stopped.ended_at, stopped.kinds) == (None, {})
    assert rows(workspace, Call) == [1]
    assert purge(workspace).ended_at is not None


def test_others_keep_theirs(workspace: Workspace, other: Workspace, folders: Path) -> None:
    mine, theirs = workspace.call(ago=40), other.call(ago=40)
    keep(workspace, **dict.fromkeys(Kind.values, 1))
    purge(workspace)
    assert (rows(workspace, Call), rows(other, Call, Recording, Turn)) == ([0], [1, 1, 1])
    assert files_in(folders) == sorted([f"{theirs.pk.hex}.wav", f"{theirs.pk.hex}.pcap"])
    assert mine.pk != theirs.pk


def test_who_is_purged_when(workspace: Workspace, other: Workspace) -> None:
    keep(workspace, calls=30)
    at_noon = timezone.now().replace(hour=12)
    with tenant_scope(workspace.tenant.pk):
        Retention.objects.update(updated_at=at_noon)
    assert tenants_to_purge(at_noon + timedelta(minutes=10)) == []  # tonight, as people were told
    night = at_noon.replace(hour=3) + timedelta(days=1)
    evening = night.replace(hour=1)
    assert tenants_to_purge(evening) == []
    assert tenants_to_purge(night) == [workspace.tenant.pk]
    purge(workspace, day=night.date())
    assert tenants_to_purge(night) == []
    assert tenants_to_purge(night + timedelta(days=1)) == [workspace.tenant.pk]
    keep(workspace, calls=None)
    assert tenants_to_purge(night + timedelta(days=1)) == []


def test_a_preview_is_what_goes_then(workspace: Workspace) -> None:
    call = workspace.call(ago=40)
    workspace.call(to=OTHER, ago=41)
    workspace.call(ago=1)
    workspace.message(call, ago=40)
    workspace.event(call, ago=40)
    workspace.contact(workspace.campaign(ago=40), call=call)
    with tenant_scope(workspace.tenant.pk):
        hold(name="Case", reason="A court.", e164=OTHER)
    days: dict[Kind, int | None] = {kind: 30 for kind in Kind if kind is not Kind.CALLS}
    today = timezone.now().date()
    with tenant_scope(workspace.tenant.pk):
        foreseen = preview(day=today, days=days)
    keep(workspace, **{kind.value: n for kind, n in days.items()})

    done = purge(workspace)

    assert set(done.kinds) == {kind.value for kind in foreseen}
    for kind, one in foreseen.items():
        told = done.kinds[kind.value]
        figures = (one.figures.rows, one.figures.files, one.figures.size_bytes, one.held)
        assert figures == (told["rows"], told["files"], told["bytes"], told["held"]), kind
    assert foreseen[Kind.RECORDINGS].held == 1


def test_events_that_are_held_outlast_their_month(workspace: Workspace, other: Workspace) -> None:
    for one in (workspace, other):
        with tenant_scope(one.tenant.pk):
            one.event(one.call(), ago=1)
            Delivery.objects.update(state="delivered", next_at=None, ended_at=days_ago(1))
    with tenant_scope(workspace.tenant.pk):
        hold(name="Case", reason="A court.", e164=OTHER)
    delete_old(now=timezone.now() + timedelta(days=32))
    assert (rows(workspace, Delivery), rows(other, Delivery)) == ([1], [0])


def test_every_kind_has_its_works() -> None:
    assert set(WORKS) == set(Kind)


def test_what_refers_to_a_call_is_known_to_whoever_erases_one(workspace: Workspace) -> None:
    """A new table that refers to calls has to say what becomes of its rows when a call goes."""
    known = {
        "analysis.Analysis",
        "analysis.Label",
        "calls.CallDraft",
        "calls.CallEvent",
        "calls.CallNote",
        "calls.CallShare",
        "calls.CallTag",
        "calls.Capture",
        "calls.Recording",
        "calls.Redaction",
        "calls.Turn",
        "calls.TurnWord",
        "campaigns.Attempt",
        "campaigns.Suppression",
        "followups.Callback",
        "followups.TextMessage",
        "privacy.LegalHold",
        "suites.CaseRun",
    }
    from django.apps import apps

    from tenants.tables import is_history

    refer = {
        model._meta.label
        for model in apps.get_models()
        if not is_history(model)
        for field in model._meta.concrete_fields
        if field.related_model is Call
    }
    assert refer == known


def test_files_of_former_purges_are_asked_for_again(workspace: Workspace, folders: Path) -> None:
    (folders / "recordings").mkdir(exist_ok=True)
    (folders / "recordings" / "left.wav").write_bytes(SOUND)
    with tenant_scope(workspace.tenant.pk):
        Erased.objects.create(
            row=workspace.tenant.pk, at=days_ago(3), storage="recordings", storage_key="left.wav"
        )
    assert erasing.delete_files(workspace.tenant.pk) == 0
    assert (files_in(folders), rows(workspace, Erased)) == ([], [0])
