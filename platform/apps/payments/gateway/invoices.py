"""Invoices: what a card is charged with while nobody is there. Each has a page where a person can pay it."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice

from django.conf import settings
from stripe.params import InvoiceCreateParams, InvoicePaymentListParams

from apps.payments.errors import MISSING, StripeRefused
from apps.payments.gateway import facts
from apps.payments.gateway.client import asking, key, plain
from apps.payments.gateway.facts import PAYMENT, InvoiceFacts
from apps.payments.money import CURRENCY

NEWEST = 100


def draft(*, payment: str, customer_id: str, description: str, ask_first: bool) -> str:
    """The id of the invoice of `payment`, made once.

    Stripe forgets keys after a day: `ask_first` looks through the customer's newest invoices before.
    """
    if ask_first:
        found = _of_payment(payment, customer_id)
        if found:
            return found
    params: InvoiceCreateParams = {
        "customer": customer_id,
        "currency": CURRENCY,
        "auto_advance": False,  # we say when the card is tried, and how often
        "collection_method": "charge_automatically",
        "pending_invoice_items_behavior": "exclude",
        "description": description,
        "metadata": {PAYMENT: payment},
    }
    if settings.STRIPE_AUTOMATIC_TAX:
        params["automatic_tax"] = {"enabled": True}
    with asking() as stripe:
        return str(stripe.v1.invoices.create(params=params, options=key(f"invoice-{payment}")).id)


def finalize(invoice_id: str, *, payment: str, customer_id: str, cents: int, description: str) -> None:
    """Writes the only item into a draft and closes it. Again, after a crash, does nothing twice."""
    with asking() as stripe:
        found = plain(stripe.v1.invoices.retrieve(invoice_id))
        if found["status"] != "draft":
            return
        if not (found.get("lines") or {}).get("data"):
            stripe.v1.invoice_items.create(
                params={
                    "customer": customer_id,
                    "invoice": invoice_id,
                    "amount": cents,
                    "currency": CURRENCY,
                    "description": description,
                },
                options=key(f"item-{payment}"),
            )
        stripe.v1.invoices.finalize_invoice(
            invoice_id, params={"auto_advance": False}, options=key(f"finalize-{payment}")
        )


def pay(invoice_id: str, *, card_id: str, name: str) -> None:
    """Charges the card with an invoice, nobody being there; `name`: of this attempt. CardRefused and
    StripeRefused when it is not paid then: what became of it says the invoice."""
    with asking() as stripe:
        stripe.v1.invoices.pay(
            invoice_id, params={"off_session": True, "payment_method": card_id}, options=key(name)
        )


def withdraw(invoice_id: str) -> None:
    """Nobody can pay it any more: a draft is deleted, another one made void. StripeRefused when somebody
    has."""
    found = invoice(invoice_id)
    with asking() as stripe:
        if found.state == "draft":
            stripe.v1.invoices.delete(invoice_id, options=key(f"delete-{invoice_id}"))
        elif found.state in ("open", "uncollectible"):
            stripe.v1.invoices.void_invoice(invoice_id, options=key(f"void-{invoice_id}"))


def invoice(invoice_id: str) -> InvoiceFacts:
    """A draft may have been deleted, here or in Stripe's dashboard."""
    try:
        with asking() as stripe:
            return facts.invoice(plain(stripe.v1.invoices.retrieve(invoice_id)))
    except StripeRefused as error:
        if error.reason != MISSING:
            raise
        return facts.invoice({"id": invoice_id, "status": "deleted"})


def intent_of(invoice_id: str) -> str:
    """The id of the PaymentIntent that pays an invoice; empty of a draft, and of one over nothing."""
    with asking() as stripe:
        rows = plain(stripe.v1.invoice_payments.list(params={"invoice": invoice_id}))["data"]
    ids = [row["payment"].get("payment_intent") for row in rows if row["status"] != "canceled"]
    return str(next((each for each in ids if each), ""))


def invoice_of(intent_id: str) -> str:
    """The id of the invoice that a PaymentIntent pays; empty of one that pays none."""
    paying: InvoicePaymentListParams = {"payment": {"type": "payment_intent", "payment_intent": intent_id}}
    with asking() as stripe:
        rows = plain(stripe.v1.invoice_payments.list(params=paying))["data"]
    return str(rows[0]["invoice"]) if rows else ""


def _of_payment(payment: str, customer_id: str) -> str:
    with asking() as stripe, suppress(StripeRefused):
        rows = stripe.v1.invoices.list(params={"customer": customer_id, "limit": NEWEST})
        for row in islice(rows.auto_paging_iter(), NEWEST):
            if facts.invoice(plain(row)).ours == payment:
                return str(row.id)
    return ""
