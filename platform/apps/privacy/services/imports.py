"""Files of contacts in which a number stands."""

from __future__ import annotations

import codecs
from typing import IO, cast
from uuid import UUID

from django.conf import settings
from django.core.files.storage import storages
from django.utils import timezone

from apps.campaigns.importing.errors import FileRefused
from apps.campaigns.importing.opening import unpacked
from apps.campaigns.models import Import, ImportState
from apps.privacy.errors import MustWait
from apps.privacy.models import PersonRequest
from apps.privacy.services.erasing import Gone, erasing, write_down
from apps.privacy.services.leasing import renew
from apps.privacy.services.works_of_others import IMPORTS, empty_imports, files_of_import
from apps.privacy.spellings import Spelled
from tenants.scope import tenant_scope

CHUNK_CHARS = 1 << 18
OVERLAP = 64
"""Longer than any way to write a number."""

GIVEN_UP = "Its file held the number of a person whose data were deleted: upload it again without."
_BEING_READ = (ImportState.READING, ImportState.COMMITTING)


def forget_in_files(request: PersonRequest, number: Spelled) -> int:
    """Files in which the number stands go, with what is shown of them; an import that was not made yet is
    given up. How many imports. Raises MustWait."""
    after: UUID | None = None
    emptied = 0
    while True:
        with tenant_scope(request.tenant_id):
            rows = Import.objects.exclude(storage_key="", report_key="", staged_key="").order_by("pk")
            row = (rows if after is None else rows.filter(pk__gt=after)).first()
        if row is None:
            return emptied
        if any(_stands_in(file.key, row, number) for file in files_of_import(row)):
            _forget(request, row.pk)
            emptied += 1
        after = row.pk
        renew(request)


def _forget(request: PersonRequest, import_id: UUID) -> None:
    with erasing(request.tenant_id):
        row = Import.objects.select_for_update(of=("self",)).get(pk=import_id)
        if row.state in _BEING_READ:
            raise MustWait("A file with this number is being imported: it goes on after that.")
        write_down([Gone(row.pk, row.created_at, files_of_import(row))], purge=None, kind="")
        same = Import.objects.filter(pk=row.pk)
        empty_imports(same)
        if row.state not in (ImportState.DONE, ImportState.CANCELLED):
            same.update(state=ImportState.CANCELLED, problem=GIVEN_UP, ended_at=timezone.now())


def _stands_in(key: str, row: Import, number: Spelled) -> bool:
    try:
        with storages[IMPORTS].open(key, "rb") as file:
            if key != row.storage_key:
                return _found(cast(IO[bytes], file), "utf-8", number)
            raw: IO[bytes] = file.file  # type: ignore[assignment]
            limit = settings.IMPORT_MAX_UNPACKED_BYTES
            with unpacked(raw, size=row.size_bytes, limit=limit) as data:
                return _found(data, row.encoding or "utf-8", number)
    except FileNotFoundError:
        return False
    except FileRefused:  # nobody can read it, so that nobody can say that it is not in there
        return True


def _found(file: IO[bytes], encoding: str, number: Spelled) -> bool:
    reader = codecs.getreader(encoding)(file, "replace")
    before = ""
    while piece := reader.read(CHUNK_CHARS):
        if number.stands_in(before + piece):
            return True
        before = piece[-OVERLAP:]
    return False
