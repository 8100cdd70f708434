"""What a purge proves: what went, and that nothing of what was due is left."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import structlog
from django.db.models import Count, Max, Min, Q, Sum
from django.utils import timezone

from apps.privacy.models import Erased, Kind, Purge
from apps.privacy.selectors import Holds, end_of_time_kept, live_holds, retention_now
from apps.privacy.services.kinds import WORKS
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

PAGE = 5_000
PROBLEM_LENGTH = 1_000


def prove(purge: Purge, *, problems: list[str], last: bool) -> Purge:
    """Counts what is left and writes the proof. Without any, or with the `last` try, the purge has ended."""
    with tenant_scope(purge.tenant_id):
        holds, retention = live_holds(), retention_now()
        left = 0
        for kind, days in retention.items():
            due, held = _left_and_held(purge, kind, days, holds)
            left += due
            purge.kinds[kind.value] = {"days": days, **_went(purge, kind), "held": held}
        for kind in set(Kind) - set(retention):
            if Erased.objects.filter(purge=purge, kind=kind).exists():  # kept for ever since this morning
                purge.kinds[kind.value] = {"days": None, **_went(purge, kind), "held": 0}
        open_files = Erased.objects.filter(purge=purge, file_gone_at=None).exclude(storage="")
        purge.left, purge.files_gone = left, not open_files.exists()
        if left:
            problems = [f"{left} rows that were due are still there.", *problems]
        purge.problem = " ".join(dict.fromkeys(problems))[:PROBLEM_LENGTH]
        if (not left and purge.files_gone) or last:
            purge.ended_at = timezone.now()
        purge.save()
        if purge.ended_at is not None and purge.files_gone:
            evidence = Erased.objects.filter(purge=purge)
            evidence._raw_delete(evidence.db)
    if purge.problem:
        log.error("purge_incomplete", tenant_id=str(purge.tenant_id), problem=purge.problem)
    return purge


def _left_and_held(purge: Purge, kind: Kind, days: int, holds: Holds) -> tuple[int, int]:
    before = end_of_time_kept(purge.day, days)
    left = sum(work.not_held(before, holds).count() for work in WORKS[kind])
    due = sum(work.due(before).count() for work in WORKS[kind]) if holds.rows else left
    return left, due - left


def _went(purge: Purge, kind: Kind) -> dict[str, Any]:
    rows = Erased.objects.filter(purge=purge, kind=kind)
    told = rows.aggregate(
        rows=Count("row", distinct=True),
        files=Count("pk", filter=~Q(storage="")),
        bytes=Sum("size_bytes"),
        oldest=Min("at"),
        newest=Max("at"),
    )
    return {
        "rows": told["rows"],
        "files": told["files"],
        "bytes": told["bytes"] or 0,
        "oldest": _told(told["oldest"]),
        "newest": _told(told["newest"]),
        "digest": _digest(purge, kind),
    }


def _told(time: datetime | None) -> str | None:
    """As the API shows times."""
    return time.isoformat().replace("+00:00", "Z") if time else None


def _digest(purge: Purge, kind: Kind) -> str:
    """SHA-256 over a line for each row, or for each of its files: the row's id in hexadecimal, a space, the
    file's SHA-256 or `-`, a line feed; sorted."""
    digest = hashlib.sha256()
    rows = Erased.objects.filter(purge=purge, kind=kind).order_by("row", "sha256")
    for row, sha256 in rows.values_list("row", "sha256").iterator(chunk_size=PAGE):
        digest.update(f"{row.hex} {sha256 or '-'}\n".encode())
    return digest.hexdigest()
