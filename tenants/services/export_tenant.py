"""Everything a tenant has, as one zip: a JSON file per table and the stored files.

Made while it is sent. Rows are read page by page, each page in a scope of its own, and no scope is open
while a piece waits for the client: so the export is no snapshot of one moment.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from tenants.models import Membership, Tenant, User
from tenants.scope import tenant_scope
from tenants.tables import StoredFile, is_history, shown_row, stored_files, tenant_models

log = structlog.get_logger(__name__)

PAGE = 500
CHUNK_BYTES = 256 * 1024
NEVER = {"api.IdempotencyKey"}
"""Answers kept for a day; among them that of a new API key, with its secret."""

README = """\
{name} ({slug}), exported on {at} UTC.

tables/     One JSON file per table: a list of objects, one for each row. Ids have the prefixes of the API
            (agt_..., call_...), times are UTC (ISO 8601), names ending in _ms are milliseconds.
            people.json: who is or was named in the other tables. audit/auditentry.json: who changed what.
recordings/ The calls' recordings: WAV, the caller left and the agent right, named by the id of the call.

Secrets are not in it: passwords, keys of language models and API keys exist only encrypted or as digests.
Rows that changed while the export was being made may be in it as they were before or after.
{missing}"""


def zip_of(tenant: Tenant) -> Iterator[bytes]:
    """The zip, piece by piece. Runs outside any scope."""
    pipe = _Pipe()
    missing: list[str] = []
    with ZipFile(pipe, "w", ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for model in tenant_models():
            if not is_history(model) and model._meta.label not in NEVER:
                yield from _table(archive, pipe, model, tenant.pk)
        _write(archive, "tables/people.json", _people(tenant.pk))
        for file in stored_files(tenant):
            if file.name:
                yield from _file(archive, pipe, file, missing)
        _write(archive, "README.txt", _readme(tenant, missing))
    yield pipe.take()


class _Pipe:
    """Takes what ZipFile writes and gives it on; it cannot seek, so ZipFile writes data descriptors."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        data, self._pieces = b"".join(self._pieces), []
        return data


def _table(archive: ZipFile, pipe: _Pipe, model: type[models.Model], tenant_id: UUID) -> Iterator[bytes]:
    first = True
    with archive.open(
        _entry(f"tables/{model._meta.app_label}/{model._meta.model_name}.json"), "w", force_zip64=True
    ) as out:
        out.write(b"[")
        for rows in _pages(model, tenant_id):
            for row in rows:
                out.write(b"\n" if first else b",\n")
                out.write(json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False).encode())
                first = False
            yield pipe.take()
        out.write(b"\n]\n")


def _pages(model: type[models.Model], tenant_id: UUID) -> Iterator[list[dict[str, Any]]]:
    """The rows in pages by primary key; each page is read and its scope closed before it is given on."""
    after: Any = None
    while True:
        with tenant_scope(tenant_id):
            rows = model._default_manager.filter(tenant_id=tenant_id).order_by("pk")
            page = list((rows if after is None else rows.filter(pk__gt=after))[:PAGE])
        if page:
            yield [shown_row(row) for row in page]
        if len(page) < PAGE:
            return
        after = page[-1].pk


def _people(tenant_id: UUID) -> bytes:
    with tenant_scope(tenant_id):
        members = Membership.objects.values("user_id")
        people = [
            {"id": user.public_id, "email": user.email, "full_name": user.full_name}
            for user in User.objects.filter(pk__in=members)
        ]
    return json.dumps(people, ensure_ascii=False, indent=1).encode()


def _file(archive: ZipFile, pipe: _Pipe, file: StoredFile, missing: list[str]) -> Iterator[bytes]:
    try:
        source = file.open()
    except FileNotFoundError:
        log.warning("export_file_missing", file=file.name)
        missing.append(file.name)
        return
    entry = _entry(file.name)
    entry.compress_type = ZIP_STORED  # audio does not shrink enough to be worth the time
    with source, archive.open(entry, "w", force_zip64=True) as out:
        while chunk := source.read(CHUNK_BYTES):
            out.write(chunk)
            yield pipe.take()


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, timezone.now().timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _write(archive: ZipFile, name: str, content: bytes) -> None:
    with archive.open(_entry(name), "w") as out:
        out.write(content)


def _readme(tenant: Tenant, missing: list[str]) -> bytes:
    lost = "\nThese files could not be read:\n" + "\n".join(missing) + "\n" if missing else ""
    at = timezone.now().strftime("%Y-%m-%d %H:%M")
    return README.format(name=tenant.name, slug=tenant.slug, at=at, missing=lost).encode()
