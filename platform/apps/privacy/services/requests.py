"""What one person asks for, from the question to its answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.numbers.models import PhoneNumber
from apps.privacy.errors import HeldBack, MustWait
from apps.privacy.jobs import ANSWER
from apps.privacy.models import PersonRequest, RequestKind, RequestState
from apps.privacy.selectors import holds_on_person
from apps.privacy.services.deleting import delete_person, forget_exports
from apps.privacy.services.erasing import File, Gone, delete_files, erasing, in_line, write_down
from apps.privacy.services.exporting import EXPORTS, KEPT, export_person
from apps.privacy.services.leasing import LEASE, LeaseLost, take_lease
from apps.privacy.services.sweeping import mask_rows, standing_in
from apps.privacy.spellings import Spelled
from tenants.audit.models import AuditEntry
from tenants.audit.services import record
from tenants.digests import digest_of
from tenants.errors import Conflict, InvalidInput
from tenants.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)

OPEN = (RequestState.WAITING, RequestState.RUNNING, RequestState.HELD)
AGAIN_AFTER = timedelta(minutes=1)
TRIES = 5
AT_ONCE = 50
PROBLEM_LENGTH = 1_000


def ask(*, kind: RequestKind, e164: str, note: str = "", confirm: str | None = None) -> PersonRequest:
    """Notes what is asked about a number (in E.164) and has it done after the commit.

    A deletion wants the number typed again in `confirm`. InvalidInput for a number of the tenant's own;
    Conflict while the same is asked already.
    """
    if kind == RequestKind.DELETION and confirm != e164:
        raise InvalidInput("Type the phone number again to delete everything about it.", field="confirm")
    if PhoneNumber.objects.filter(e164=e164).exists():
        raise InvalidInput(
            "This is a number of your own: nearly every call has it. Give the other person's.",
            field="phone_number",
            code="own_number",
        )
    in_line()
    if PersonRequest.objects.filter(kind=kind, e164=e164, state__in=OPEN).exists():
        raise Conflict("This has been asked for already and goes on.", code="request_open")
    request = PersonRequest.objects.create(kind=kind, e164=e164, digest=digest_of(e164), note=note)
    transaction.on_commit(partial(_ask_for_job, request.tenant_id, request.pk), robust=True)
    return request


def look_at_requests(*, now: datetime | None = None) -> int:
    """Asks for the jobs of requests that wait, whose worker died, or whose hold was released; how many. Takes
    exports away whose time is over."""
    now = now or timezone.now()
    with platform_scope():
        free = Q(leased_until=None) | Q(leased_until__lt=now)
        rows = PersonRequest.objects.filter(free, state__in=OPEN, tenant__deleting_at=None)
        due = list(rows.order_by("pk").values_list("tenant_id", "pk", "state")[:AT_ONCE])
        over = PersonRequest.objects.filter(expires_at__lte=now).exclude(storage_key="")
        expired = list(over.order_by("pk").values_list("tenant_id", flat=True).distinct()[:AT_ONCE])
    asked = 0
    for tenant_id, pk, state in due:
        if state != RequestState.HELD or not _still_held(tenant_id, pk):
            _ask_for_job(tenant_id, pk)
            asked += 1
    for tenant_id in expired:
        forget_expired(tenant_id, now=now)
    return asked


def _still_held(tenant_id: UUID, request_id: UUID) -> bool:
    with tenant_scope(tenant_id):
        row = PersonRequest.objects.filter(pk=request_id, state=RequestState.HELD).first()
        return row is not None and bool(holds_on_person(Spelled(row.e164)))


def forget_expired(tenant_id: UUID, *, now: datetime) -> None:
    """The files of exports that were kept for long enough go; that there were some stays."""
    with erasing(tenant_id):
        rows = PersonRequest.objects.filter(expires_at__lte=now).exclude(storage_key="")
        forget_exports(list(rows.select_for_update(of=("self",))))
    delete_files(tenant_id)


def answer(tenant_id: UUID, request_id: UUID) -> None:
    """Does what is asked for, when nobody else does. As often as one likes."""
    request = take_lease(tenant_id, request_id)
    if request is None:
        return
    try:
        if request.kind == RequestKind.EXPORT:
            _answer_export(request)
        else:
            _answer_deletion(request)
    except LeaseLost:
        log.warning("person_request_lost", request=request.public_id)
    except HeldBack as held:
        _set(request, state=RequestState.HELD, problem=str(held), leased_until=None)
    except MustWait as wait:
        _set(request, problem=str(wait), leased_until=timezone.now() + AGAIN_AFTER)
    except Exception as error:  # whatever it was: it is tried again, and told when that does not help
        log.exception("person_request_failed", request=request.public_id)
        _failed(request, error)


def _answer_export(request: PersonRequest) -> None:
    key, size, report = export_person(request)
    now = timezone.now()
    with erasing(request.tenant_id):
        rows = PersonRequest.objects.filter(
            pk=request.pk, state=RequestState.RUNNING, leased_until=request.leased_until
        )
        kept = rows.update(
            state=RequestState.DONE,
            storage_key=key,
            size_bytes=size,
            report=report,
            progress=1,
            problem="",
            expires_at=now + KEPT,
            ended_at=now,
            leased_until=None,
            updated_at=now,
        )
        if not kept:  # a deletion of the same number, or another worker, came before
            gone = Gone(request.pk, now, (File(EXPORTS, key, size),))
            write_down([gone], purge=None, kind="")
        else:
            record("person_exported", of=request, after={"report": report})
    if not kept:
        delete_files(request.tenant_id)
        raise LeaseLost


def _answer_deletion(request: PersonRequest) -> None:
    """The last step takes the number out of the request itself, and out of what was written down of it."""
    number = Spelled(request.e164)
    report = delete_person(request)
    now = timezone.now()
    with erasing(request.tenant_id):
        PersonRequest.objects.filter(pk=request.pk).update(
            e164="",
            note=number.masked(request.note),
            state=RequestState.DONE,
            report=report,
            progress=1,
            problem="",
            ended_at=now,
            leased_until=None,
            updated_at=now,
        )
        for event in (*PersonRequest.pgh_event_models.values(), AuditEntry):  # type: ignore[attr-defined]
            mask_rows(event, list(standing_in(event, number).values_list("pk", flat=True)), number)
        record("person_deleted", of=request, after={"report": report})


def _failed(request: PersonRequest, error: Exception) -> None:
    failures = int(request.report.get("failures", 0)) + 1
    report = request.report | {"failures": failures}
    told = f"{type(error).__name__}: {error}" if isinstance(error, RuntimeError) else type(error).__name__
    problem = Spelled(request.e164).masked(f"It failed ({told}).")[:PROBLEM_LENGTH]
    if failures >= TRIES:
        _set(
            request,
            state=RequestState.FAILED,
            problem=f"{problem} Ask again, or ask the platform's staff.",
            report=report,
            leased_until=None,
            ended_at=timezone.now(),
        )
    else:
        _set(request, problem=problem, report=report, leased_until=timezone.now() + AGAIN_AFTER * failures)


def _set(request: PersonRequest, **values: Any) -> None:
    with tenant_scope(request.tenant_id):
        rows = PersonRequest.objects.filter(pk=request.pk, leased_until=request.leased_until)
        rows.update(**values, updated_at=timezone.now())


def _ask_for_job(tenant_id: UUID, request_id: UUID) -> None:
    """Failing is harmless: beat asks too."""
    seconds = int(LEASE.total_seconds())
    current_app.send_task(ANSWER, args=[str(tenant_id), str(request_id)], expires=seconds)
