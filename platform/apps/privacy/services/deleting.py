"""A person's data go: every row about the number, its files, and the number wherever else it stands.

Each step may be repeated: a worker that dies is followed by another, which finds less to do. What goes is
counted in the transaction in which it goes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from apps.api.models import IdempotencyKey
from apps.calls.states import CallState
from apps.campaigns.models import ContactState, Suppression
from apps.campaigns.services import counting
from apps.campaigns.services.suppression import forget_number
from apps.privacy.errors import HeldBack, MustWait, StillThere
from apps.privacy.models import PersonRequest, RequestState
from apps.privacy.selectors import holds_on_person, named
from apps.privacy.services.erasing import File, Gone, delete_files, erasing, write_down
from apps.privacy.services.exporting import EXPORTS
from apps.privacy.services.history import forget_history
from apps.privacy.services.imports import forget_in_files
from apps.privacy.services.leasing import renew
from apps.privacy.services.person import Person
from apps.privacy.services.sweeping import kept_by_holds, left_in_configuration, sweep, swept_models
from apps.privacy.services.works import delete_rows, ids
from apps.privacy.services.works_of_calls import Calls, erase_whole_calls
from apps.privacy.services.works_of_others import delete_callbacks, delete_events
from apps.privacy.spellings import Spelled
from tenants.scope import tenant_scope

BATCH = 50
IDEMPOTENCY_PAGE = 500
ROUNDS = 3
"""So often all tables are looked through again, while something new of the number has come in."""


def delete_person(request: PersonRequest) -> dict[str, Any]:
    """Deletes; what went by kind, as the request's report. Raises MustWait, HeldBack, LeaseLost, StillThere.

    Outside any scope.
    """
    person = Person(Spelled(request.e164))
    _ensure_free(request, person)
    for n, step in enumerate(_STEPS):
        step(request, person)
        renew(request, progress=(n + 1) / (len(_STEPS) + 2))
    delete_files(request.tenant_id)
    _sweep_until_clean(request, person.number)
    if kept := kept_by_holds(request, person.number):
        raise HeldBack(f"{kept} rows of calls that a legal hold keeps name the number.")
    request.report["left"] = left_in_configuration(request, person.number)
    if left := delete_files(request.tenant_id):
        raise StillThere(f"{left} files could not be deleted.")
    report: dict[str, Any] = request.report
    return report


def _ensure_free(request: PersonRequest, person: Person) -> None:
    with tenant_scope(request.tenant_id):
        holds = holds_on_person(person.number)
        if holds:
            raise HeldBack(f"Held by {named(holds)}: it goes on when that is released.")
        running = person.calls.exclude(state=CallState.ENDED).count()
        if running:
            calls = "A call of this number has" if running == 1 else f"{running} calls of this number have"
            raise MustWait(f"{calls} not ended yet: it goes on after that.")
        if person.contacts.filter(state=ContactState.CALLING).exists():
            raise MustWait("A campaign is calling this number: it goes on after that.")


def _take(request: PersonRequest, name: str, rows: Callable[[], QuerySet[Any]], erase: Any) -> None:
    """Erases `rows` in batches, counting them in the report under `name`."""
    while True:
        with erasing(request.tenant_id):
            _ensure_not_held(request)
            page = list(rows().order_by("pk").select_for_update(of=("self",))[:BATCH])
            if page:
                erase(page)
                _count(request, name, len(page))
        if len(page) < BATCH:
            return
        renew(request)


def _ensure_not_held(request: PersonRequest) -> None:
    """In each transaction again: a hold that was made meanwhile wins."""
    if holds := holds_on_person(Spelled(request.e164)):
        raise HeldBack(f"Held by {named(holds)}: it goes on when that is released.")


def _count(request: PersonRequest, name: str, n: int) -> None:
    if n:
        rows = request.report.setdefault("rows", {})
        rows[name] = rows.get(name, 0) + n
        PersonRequest.objects.filter(pk=request.pk).update(report=request.report)


def _do_not_call(request: PersonRequest, person: Person) -> None:
    with erasing(request.tenant_id):
        rows = Suppression.objects.filter(e164=person.number.e164)
        forget_history(Suppression, list(rows.values_list("pk", flat=True)))
        _count(request, "do_not_call_kept_as_digest", forget_number(person.number.e164))


def _contacts(request: PersonRequest, person: Person) -> None:
    """Out of what their campaigns count, too: nobody would be waited for otherwise."""

    def erase(rows: list[Any]) -> None:
        for row in rows:
            progress = counting.lock(row.campaign_id)
            row.refresh_from_db()
            if row.state == ContactState.CALLING:
                raise MustWait("A campaign is calling this number: it goes on after that.")
            counting.removed(
                progress,
                state=ContactState(row.state),
                why=row.set_aside,
                converted=int(row.converted),
            )
            counting.save(progress)
        delete_rows(person.attempts)
        delete_rows(person.contacts.filter(pk__in=ids(rows)))

    _take(request, "contacts", lambda: person.contacts, erase)


def _calls(request: PersonRequest, person: Person) -> None:
    works = Calls()

    def erase(rows: list[Any]) -> None:
        gone = [Gone(row.pk, works.time_of(row), works.files_of(row)) for row in rows]
        write_down(gone, purge=None, kind="")
        erase_whole_calls(rows)
        request.report["files"] = request.report.get("files", 0) + sum(len(one.files) for one in gone)

    def mine() -> QuerySet[Any]:
        return person.calls.filter(state=CallState.ENDED).select_related("recording", "capture")

    _take(request, "calls", mine, erase)


def _others(request: PersonRequest, person: Person) -> None:
    tenant_rows: dict[str, tuple[Callable[[], QuerySet[Any]], Any]] = {
        "callbacks": (lambda: person.callbacks, lambda rows: delete_callbacks(_same(rows))),
        "messages": (lambda: person.messages, lambda rows: delete_rows(_same(rows))),
        "consents": (lambda: person.consents, lambda rows: delete_rows(_same(rows))),
        "number_checks": (lambda: person.checked, lambda rows: delete_rows(_same(rows))),
        "webhook_events": (lambda: person.events, lambda rows: delete_events(_same(rows))),
    }
    for name, (rows, erase) in tenant_rows.items():
        _take(request, name, rows, erase)


def _same(rows: list[Any]) -> QuerySet[Any]:
    return type(rows[0])._default_manager.filter(pk__in=ids(rows))  # type: ignore[no-any-return]


def _answers(request: PersonRequest, person: Person) -> None:
    """Kept answers are encrypted: each is opened and looked at."""
    after: Any = None
    while True:
        with erasing(request.tenant_id):
            rows = IdempotencyKey.objects.filter(tenant=request.tenant_id).order_by("pk")
            page = list((rows if after is None else rows.filter(pk__gt=after))[:IDEMPOTENCY_PAGE])
            found = [row.pk for row in page if person.number.stands_in(str(row.body))]
            _count(request, "kept_answers", delete_rows(IdempotencyKey.objects.filter(pk__in=found)))
        if len(page) < IDEMPOTENCY_PAGE:
            return
        after = page[-1].pk
        renew(request)


def _former_requests(request: PersonRequest, person: Person) -> None:
    with erasing(request.tenant_id):
        rows = list(person.requests(but=request.pk))
        forget_exports(rows)
        # One that is still open is answered by this: there is nothing any more to export or to delete.
        PersonRequest.objects.filter(pk__in=ids(rows), ended_at=None).update(
            state=RequestState.DONE, ended_at=timezone.now(), leased_until=None, problem=""
        )
        PersonRequest.objects.filter(pk__in=ids(rows)).update(e164="")
        _count(request, "requests", len(rows))


def forget_exports(rows: list[PersonRequest]) -> None:
    """In a transaction: their files go after it."""
    made = [row for row in rows if row.storage_key]
    write_down((_gone(row) for row in made), purge=None, kind="")
    PersonRequest.objects.filter(pk__in=ids(made)).update(storage_key="", updated_at=timezone.now())


def _gone(row: PersonRequest) -> Gone:
    return Gone(row.pk, row.created_at, (File(EXPORTS, row.storage_key, row.size_bytes),))


def _files(request: PersonRequest, person: Person) -> None:
    _count_alone(request, "imports", forget_in_files(request, person.number))


def _count_alone(request: PersonRequest, name: str, n: int) -> None:
    with erasing(request.tenant_id):
        _count(request, name, n)


_STEPS = (_do_not_call, _contacts, _calls, _others, _answers, _former_requests, _files)


def _sweep_until_clean(request: PersonRequest, number: Spelled) -> None:
    for _ in range(ROUNDS):
        found = 0
        for n, (table, rows) in enumerate(sweep(request, number)):
            found += rows
            if rows:
                _count_alone(request, f"blacked_out.{table}", rows)
            renew(request, progress=min(0.99, 0.8 + 0.2 * n / len(swept_models())))
        if not found:
            return
    raise StillThere("Something new of this number comes in all the time; it is tried again.")
