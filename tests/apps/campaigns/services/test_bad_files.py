"""Files as they come: in any encoding, broken, hostile. Row and column are named; nothing comes in half."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile, File
from django.utils import timezone

from apps.agents.services import create_agent
from apps.campaigns.config import CampaignConfig
from apps.campaigns.importing.errors import FileRefused
from apps.campaigns.importing.values import GivenConsent
from apps.campaigns.models import (
    Campaign,
    Consent,
    Contact,
    ContactState,
    Import,
    ImportKind,
    ImportState,
    Suppression,
)
from apps.campaigns.services import committing, contacts, counting, reading_imports, uploads
from apps.campaigns.services.contacts import NewContact
from apps.campaigns.services.lifecycle import change_campaign, create_campaign
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import make_tenant, script_config

pytestmark = pytest.mark.django_db

BY_ENCODING = {
    "utf-8": "Zoë 美咲 Борис",
    "utf-8-sig": "Zoë 美咲",
    "utf-16": "Zoë 美咲",
    "utf-16-le": "Zoë Jürgen",
    "utf-16-be": "Zoë Jürgen",
    "utf-32": "Zoë 美咲",
    "cp1252": "Zoë José Jürgen",
}


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    made = make_tenant()
    with tenant_scope(made.pk):
        yield made


@pytest.fixture
def campaign(tenant: Tenant) -> Campaign:
    return create_campaign(name="Spring", agent=create_agent(name="A", config=script_config()))


def upload(data: bytes, campaign: Campaign | None, kind: ImportKind = ImportKind.CONTACTS) -> Import:
    file = ContentFile(data, name="list.csv")
    return uploads.take_file(file=file, name="list.csv", kind=kind, campaign=campaign)


def read(row: Import, **mapping: Any) -> Import:
    uploads.map_columns(row=row, mapping={"number": "Phone", **mapping})
    reading_imports.read_import(row.tenant_id, row.pk)
    return uploads.get_import(row.pk)


def imported(row: Import) -> Import:
    uploads.commit_import(row=row)
    committing.commit(row.tenant_id, row.pk)
    return uploads.get_import(row.pk)


def report_of(row: Import) -> list[list[str]]:
    with uploads.import_storage().open(row.report_key, "rb") as file:
        return list(csv.reader(io.StringIO(file.read().decode())))[1:]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", BY_ENCODING)
def test_encoding_and_delimiter_are_found(campaign: Campaign, encoding: str, delimiter: str) -> None:
    """Of a table with names in the letters that the encoding has, quoted cells and two kinds of lines."""
    name, end = BY_ENCODING[encoding], "\r\n" if delimiter == ";" else "\n"
    lines = [("Phone", "First name", "City")]
    lines += [(f"+1202555{n:04}", name, f'"Bad, {n}; or | {name}"') for n in range(100, 140)]
    text = end.join(delimiter.join(line) for line in lines)
    row = upload(text.encode(encoding), campaign)
    assert (row.delimiter, row.preview["columns"]) == (delimiter, ["Phone", "First name", "City"])
    done = imported(read(row, variables={"first_name": "First name", "city": "City"}))
    assert (done.rows, done.good, done.refused) == (40, 40, 0)
    first = Contact.objects.get(e164="+12025550100")
    assert first.variables == {"first_name": name, "city": f"Bad, 100; or | {name}"}


def test_a_wrong_guess_is_corrected_by_looking_again(campaign: Campaign) -> None:
    data = "Phone;Имя\n+12025550100;Борис\n".encode("koi8_r")
    row = uploads.look_again(row=upload(data, campaign), encoding="latin-1", delimiter=",")
    assert row.preview["columns"] == ["Phone;éÍÑ"]
    row = uploads.look_again(row=row, encoding="KOI8-R", delimiter=";")
    assert (row.state, row.encoding, row.mapping) == (ImportState.UPLOADED, "koi8-r", {})
    assert row.preview == {"columns": ["Phone", "Имя"], "rows": [["+12025550100", "Борис"]]}
    imported(read(row, variables={"name": "Имя"}))
    assert Contact.objects.get().variables == {"name": "Борис"}


def test_columns_are_checked_against_those_of_the_new_delimiter(campaign: Campaign) -> None:
    row = upload(b"Phone,a;b\n+12025550100,1;2\n", campaign)
    with pytest.raises(InvalidInput) as refused:
        uploads.map_columns(row=row, mapping={"number": "Phone"}, delimiter=";")
    assert (refused.value.field, refused.value.code) == ("mapping.number", "unknown_column")


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"encoding": "utf-33"}, "encoding", "unknown"),
        ({"encoding": "punycode"}, "encoding", "unknown"),
        ({"encoding": "rot13"}, "encoding", "unknown"),
        ({"encoding": "cp037"}, "encoding", "not_text"),
        ({"delimiter": "x"}, "delimiter", "unknown"),
    ],
)
def test_what_is_said_wrongly_is_named(
    campaign: Campaign, said: dict[str, str], field: str, code: str
) -> None:
    row = upload(b"Phone,Name\n+12025550100,Ann\n" * 20, campaign)
    with pytest.raises(InvalidInput) as refused:
        uploads.look_again(row=row, **said)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert uploads.get_import(row.pk).encoding == "utf-8"


def test_a_mark_at_the_beginning_is_no_part_of_the_header(campaign: Campaign) -> None:
    data = codecs.BOM_UTF8 + b"Phone\n+12025550100\n"
    row = uploads.look_again(row=upload(data, campaign), encoding="utf-8")
    assert row.preview["columns"] == ["Phone"]


def test_a_file_in_the_wrong_encoding_names_its_cells(campaign: Campaign) -> None:
    data = "Phone,Name\n+12025550100,Ann\n+12025550101,Zoë\n".encode("cp1252")
    row = uploads.look_again(row=upload(data, campaign), encoding="utf-8")
    row = read(row, variables={"name": "Name"})
    assert (row.good, row.refusals) == (1, {"wrong_encoding": 1})
    assert [line[:2] + line[3:4] for line in report_of(row)] == [["3", "Name", "wrong_encoding"]]


def test_ragged_rows_are_told(campaign: Campaign) -> None:
    data = b"Phone,Name,Zone\n+12025550100\n+12025550101,Bo,,more\n\n,,\n+12025550102,Cy,\n"
    row = read(upload(data, campaign), variables={"name": "Name"})
    assert (row.good, row.refusals) == (2, {"too_many_cells": 1})
    assert [line[:2] + line[3:4] for line in report_of(row)] == [["3", "Zone", "too_many_cells"]]


BEYOND = b"".join(b"+1202%d,Ann\n" % n for n in range(5_550_000, 5_570_000))
"""More than what is looked at when a file comes."""
LATE: dict[str, tuple[bytes, str]] = {
    "a row of 100,000 columns": (b"+12025559999" + b"," * 100_000 + b"\n", "columns"),
    "a row of 1,000 columns": (b"+12025559999" + b"," * 1_000 + b"\n", "columns"),
    "a long line": (b"x" * 200_000 + b"\n", "characters"),
    "a quotation mark never closed": (b'+12025559999,"' + b"Ann\n" * 60_000, "quotation mark"),
}


@pytest.mark.parametrize("name", LATE)
def test_what_is_wrong_further_down_fails_the_whole_file(campaign: Campaign, name: str) -> None:
    tail, words = LATE[name]
    row = read(upload(b"Phone,Name\n" + BEYOND + tail, campaign))
    assert (row.state, row.staged_key) == (ImportState.FAILED, "")
    assert words in row.problem
    assert "20002" in row.problem
    with pytest.raises(Exception, match="not been read"):
        uploads.commit_import(row=row)
    assert Contact.objects.count() == 0


def test_null_bytes_further_down_are_named(campaign: Campaign) -> None:
    row = read(upload(b"Phone,Name\n" + BEYOND + b"+12025550000,A\x00n\n+1202\x00,\n", campaign))
    assert row.refusals.get("not_a_number") == 1
    assert [line[:2] for line in report_of(row)][-1] == ["20003", "Phone"]


class Zeros(io.RawIOBase):
    """A line without end, of `size` bytes, that takes no memory."""

    def __init__(self, size: int) -> None:
        self._size, self._at = size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset if whence == 0 else self._size
        return self._at

    def readinto(self, buffer: Any) -> int:
        n = min(len(buffer), self._size - self._at)
        buffer[:n] = b"x" * n
        self._at += n
        return n


def test_a_line_of_a_gigabyte_is_refused_for_its_size(campaign: Campaign) -> None:
    file = File(io.BufferedReader(Zeros(1 << 30)), name="list.csv")
    file.size = 1 << 30
    with pytest.raises(FileRefused) as refused:
        uploads.take_file(file=file, name="list.csv", kind=ImportKind.CONTACTS, campaign=campaign)
    assert refused.value.code == "too_large"


def _zip(*members: tuple[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return data.getvalue()


PACKED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a bomb of rows": (lambda: gzip.compress(b"Phone\n" + b"+12025550100\n" * 2_000_000, 9), "zip_bomb"),
    "a zip bomb": (lambda: _zip(("a.csv", b"Phone\n" + b"0" * 60_000_000)), "zip_bomb"),
    "two files": (lambda: _zip(("a.csv", b"Phone\n"), ("b.csv", b"Phone\n")), "not_one_file"),
    "nothing": (_zip, "not_text"),
}


@pytest.mark.parametrize("name", PACKED)
def test_packed_files_that_are_refused(campaign: Campaign, name: str) -> None:
    data, code = PACKED[name]
    with pytest.raises(FileRefused) as refused:
        upload(data(), campaign)
    assert refused.value.code == code
    assert not Import.objects.exists()


def test_formulas_are_kept_as_text_and_come_out_harmless(campaign: Campaign) -> None:
    data = b'Phone,Name\n+12025550100,"=HYPERLINK(""http://x"")"\n=1+1,Bo\n+12025550101,@SUM(A1)\n'
    row = read(upload(data, campaign), variables={"name": "Name"})
    assert row.summary["warnings"] == {"formula": 2}
    assert [line[2] for line in report_of(row)] == ['\'=HYPERLINK("http://x")', "'=1+1", "'@SUM(A1)"]
    imported(row)
    assert Contact.objects.get(e164="+12025550101").variables == {"name": "@SUM(A1)"}


def test_all_consents_of_a_number_are_kept(campaign: Campaign) -> None:
    campaign.config = CampaignConfig.model_validate({"consent": {"required": True}}).model_dump(mode="json")
    campaign.save()
    data = (
        b"Phone,consent date,consent source\n"
        b"+12025550100,2019-01-05,form\n+12025550100,2026-01-05,call\n"
        b"+12025550100,2026-01-05,call\n+12025550100,,\n+12025550100,soon,\n"
    )
    row = read(upload(data, campaign), consent_at="consent date", consent_source="consent source")
    assert (row.good, row.duplicates, row.refusals) == (1, 3, {"not_a_time": 1})
    done = imported(row)
    assert (done.duplicates, done.summary["imported"]) == (3, {"waiting": 1})
    assert list(Consent.objects.order_by("given_at").values_list("source", flat=True)) == ["form", "call"]


def test_all_consents_that_the_api_gives_are_kept(campaign: Campaign) -> None:
    now = timezone.now()
    given = [
        NewContact("+12025550100", consent=GivenConsent(source, now - timedelta(days=days)))
        for source, days in (("form", 9), ("call", 3))
    ]
    contacts.add_contacts(campaign=campaign, contacts=given, now=now)
    assert Contact.objects.count() == 1
    assert set(Consent.objects.values_list("source", flat=True)) == {"form", "call"}


def test_contacts_without_a_zone_wait_once_the_campaign_has_one(campaign: Campaign) -> None:
    imported(read(upload(b"Phone\n+18002345678\n+12025550100\n", campaign)))
    unknown = Contact.objects.exclude(set_aside="")
    Contact.objects.filter(e164="+12025550100").update(
        state="set_aside", next_at=None, set_aside="no_time_zone"
    )
    progress = counting.lock(campaign.pk)
    counting.moved(progress, before=ContactState.WAITING, after=ContactState.SET_ASIDE, why="no_time_zone")
    counting.save(progress)
    n = unknown.filter(set_aside="no_time_zone").count()
    config = CampaignConfig.model_validate({"hours": {"default_time_zone": "America/New_York"}})
    change_campaign(campaign=campaign, config=config)
    assert n >= 1
    assert not Contact.objects.filter(set_aside="no_time_zone").exists()
    progress.refresh_from_db()
    assert (progress.waiting, progress.set_aside) == (Contact.objects.filter(state="waiting").count(), 0)


def test_a_list_of_numbers_not_to_call_is_added_once(tenant: Tenant) -> None:
    Suppression.objects.create(e164="+12025550100", source="person", note="kept")
    data = b"Phone,Note\n+12025550100,x\n+12025550101,y\n+12025550101,z\n"
    row = read(upload(data, None, ImportKind.SUPPRESSIONS), note="Note")
    assert imported(row).summary["imported"] == {"added": 1}
    assert dict(Suppression.objects.values_list("e164", "note")) == {
        "+12025550100": "kept", "+12025550101": "y",
    }  # fmt: skip
