"""A person's data as a zip: a JSON file for each kind, the recordings, and a list of all of it."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.core.files import File
from django.core.files.storage import storages
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.utils import timezone

from apps.calls.models import Capture, Recording
from apps.privacy.models import PersonRequest
from apps.privacy.services.leasing import renew
from apps.privacy.services.person import Person
from apps.privacy.services.works_of_calls import RECORDINGS
from apps.privacy.spellings import Spelled
from tenants.ids import new_id
from tenants.scope import tenant_scope
from tenants.tables import shown_row

EXPORTS = "exports"
"""The storage of what people asked for."""

KEPT = timedelta(days=7)
PAGE = 500
CHUNK_BYTES = 256 * 1024

README = """\
Everything that this workspace keeps of {number}, as it was on {at} UTC.

data/        One JSON file for each kind of data: a list of objects. Ids are those of the API, times are UTC
             (ISO 8601), names ending in _ms are milliseconds.
recordings/  The calls' recordings: WAV, the caller on the left and the agent on the right, named by the call.
captures/    Packets of calls as they were captured: pcap.
manifest.json names every file with its size and SHA-256, and what could not be read.
"""


@dataclass
class _Archive:
    """A zip that is being written, and what is in it so far."""

    zip: ZipFile
    files: list[dict[str, Any]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def add(self, name: str, pieces: Iterator[bytes], *, packed: bool = True) -> None:
        entry = ZipInfo(name, timezone.now().timetuple()[:6])
        entry.compress_type = ZIP_DEFLATED if packed else ZIP_STORED
        entry.external_attr = 0o600 << 16
        digest, size = hashlib.sha256(), 0
        with self.zip.open(entry, "w", force_zip64=True) as out:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                out.write(piece)
        self.files.append({"name": name, "size": size, "sha256": digest.hexdigest()})


def export_person(request: PersonRequest) -> tuple[str, int, dict[str, Any]]:
    """Makes the file: its key in the storage EXPORTS, its size in bytes, and what is in it.

    Outside any scope; nothing of it is ever whole in memory. The key is new at each try.
    """
    person = Person(Spelled(request.e164))
    key = f"{request.tenant_id.hex}/{request.pk.hex}-{new_id().hex}.zip"
    with tempfile.TemporaryFile() as file:
        with ZipFile(file, "w") as zip_file:
            report = _write(_Archive(zip_file), person, request)
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        kept = storages[EXPORTS].save(key, File(file))
    return kept, size, report


def _write(archive: _Archive, person: Person, request: PersonRequest) -> dict[str, Any]:
    counts: dict[str, int] = {}
    steps = len(person.parts) + 2
    for n, (name, rows) in enumerate(person.parts.items()):
        counter = _Counter()
        archive.add(f"data/{name}.json", counter.through(_json(rows, request)))
        counts[name] = counter.rows
        renew(request, progress=(n + 1) / steps)
    for model, path in ((Recording, "recordings/{}.wav"), (Capture, "captures/{}.pcap")):
        _add_files(archive, request, lambda m=model: person.of_calls(m.objects.all()), path)  # type: ignore[misc]
        renew(request, progress=(steps - 1) / steps)
    text = README.format(number=person.number.e164, at=timezone.now().strftime("%Y-%m-%d %H:%M"))
    archive.add("README.txt", iter([text.encode()]))
    manifest = {
        "phone_number": person.number.e164,
        "request": request.public_id,
        "made_at": timezone.now().isoformat(),
        "rows": counts,
        "files": archive.files,
        "missing": archive.missing,
    }
    archive.add("manifest.json", iter([json.dumps(manifest, indent=1).encode()]))
    return {"rows": counts, "files": len(archive.files), "missing": archive.missing}


class _Counter:
    def __init__(self) -> None:
        self.rows = 0

    def through(self, lines: Iterator[tuple[int, bytes]]) -> Iterator[bytes]:
        for rows, piece in lines:
            self.rows += rows
            yield piece


def _json(rows: Callable[[], QuerySet[Any]], request: PersonRequest) -> Iterator[tuple[int, bytes]]:
    """A JSON list in pieces, each with how many rows are in it; no scope is open between two."""
    yield 0, b"["
    first = True
    for page in _pages(rows, request):
        lines = [json.dumps(shown_row(row), cls=DjangoJSONEncoder, ensure_ascii=False) for row in page]
        yield len(page), ("\n" if first else ",\n").encode() + ",\n".join(lines).encode()
        first = False
    yield 0, b"\n]\n"


def _pages(rows: Callable[[], QuerySet[Any]], request: PersonRequest) -> Iterator[list[Any]]:
    after: Any = None
    while True:
        with tenant_scope(request.tenant_id):
            found = rows().order_by("pk")
            page = list((found if after is None else found.filter(pk__gt=after))[:PAGE])
        if page:
            yield page
            renew(request)
        if len(page) < PAGE:
            return
        after = page[-1].pk


def _add_files(
    archive: _Archive, request: PersonRequest, rows: Callable[[], QuerySet[Any]], path: str
) -> None:
    for page in _pages(lambda: rows().select_related("call"), request):
        for row in page:
            name = path.format(row.call.public_id)
            if getattr(row, "sealed", False):
                archive.missing.append(f"{name}: it is being redacted, and nobody may hear it yet")
                continue
            try:
                source = storages[RECORDINGS].open(row.storage_key, "rb")
            except FileNotFoundError:
                archive.missing.append(name)
                continue
            with source:
                archive.add(name, _chunks(source), packed=False)
            renew(request)


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(CHUNK_BYTES):
        yield chunk
