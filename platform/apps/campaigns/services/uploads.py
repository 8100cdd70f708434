"""Files on their way in: taken, looked at, mapped, given up."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import IO, Any
from uuid import UUID

from charset_normalizer.constant import IANA_SUPPORTED
from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.utils import timezone

from apps.campaigns.importing import mapping as mappings
from apps.campaigns.importing.dialect import DELIMITERS, Look, look
from apps.campaigns.importing.errors import FileRefused
from apps.campaigns.importing.opening import unpacked
from apps.campaigns.jobs import COMMIT, READ, enqueue
from apps.campaigns.models import Campaign, Import, ImportKind, ImportState
from apps.campaigns.services.staging import ensure_takes_contacts
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.ids import new_id

MAPPABLE = (ImportState.UPLOADED, ImportState.READY, ImportState.FAILED)
_ENCODINGS = {codecs.lookup(name).name for name in (*IANA_SUPPORTED, "utf-8-sig") if name != "utf_7"}
"""Character sets that tables are written in; Python knows more by this name, like punycode."""
OVER = (ImportState.DONE, ImportState.CANCELLED)


def import_storage() -> Storage:
    """The file system, or S3 when RECORDINGS_S3_BUCKET is set."""
    return storages["imports"]


def new_key(row: Import, ending: str) -> str:
    """A name for another file of the import, below its tenant."""
    return f"{row.tenant_id.hex}/{row.pk.hex}-{new_id().hex}.{ending}"


def get_import(import_id: UUID, *, lock: bool = False) -> Import:
    """NotFound when there is none."""
    rows = Import.objects.select_for_update(of=("self",)) if lock else Import.objects.all()
    row = rows.filter(pk=import_id).first()
    if row is None:
        raise NotFound("There is no such import.")
    return row


def take_file(*, file: File[bytes], name: str, kind: ImportKind, campaign: Campaign | None) -> Import:
    """Looks through `file` and keeps it. FileRefused."""
    if kind == ImportKind.CONTACTS:
        if campaign is None:
            raise InvalidInput("Say which campaign the contacts are for.", field="campaign", code="required")
        ensure_takes_contacts(campaign)
    size = int(file.size or 0)
    row = Import(kind=kind, campaign=campaign, filename=_plain(name), size_bytes=size)
    _show(row, looked_at(file, size))
    file.seek(0)
    row.storage_key = import_storage().save(new_key(row, "csv"), file)
    try:
        row.save()
    except BaseException:  # whatever it was: the file has no row
        import_storage().delete(row.storage_key)
        raise
    return row


def _show(row: Import, seen: Look) -> None:
    row.encoding, row.delimiter = seen.encoding, seen.delimiter
    row.preview = {"columns": seen.columns, "rows": seen.rows}


def looked_at(file: File[bytes], size: int, *, encoding: str = "", delimiter: str = "") -> Look:
    """What the file is at first sight; read as somebody says, when they do. FileRefused."""
    if not size:
        raise FileRefused("empty", "The file is empty.")
    if size > settings.IMPORT_MAX_BYTES:
        raise FileRefused("too_large", f"A file may have {settings.IMPORT_MAX_BYTES // 1024 // 1024} MB.")
    file.seek(0)
    raw: IO[bytes] = file.file  # type: ignore[assignment]
    with unpacked(raw, size=size, limit=settings.IMPORT_MAX_UNPACKED_BYTES) as data:
        return look(data, encoding=encoding, delimiter=delimiter)


def look_again(*, row: Import, encoding: str = "", delimiter: str = "") -> Import:
    """Columns and first rows as they are in another `encoding`, or divided by another `delimiter`; what the
    columns are is to be said anew. InvalidInput when the file is no table then."""
    fresh = _mappable(row)
    _read_as(fresh, encoding, delimiter)
    forget_reading(fresh)
    fresh.mapping = {}
    fresh.state, fresh.problem, fresh.ended_at = ImportState.UPLOADED, "", None
    fresh.save()
    return fresh


def _mappable(row: Import) -> Import:
    fresh = get_import(row.pk, lock=True)
    if fresh.state not in MAPPABLE or not fresh.storage_key:
        raise Conflict("Its columns can no longer be chosen.", code=f"import_{fresh.state}")
    return fresh


def _read_as(row: Import, encoding: str, delimiter: str) -> None:
    """Not saved. InvalidInput names what was wrongly said."""
    encoding = _known_encoding(encoding) if encoding else row.encoding
    delimiter = _known_delimiter(delimiter) if delimiter else row.delimiter
    field = "encoding" if encoding != row.encoding else "delimiter"
    try:
        with import_storage().open(row.storage_key, "rb") as file:
            seen = looked_at(file, row.size_bytes, encoding=encoding, delimiter=delimiter)
    except (FileRefused, UnicodeError) as error:
        detail = error.detail if isinstance(error, FileRefused) else "The file is no text in this encoding."
        code = error.code if isinstance(error, FileRefused) else "not_text"
        raise InvalidInput(detail, field=field, code=code) from error
    _show(row, seen)


def map_columns(
    *, row: Import, mapping: Mapping[str, Any], encoding: str = "", delimiter: str = ""
) -> Import:
    """Says which column is what, and has the file read. May be said anew until it is committed. Columns are
    those of the file in this `encoding`, divided by `delimiter`."""
    fresh = _mappable(row)
    if encoding or delimiter:
        _read_as(fresh, encoding, delimiter)
    mappings.checked(mapping, fresh.preview["columns"])
    forget_reading(fresh)
    fresh.mapping = dict(mapping)
    fresh.state, fresh.problem, fresh.heartbeat_at = ImportState.READING, "", None
    fresh.ended_at = None
    fresh.save()
    enqueue(READ, fresh)
    return fresh


def commit_import(*, row: Import) -> Import:
    """Has the rows that were read imported, all at once. Asked again it does nothing more."""
    fresh = get_import(row.pk, lock=True)
    if fresh.state in (ImportState.COMMITTING, ImportState.DONE):
        return fresh
    if fresh.state != ImportState.READY:
        raise Conflict("It has not been read yet.", code=f"import_{fresh.state}")
    if not fresh.good:
        raise Conflict("None of its rows is good.", code="nothing_to_import")
    fresh.state, fresh.heartbeat_at = ImportState.COMMITTING, None
    fresh.save()
    enqueue(COMMIT, fresh)
    return fresh


def cancel_import(*, row: Import) -> Import:
    """Gives it up; its files go. Conflict once it is being imported."""
    fresh = get_import(row.pk, lock=True)
    if fresh.state == ImportState.CANCELLED:
        return fresh
    if fresh.state in (ImportState.COMMITTING, ImportState.DONE):
        raise Conflict("It is imported already, or being imported.", code=f"import_{fresh.state}")
    fresh.state, fresh.ended_at = ImportState.CANCELLED, timezone.now()
    forget_reading(fresh)
    forget_upload(fresh)
    fresh.save()
    return fresh


def forget_reading(row: Import) -> None:
    """What a reading left: its files, after the transaction, and its counts. Not saved."""
    for key in filter(None, (row.staged_key, row.report_key)):
        transaction.on_commit(partial(import_storage().delete, key), robust=True)
    row.staged_key = row.report_key = ""
    row.read_bytes = row.rows = row.good = row.duplicates = row.refused = 0
    row.refusals, row.summary = {}, {}


def forget_upload(row: Import) -> None:
    """The file that was uploaded goes after the transaction. Not saved."""
    if row.storage_key:
        transaction.on_commit(partial(import_storage().delete, row.storage_key), robust=True)
    row.storage_key = ""


def _plain(name: str) -> str:
    return (name.replace("\x00", "").strip() or "contacts.csv")[-255:]


def _known_encoding(name: str) -> str:
    with suppress(LookupError, ValueError):
        if (known := codecs.lookup(name).name) in _ENCODINGS:
            return known
    raise InvalidInput("There is no such encoding; name one like utf-8.", field="encoding", code="unknown")


def _known_delimiter(delimiter: str) -> str:
    if delimiter not in DELIMITERS:
        raise InvalidInput("Columns are divided by , ; | or a tab.", field="delimiter", code="unknown")
    return delimiter
