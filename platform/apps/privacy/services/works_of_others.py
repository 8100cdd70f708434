"""Contacts of campaigns that are over, messages and callbacks, events and their deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast

from apps.calls.models import Call
from apps.campaigns.models import (
    Attempt,
    AttemptState,
    CampaignState,
    CheckedNumber,
    Contact,
    Import,
    ImportState,
)
from apps.followups.models import Callback, CallbackState, MessageState, TextMessage
from apps.privacy.selectors import Holds
from apps.privacy.services.erasing import File
from apps.privacy.services.history import forget_history
from apps.privacy.services.works import Figures, Work, delete_rows, ids
from apps.webhooks.models import Delivery, DeliveryAttempt, DeliveryState, Event

IMPORTS = "imports"
"""The storage of files of contacts."""

OVER = (CampaignState.STOPPED, CampaignState.COMPLETED)
_IMPORT_OVER = (ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED)


class Contacts(Work):
    """With their attempts. What the campaign counted stays."""

    clock = "campaign__ended_at"

    def due(self, before: datetime) -> QuerySet[Contact]:
        open_ones = Attempt.objects.filter(contact=OuterRef("pk"), state=AttemptState.OPEN)
        rows = Contact.objects.filter(campaign__state__in=OVER, campaign__ended_at__lt=before)
        return rows.exclude(Exists(open_ones)).select_related("campaign")

    def held(self, holds: Holds) -> Q:
        calls = Attempt.objects.filter(contact=OuterRef("pk"), call__in=holds.held_calls)
        return holds.of_number("e164") | Q(Exists(calls))

    def erase(self, rows: Sequence[Contact]) -> None:
        delete_rows(Attempt.objects.filter(contact__in=ids(rows)))
        delete_rows(Contact.objects.filter(pk__in=ids(rows)))


class Imports(Work):
    """What is left of the files that such contacts came from: first rows, and what was wrong with others."""

    clock = "campaign__ended_at"

    def due(self, before: datetime) -> QuerySet[Import]:
        empty = Q(preview={}, storage_key="", report_key="", staged_key="")
        rows = Import.objects.filter(
            campaign__state__in=OVER, campaign__ended_at__lt=before, state__in=_IMPORT_OVER
        )
        return rows.exclude(empty).select_related("campaign")

    def held(self, holds: Holds) -> Q:
        """Whoever holds a number keeps all files: nobody knows in which it stands."""
        return Q(pk__isnull=False) if holds.rows else Q(pk__in=[])

    def files_of(self, row: Import) -> tuple[File, ...]:
        return files_of_import(row)

    def erase(self, rows: Sequence[Import]) -> None:
        empty_imports(Import.objects.filter(pk__in=ids(rows)))

    def figures(self, rows: QuerySet[Any]) -> Figures:
        """Of the files only the upload's size is known."""
        told = [self.files_of(row) for row in rows.order_by()]
        counted = rows.order_by().aggregate(n=Count("pk"), oldest=Min(self.clock), newest=Max(self.clock))
        files = [file for of_row in told for file in of_row]
        size = sum(file.size_bytes for file in files)
        return Figures(counted["n"], len(files), size, counted["oldest"], counted["newest"])


class CheckedNumbers(Work):
    """What look-ups said of numbers that are in no campaign any more."""

    clock = "checked_at"

    def due(self, before: datetime) -> QuerySet[CheckedNumber]:
        used = Contact.objects.filter(e164=OuterRef("e164"))
        return CheckedNumber.objects.filter(checked_at__lt=before).exclude(Exists(used))

    def held(self, holds: Holds) -> Q:
        return holds.of_number("e164")

    def erase(self, rows: Sequence[CheckedNumber]) -> None:
        delete_rows(CheckedNumber.objects.filter(pk__in=ids(rows)))


class Messages(Work):
    clock = "created_at"

    def due(self, before: datetime) -> QuerySet[TextMessage]:
        return TextMessage.objects.filter(created_at__lt=before).exclude(state=MessageState.QUEUED)

    def held(self, holds: Holds) -> Q:
        return holds.calls("call__") | holds.of_number("to_number", "from_number")

    def erase(self, rows: Sequence[TextMessage]) -> None:
        delete_rows(TextMessage.objects.filter(pk__in=ids(rows)))


class Callbacks(Work):
    clock = "at"

    def due(self, before: datetime) -> QuerySet[Callback]:
        over = (CallbackState.PLACED, CallbackState.CANCELLED, CallbackState.FAILED)
        return Callback.objects.filter(at__lt=before, state__in=over)

    def held(self, holds: Holds) -> Q:
        return holds.calls("call__") | holds.of_number("to_number")

    def erase(self, rows: Sequence[Callback]) -> None:
        delete_callbacks(Callback.objects.filter(pk__in=ids(rows)))


class Deliveries(Work):
    """Events that nobody is told of any more."""

    clock = "at"

    def due(self, before: datetime) -> QuerySet[Event]:
        pending = Delivery.objects.filter(event=OuterRef("pk"), state=DeliveryState.PENDING)
        rows = Event.objects.filter(at__lt=before, emptied=False).exclude(Exists(pending))
        return rows.alias(text=Cast("data", TextField()))

    def held(self, holds: Holds) -> Q:
        if holds.everything:
            return Q(pk__isnull=False)
        calls = [Call(pk=pk).public_id for pk in holds.held_calls.values_list("pk", flat=True)]
        texts = [Q(text__regex=number.pattern) for number in holds.numbers]
        return reduce(or_, texts, Q(key__in=calls))

    def erase(self, rows: Sequence[Event]) -> None:
        delete_events(Event.objects.filter(pk__in=ids(rows)))


def delete_events(rows: QuerySet[Event], *, key_goes_on: bool = True) -> int:
    """With their deliveries, those that were still to be made too. The newest event of a key stays as an
    empty one while there may be others of that key: its number must not be given again."""
    events = list(rows.values_list("pk", flat=True))
    delete_rows(DeliveryAttempt.objects.filter(delivery__event__in=events))
    delete_rows(Delivery.objects.filter(event__in=events))
    if key_goes_on:
        later = Event.objects.filter(key=OuterRef("key"), sequence__gt=OuterRef("sequence"))
        newest = Event.objects.filter(~Exists(later), pk__in=events, test=False)
        newest.update(data={}, emptied=True)
        delete_rows(Event.objects.filter(pk__in=events, emptied=False))
    else:
        delete_rows(Event.objects.filter(pk__in=events))
    return len(events)


def delete_callbacks(rows: QuerySet[Callback]) -> int:
    """With what the history and the audit log say of them."""
    found: list[UUID] = list(rows.values_list("pk", flat=True))
    forget_history(Callback, found)
    return delete_rows(Callback.objects.filter(pk__in=found))


def files_of_import(row: Import) -> tuple[File, ...]:
    keys = (row.storage_key, row.report_key, row.staged_key)
    sizes = (row.size_bytes, 0, 0)
    return tuple(File(IMPORTS, key, size) for key, size in zip(keys, sizes, strict=True) if key)


def empty_imports(rows: QuerySet[Import]) -> int:
    """Their figures stay."""
    return rows.update(preview={}, storage_key="", report_key="", staged_key="")
