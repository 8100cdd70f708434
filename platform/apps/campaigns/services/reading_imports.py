"""The job that reads an uploaded file. Its lease is a heartbeat: who finds it stale begins anew, and who lost
it notices at the next beat and writes nothing more."""

from __future__ import annotations

import io
import tempfile
import time
from datetime import datetime, timedelta
from typing import IO
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files.base import File
from django.db.models import Q
from django.utils import timezone

from apps.campaigns.importing import mapping as mappings
from apps.campaigns.importing.errors import FileRefused
from apps.campaigns.importing.opening import unpacked
from apps.campaigns.importing.reading import Counts, Job, read, summary_of
from apps.campaigns.importing.report import Report
from apps.campaigns.models import Import, ImportState
from apps.campaigns.selectors import config_of
from apps.campaigns.services.uploads import import_storage, new_key
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
BEAT_S = 2.0


class Lost(Exception):
    """Somebody else has the import now, or nobody wants it any more."""


class Lease:
    """Of the import in state `reading`: its heartbeat, which only its owner moves."""

    def __init__(self, row: Import) -> None:
        self.row = row
        self._mark: datetime | None = None
        self._beaten = 0.0

    def take(self) -> bool:
        """Whether it is ours now."""
        now = timezone.now()
        free = Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - LEASE)
        taken = Import.objects.filter(free, pk=self.row.pk, state=ImportState.READING).update(
            heartbeat_at=now
        )
        self._mark, self._beaten = now, time.monotonic()
        return bool(taken)

    def beat(self, counts: Counts, report: Report, read_bytes: int) -> None:
        """At most every `BEAT_S`: the lease goes on, and people see how far it is. Lost."""
        if time.monotonic() - self._beaten >= BEAT_S:
            self.write(**_figures(counts, report), read_bytes=read_bytes, heartbeat_at=timezone.now())

    def write(self, **values: object) -> None:
        """Changes the import, as long as it is ours. Lost."""
        with tenant_scope(self.row.tenant_id):
            mine = Import.objects.filter(pk=self.row.pk, state=ImportState.READING, heartbeat_at=self._mark)
            if not mine.update(updated_at=timezone.now(), **values):
                raise Lost
        self._mark = values.get("heartbeat_at", self._mark)  # type: ignore[assignment]
        self._beaten = time.monotonic()


def read_import(tenant_id: UUID, import_id: UUID) -> None:
    """Reads the file; ends in `ready`, or `failed` with the problem in words. Does nothing to an import that
    another worker reads or that is not to be read."""
    with tenant_scope(tenant_id):
        row = Import.objects.select_related("campaign").filter(pk=import_id).first()
        if row is None:
            return
        lease = Lease(row)
        if not lease.take():
            return
    try:
        _read(row, lease)
    except Lost:
        log.info("import_lost", imp=str(import_id))
    except FileRefused as error:
        _fail(lease, error.detail)
    except Exception:
        log.exception("import_failed", imp=str(import_id))
        _fail(lease, "It could not be read because of an error of ours; try again.")


def _read(row: Import, lease: Lease) -> None:
    storage, kept = import_storage(), list[str]()
    with (
        tempfile.TemporaryFile("w+b", prefix="trunkline-import-") as staged,
        tempfile.TemporaryFile("w+b", prefix="trunkline-import-") as lines,
    ):
        counts, report = _through(row, lease, staged, lines)
        try:
            for file, ending in ((staged, "rows"), (lines, "report.csv")):
                file.seek(0)
                kept.append(storage.save(new_key(row, ending), File(file)))
            summary = summary_of(counts, report) | {
                "keys": [[list(key.zones), key.country, key.region] for key in counts.places]
            }
            lease.write(
                **_figures(counts, report),
                read_bytes=row.size_bytes,
                summary=summary,
                staged_key=kept[0],
                report_key=kept[1] if report.lines else "",
                state=ImportState.READY,
                heartbeat_at=None,
            )
        except BaseException:  # whatever it was: the files have no row
            for key in kept:
                storage.delete(key)
            raise
    if not report.lines:
        storage.delete(kept[1])


def _through(row: Import, lease: Lease, staged: IO[bytes], lines: IO[bytes]) -> tuple[Counts, Report]:

    good = io.TextIOWrapper(staged, encoding="utf-8", newline="", write_through=False)
    bad = io.TextIOWrapper(lines, encoding="utf-8", newline="")
    report = Report(bad)
    with import_storage().open(row.storage_key, "rb") as file:
        raw: IO[bytes] = file.file  # type: ignore[assignment]
        with unpacked(raw, size=row.size_bytes, limit=settings.IMPORT_MAX_UNPACKED_BYTES) as data:
            counts = read(
                data,
                _job(row),
                staged=good,
                report=report,
                beat=lambda counts: lease.beat(counts, report, min(raw.tell(), row.size_bytes)),
            )
    for wrapper in (good, bad):
        wrapper.flush()
        wrapper.detach()
    return counts, report


def _job(row: Import) -> Job:
    names = row.preview["columns"]
    return Job(
        names=names,
        columns=mappings.checked(row.mapping, names),
        delimiter=row.delimiter,
        encoding=row.encoding,
        country=config_of(row.campaign).default_country if row.campaign else "",
        max_rows=settings.IMPORT_MAX_ROWS,
    )


def _figures(counts: Counts, report: Report) -> dict[str, object]:
    return {
        "rows": counts.rows,
        "good": counts.good,
        "duplicates": counts.duplicates,
        "refused": sum(report.refused.values()),
        "refusals": dict(report.refused),
    }


def _fail(lease: Lease, problem: str) -> None:
    try:
        lease.write(state=ImportState.FAILED, problem=problem, heartbeat_at=None, ended_at=timezone.now())
    except Lost:
        log.info("import_lost", imp=str(lease.row.pk))
