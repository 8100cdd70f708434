"""Everything of one person: what the tables hold of a telephone number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from apps.analysis.models import Analysis
from apps.calls.models import (
    Call,
    CallEvent,
    CallNote,
    CallShare,
    CallTag,
    Capture,
    Recording,
    Redaction,
    Turn,
)
from apps.campaigns.models import Attempt, CheckedNumber, Consent, Contact, Suppression
from apps.followups.models import Callback, TextMessage
from apps.privacy.models import PersonRequest
from apps.privacy.spellings import Spelled
from apps.webhooks.models import Event
from tenants.audit.models import AuditEntry
from tenants.digests import digests_of


@dataclass(frozen=True)
class Person:
    """Rows about whoever has this number, in the scope of the tenant in force."""

    number: Spelled

    @property
    def calls(self) -> QuerySet[Call]:
        """From or to the number. One that was handed on to it is the caller's."""
        forms = self.number.columns
        return Call.objects.filter(Q(from_number__in=forms) | Q(to_number__in=forms))

    def of_calls(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(call__in=self.calls)

    @property
    def contacts(self) -> QuerySet[Contact]:
        return Contact.objects.filter(e164=self.number.e164)

    @property
    def attempts(self) -> QuerySet[Attempt]:
        return Attempt.objects.filter(Q(e164=self.number.e164) | Q(contact__in=self.contacts))

    @property
    def suppressions(self) -> QuerySet[Suppression]:
        digests = [*digests_of([self.number.e164])]
        return Suppression.objects.filter(Q(e164=self.number.e164) | Q(digest__in=digests, e164=""))

    @property
    def consents(self) -> QuerySet[Consent]:
        return Consent.objects.filter(e164=self.number.e164)

    @property
    def checked(self) -> QuerySet[CheckedNumber]:
        return CheckedNumber.objects.filter(e164=self.number.e164)

    @property
    def callbacks(self) -> QuerySet[Callback]:
        return Callback.objects.filter(Q(to_number__in=self.number.columns) | Q(call__in=self.calls))

    @property
    def messages(self) -> QuerySet[TextMessage]:
        forms = self.number.columns
        return TextMessage.objects.filter(
            Q(to_number__in=forms) | Q(from_number__in=forms) | Q(call__in=self.calls)
        )

    @property
    def events(self) -> QuerySet[Event]:
        """Of their calls, and those that name the number, but for other people's calls: there it was said."""
        keys = [call.public_id for call in self.calls.only("pk")]
        rows = Event.objects.alias(text=Cast("data", TextField()))
        named = Q(text__regex=self.number.pattern) & ~Q(key__startswith=Call.id_prefix)
        rows = rows.filter(emptied=False)
        return rows.filter(Q(key__in=keys) | named)

    @property
    def audited(self) -> QuerySet[AuditEntry]:
        """Entries of the audit log that name the number."""
        rows = AuditEntry.objects.alias(was=Cast("before", TextField()), becomes=Cast("after", TextField()))
        found = Q(object_label__regex=self.number.pattern)
        for column in ("was", "becomes"):
            found |= Q(**{f"{column}__regex": self.number.pattern})
        return rows.filter(found)

    def requests(self, *, but: UUID) -> QuerySet[PersonRequest]:
        """Former requests about the number."""
        return PersonRequest.objects.filter(e164=self.number.e164).exclude(pk=but)

    @cached_property
    def parts(self) -> dict[str, Callable[[], QuerySet[Any]]]:
        """What an export holds, by the name of its file."""
        return {
            "calls": lambda: self.calls,
            "turns": lambda: self.of_calls(Turn.objects.all()),
            "call_events": lambda: self.of_calls(CallEvent.objects.all()),
            "analyses": lambda: self.of_calls(Analysis.objects.all()),
            "notes": lambda: self.of_calls(CallNote.objects.all()),
            "tags": lambda: self.of_calls(CallTag.objects.all()),
            "shares": lambda: self.of_calls(CallShare.objects.all()),
            "redactions": lambda: self.of_calls(Redaction.objects.all()),
            "recordings": lambda: self.of_calls(Recording.objects.all()),
            "captures": lambda: self.of_calls(Capture.objects.all()),
            "callbacks": lambda: self.callbacks,
            "messages": lambda: self.messages,
            "contacts": lambda: self.contacts,
            "attempts": lambda: self.attempts,
            "consents": lambda: self.consents,
            "do_not_call": lambda: self.suppressions,
            "number_checks": lambda: self.checked,
            "webhook_events": lambda: self.events,
            "audit": lambda: self.audited,
        }
