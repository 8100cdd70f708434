"""Makes the invoices of months that are over.

Everything on an invoice is read from the ledger: what was used is its income, what was added is the rest that
moved the wallet. Before one is kept, the wallet of now must be its closing balance and what came after it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db.models import QuerySet, Sum
from django.utils import timezone

from apps.billing.models import AccountKind, CallCharge, ChargeLine, Entry, EntryKind, Posting
from apps.billing.selectors import lock_wallet
from apps.statements import telling
from apps.statements.components import ADDED, OF_INCOME, words_of
from apps.statements.errors import DoesNotAddUp
from apps.statements.models import Invoice, StatementSettings
from apps.statements.periods import last_day, month_end
from apps.statements.selectors import get_settings
from tenants.errors import DomainError
from tenants.ids import first_id_at
from tenants.scope import platform_scope, statements_may_take, tenant_scope

log = structlog.get_logger(__name__)

SETTLES = timedelta(hours=3)
"""A month is over for so long before its invoice is made: no transaction that began in it goes on then."""

MAY_TAKE_S = 300


def make_due(*, now: datetime | None = None) -> int:
    """Makes what invoices are due, of every tenant; how many. Two at once do no harm."""
    now = now or timezone.now()
    with platform_scope():
        due = StatementSettings.objects.filter(ends_at__lte=now - SETTLES).order_by("ends_at")
        tenants = list(due.values_list("tenant_id", flat=True))
    made = 0
    for tenant_id in tenants:
        try:
            made += make_invoices(tenant_id, now=now)
        except (DoesNotAddUp, DomainError) as error:
            log.error("invoice_not_made", tenant_id=str(tenant_id), error=str(error))
    return made


def make_invoices(tenant_id: UUID, *, now: datetime) -> int:
    """Makes a tenant's invoices of months that are over, the oldest first; how many."""
    made = 0
    while True:
        with tenant_scope(tenant_id):
            statements_may_take(MAY_TAKE_S)
            kept = get_settings(lock=True)
            if kept.ends_at > now - SETTLES:
                return made
            made += _make(kept) is not None


def _make(kept: StatementSettings) -> Invoice | None:
    """The invoice of the month that `kept` names, and on to the next month. None: nothing happened in it."""
    zone = ZoneInfo(kept.timezone)
    entries = _entries(kept.starts_at, kept.ends_at)
    invoice = _invoice(kept, zone, entries) if entries.exists() else None
    if invoice is not None:
        _check(invoice)
        invoice.save()
        telling.invoice_made(invoice)
        kept.issued = invoice.sequence
        log.info("invoice_made", tenant_id=str(kept.tenant_id), number=invoice.number)
    kept.starts_at, kept.ends_at = kept.ends_at, month_end(kept.ends_at, zone)
    kept.save(update_fields=["starts_at", "ends_at", "issued", "updated_at"])
    return invoice


def _entries(start: datetime, end: datetime | None) -> QuerySet[Entry]:
    """Of the time from `start` on: ids carry it. All kinds by name, so that the index by kind serves."""
    rows = Entry.objects.filter(kind__in=EntryKind.values, pk__gte=first_id_at(start))
    return rows if end is None else rows.filter(pk__lt=first_id_at(end))


def _invoice(kept: StatementSettings, zone: ZoneInfo, entries: QuerySet[Entry]) -> Invoice:
    moved = _moved(entries)
    last = Invoice.objects.order_by("-sequence").first()
    opening = last.closing_micros if last else 0
    used = sum(amount for account, amount in moved.items() if account in OF_INCOME)
    closing = opening + moved.get(AccountKind.WALLET, 0)
    period_end = last_day(kept.ends_at, zone)
    sequence = kept.issued + 1
    return Invoice(
        tenant_id=kept.tenant_id,
        sequence=sequence,
        number=f"{period_end.year}-{sequence:04}",
        period_start=kept.starts_at.astimezone(zone).date(),
        period_end=period_end,
        starts_at=kept.starts_at,
        ends_at=kept.ends_at,
        timezone=kept.timezone,
        opening_micros=opening,
        added_micros=closing - opening + used,
        used_micros=used,
        closing_micros=closing,
        lines=_lines(kept, entries, moved),
        added=[
            {"what": ADDED.get(account, account), "amount_micros": -amount}
            for account, amount in sorted(moved.items())
            if account not in OF_INCOME and account != AccountKind.WALLET and amount
        ],
        issuer=settings.INVOICE_ISSUER,
        bill_to=f"{kept.tenant.name}\n{kept.bill_to}".strip(),
    )


