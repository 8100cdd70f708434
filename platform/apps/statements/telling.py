"""What tenants are told of invoices."""

from __future__ import annotations

from django.utils import timezone
from pydantic import Field

from apps.billing.models import CURRENCY
from apps.statements.models import Invoice
from apps.webhooks.catalogue import PUBLIC_ID, EventData, EventType, register
from apps.webhooks.services import anybody_wants, publish


class InvoiceMade(EventData):
    """Money in millionths of `currency`."""

    invoice: str = Field(pattern=PUBLIC_ID)
    number: str
    period_start: str = Field(description="Its first day, YYYY-MM-DD.")
    period_end: str = Field(description="Its last day.")
    used_micros: int
    closing_micros: int = Field(description="The balance at the end of it.")
    currency: str


def invoice_made(invoice: Invoice) -> None:
    """`billing.invoice_made`."""
    if anybody_wants("billing.invoice_made", tenant_id=invoice.tenant_id):
        told = InvoiceMade(
            invoice=invoice.public_id,
            number=invoice.number,
            period_start=invoice.period_start.isoformat(),
            period_end=invoice.period_end.isoformat(),
            used_micros=invoice.used_micros,
            closing_micros=invoice.closing_micros,
            currency=invoice.currency,
        )
        publish(
            "billing.invoice_made", told, key=told.invoice, at=timezone.now(), tenant_id=invoice.tenant_id
        )


def register_events() -> None:
    """Called as applications start."""
    example = {
        "invoice": "stmt_01937b2ee7c07a3f9d2b4c5d6e7f8091",
        "number": "2026-0007",
        "period_start": "2026-10-01",
        "period_end": "2026-10-31",
        "used_micros": 7_123_456,
        "closing_micros": 17_876_544,
        "currency": CURRENCY,
    }
    register(
        EventType(
            "billing.invoice_made",
            "The invoice of a month that is over was made.",
            InvoiceMade,
            Invoice.id_prefix,
            example,
        )
    )
