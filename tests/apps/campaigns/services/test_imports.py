"""A file from its upload to contacts that wait, and what is never half-imported."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from apps.agents.services import create_agent
from apps.campaigns.config import CampaignConfig
from apps.campaigns.importing.errors import FileRefused
from apps.campaigns.models import (
    Campaign,
    Consent,
    Contact,
    Import,
    ImportKind,
    ImportState,
    Progress,
    Suppression,
)
from apps.campaigns.services import committing, reading_imports, uploads
from apps.campaigns.services.lifecycle import create_campaign
from tenants.errors import Conflict, InvalidInput
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import make_tenant, script_config

pytestmark = pytest.mark.django_db

GOOD = "Phone,First name,Zone\n+12025550100,Ann,\n(415) 555-0132,Bo,America/Denver\n"
MAPPING = {"number": "Phone", "time_zone": "Zone", "variables": {"first_name": "First name"}}


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    made = make_tenant()
    with tenant_scope(made.pk):
        yield made


@pytest.fixture
def campaign(tenant: Tenant) -> Campaign:
    return create_campaign(name="Spring", agent=create_agent(name="A", config=script_config()))


def configured(campaign: Campaign, **parts: Any) -> None:
    campaign.config = CampaignConfig.model_validate(parts).model_dump(mode="json")
    campaign.save()


def upload(text: str | bytes, campaign: Campaign | None, kind: ImportKind = ImportKind.CONTACTS) -> Import:
    data = text if isinstance(text, bytes) else text.encode()
    file = ContentFile(data, name="list.csv")
    return uploads.take_file(file=file, name="list.csv", kind=kind, campaign=campaign)


def read(row: Import, mapping: dict[str, Any] = MAPPING) -> Import:
    uploads.map_columns(row=row, mapping=mapping)
    reading_imports.read_import(row.tenant_id, row.pk)
    return uploads.get_import(row.pk)


def imported(row: Import) -> Import:
    uploads.commit_import(row=row)
    committing.commit(row.tenant_id, row.pk)
    return uploads.get_import(row.pk)


def report_of(row: Import) -> list[list[str]]:
    with uploads.import_storage().open(row.report_key, "rb") as file:
        return list(csv.reader(io.StringIO(file.read().decode())))[1:]


def test_a_file_becomes_contacts_that_wait(campaign: Campaign) -> None:
    row = read(upload(GOOD, campaign))
    assert (row.state, row.rows, row.good, row.refused) == (ImportState.READY, 2, 2, 0)
    assert Contact.objects.count() == 0
    done = imported(row)
    assert (done.state, done.summary["imported"]) == (ImportState.DONE, {"waiting": 2})
    ann, bo = Contact.objects.select_related("place").order_by("id")
    assert (ann.e164, ann.variables, ann.state) == ("+12025550100", {"first_name": "Ann"}, "waiting")
    assert ann.place.zones == ["America/New_York"]
    assert (bo.e164, bo.place.zones, bo.place.country) == ("+14155550132", ["America/Denver"], "US")
    progress = Progress.objects.get(campaign=campaign)
    assert (progress.contacts, progress.waiting) == (2, 2)


def test_nothing_is_imported_twice(campaign: Campaign) -> None:
    row = imported(read(upload(GOOD + "+1 202 555 0100,Again,\n", campaign)))
    assert row.duplicates == 1
    committing.commit(row.tenant_id, row.pk)
    again = imported(read(upload(GOOD, campaign)))
    assert (again.summary["imported"], again.duplicates) == ({}, 2)
    assert Progress.objects.get(campaign=campaign).contacts == Contact.objects.count() == 2


def test_the_report_names_row_and_column(campaign: Campaign) -> None:
    row = read(upload(GOOD + "12,Cy,\n+12025550101,Di,Mars/Base\n+12025550102,=1+1,\n", campaign))
    assert (row.good, row.refused) == (3, 2)
    assert row.refusals == {"not_a_number": 1, "unknown_time_zone": 1}
    assert [line[:4] for line in report_of(row)] == [
        ["4", "Phone", "12", "not_a_number"],
        ["5", "Zone", "Mars/Base", "unknown_time_zone"],
        ["6", "First name", "'=1+1", "formula"],
    ]


def test_what_may_not_be_dialed_is_set_aside(campaign: Campaign) -> None:
    configured(campaign, consent={"required": True})
    Suppression.objects.create(e164="+12025550101", source="person")
    text = (
        "Phone,consent date\n+12025550100,2026-01-05\n+12025550101,2026-01-05\n+12025550102,\n+19005550100,\n"
    )
    mapping = {"number": "Phone", "consent_at": "consent date"}
    row = imported(read(upload(text, campaign), mapping))
    assert row.summary["imported"] == {"waiting": 1, "set_aside": 3}
    assert dict(Contact.objects.values_list("e164", "set_aside")) == {
        "+12025550100": "",
        "+12025550101": "suppressed",
        "+12025550102": "no_consent",
        "+19005550100": "not_dialable",
    }
    assert Progress.objects.get(campaign=campaign).set_asides == {
        "suppressed": 1, "no_consent": 1, "not_dialable": 1,
    }  # fmt: skip
    assert Consent.objects.count() == 2


def test_numbers_not_to_call_are_imported_into_the_list(tenant: Tenant) -> None:
    row = upload("Number,Note\n+12025550100,asked\n+12025550101,\n", None, ImportKind.SUPPRESSIONS)
    done = imported(read(row, {"number": "Number", "note": "Note"}))
    assert done.summary["imported"] == {"added": 2}
    assert Suppression.objects.get(e164="+12025550100").note == "asked"


def test_a_file_whose_worker_died_is_read_by_the_next_one(campaign: Campaign) -> None:
    row = upload(GOOD, campaign)
    uploads.map_columns(row=row, mapping=MAPPING)
    Import.objects.filter(pk=row.pk).update(heartbeat_at=timezone.now())
    reading_imports.read_import(row.tenant_id, row.pk)
    assert uploads.get_import(row.pk).state == ImportState.READING
    stale = timezone.now() - reading_imports.LEASE - timedelta(seconds=1)
    Import.objects.filter(pk=row.pk).update(heartbeat_at=stale)
    reading_imports.read_import(row.tenant_id, row.pk)
    assert uploads.get_import(row.pk).state == ImportState.READY


def test_a_cancelled_import_leaves_nothing(campaign: Campaign) -> None:
    row = uploads.cancel_import(row=read(upload(GOOD, campaign)))
    assert (row.state, row.storage_key, row.staged_key) == (ImportState.CANCELLED, "", "")
    with pytest.raises(Conflict):
        uploads.commit_import(row=row)
    assert Contact.objects.count() == 0


def test_a_column_that_is_not_there_is_named(campaign: Campaign) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(upload(GOOD, campaign), {"number": "Mobile"})
    assert (refused.value.field, refused.value.code) == ("mapping.number", "unknown_column")


BAD_FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "empty"),
    "blank lines": (lambda: b"\n\n", "empty"),
    "no header": (lambda: b"+12025550100,Ann\n", "no_header"),
    "many columns": (lambda: b",".join(b"c%d" % n for n in range(100_000)) + b"\n", "too_many_columns"),
    "a long line": (lambda: b"a,b\n" + b"x" * 100_000 + b"\n", "line_too_long"),
    "a zero byte": (lambda: b"Phone,Name\n+12025550100,A\x00nn\n", "not_text"),
    "all bytes": (lambda: bytes(range(256)) * 50, "not_text"),
    "a bomb": (lambda: gzip.compress(b"Phone\n" + b"0" * 60_000_000), "zip_bomb"),
    "half a gzip": (lambda: gzip.compress(GOOD.encode())[:-20], "damaged"),
    "half a zip": (lambda: b"PK\x03\x04 no zip", "damaged"),
}
"""Made when they are asked for: a gzip tells its time, and so would the name of its test."""


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_are_refused(campaign: Campaign, name: str) -> None:
    data, code = BAD_FILES[name]
    with pytest.raises(FileRefused) as refused:
        upload(data(), campaign)
    assert refused.value.code == code
    assert Import.objects.count() == 0