def _moved(entries: QuerySet[Entry]) -> dict[str, int]:
    """By account: what the entries moved on it, all of them together."""
    rows = (
        Posting.objects.filter(entry__in=entries)
        .order_by()
        .values("account")
        .annotate(sum=Sum("amount_micros"))
    )
    return {row["account"]: int(row["sum"]) for row in rows}


def _lines(kept: StatementSettings, entries: QuerySet[Entry], moved: dict[str, int]) -> list[dict[str, Any]]:
    """What calls cost by component, and other charges by account; and what of calls these do not explain
    (charges that were given back), so that the lines' sum is what was used."""
    # Calls that cost nothing have no entry: they are shown for their minutes.
    free = CallCharge.objects.filter(
        entry=None,
        created_at__gte=kept.starts_at,
        created_at__lt=kept.ends_at,
        pk__gte=first_id_at(kept.starts_at),
    )
    lines = _calls(CallCharge.objects.filter(entry__in=entries), free)
    of_calls = (AccountKind.CALLS, AccountKind.TELEPHONY, AccountKind.VENDORS)
    rest = sum(moved.get(account, 0) for account in of_calls) - sum(line["amount_micros"] for line in lines)
    if rest:
        lines.append(_line("Other charges and refunds of calls", "platform", 0, "", rest))
    others = Posting.objects.filter(entry__in=entries, account__in=set(OF_INCOME) - set(of_calls))
    for row in others.order_by("account").values("account").annotate(sum=Sum("amount_micros")):
        number = others.filter(account=row["account"], amount_micros__gt=0).count()
        lines.append(_line(words_of(row["account"]), row["account"], number, "charge", int(row["sum"])))
    return lines


def _calls(*charges: QuerySet[CallCharge]) -> list[dict[str, Any]]:
    """A line for each component and unit."""
    sums: defaultdict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for some in charges:
        rows = ChargeLine.objects.filter(charge__in=some).order_by().values_list("component", "unit")
        for component, unit, quantity, amount in rows.annotate(n=Sum("quantity"), sum=Sum("amount_micros")):
            before = sums[component, unit]
            sums[component, unit] = before[0] + int(quantity), before[1] + int(amount)
    return [
        _line(words_of(component), component, quantity, unit, amount)
        for (component, unit), (quantity, amount) in sorted(sums.items(), key=lambda one: -one[1][1])
    ]


def _line(what: str, component: str, quantity: int, unit: str, amount_micros: int) -> dict[str, Any]:
    return {
        "what": what,
        "component": component,
        "quantity": quantity,
        "unit": unit,
        "amount_micros": amount_micros,
    }


def _check(invoice: Invoice) -> None:
    """DoesNotAddUp unless the ledger says the same of the wallet as the invoice."""
    balance = lock_wallet().balance_micros  # from here on no entry of the wallet comes
    since = _moved(_entries(invoice.ends_at, None)).get(AccountKind.WALLET, 0)
    if invoice.closing_micros + since != balance:
        raise DoesNotAddUp(
            f"the invoice closes with {invoice.closing_micros}, {since} came later, the wallet has {balance}"
        )
    if sum(line["amount_micros"] for line in invoice.lines) != invoice.used_micros:
        raise DoesNotAddUp("the lines of the invoice are not what was used")
    if sum(one["amount_micros"] for one in invoice.added) != invoice.added_micros:
        raise DoesNotAddUp("what was added is not the sum of its lines")
