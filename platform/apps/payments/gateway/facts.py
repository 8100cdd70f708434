"""What Stripe knows, in values of ours. Money in cents of US dollars, as Stripe counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from apps.payments.words import AUTHENTICATION

PAYMENT = "payment"
"""The name of the metadata that holds the public id of our payment."""

REFUND = "refund"
PLAN = "plan"

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Card:
    """A saved card."""

    id: str
    brand: str
    last4: str
    exp_month: int | None
    exp_year: int | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """`state`: pending, succeeded, failed, canceled, requires_action. `ours`: the public id of our refund."""

    id: str
    cents: int
    state: str
    ours: str
    reason: str


@dataclass(frozen=True, slots=True)
class DisputeFacts:
    """`moved`: the balance transactions by id; below zero what was withdrawn, above what was returned. In
    the dispute's currency, whatever currency Stripe settles in."""

    id: str
    cents: int
    state: str
    reason: str
    due_at: datetime | None
    moved: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class IntentFacts:
    """A PaymentIntent. `state` is Stripe's; `ours`: the public id of our payment, where it says."""

    id: str
    state: str
    ours: str
    received_cents: int
    currency: str
    charge_id: str
    card_brand: str
    card_last4: str
    receipt_url: str
    decline: str
    decline_words: str

    @property
    def succeeded(self) -> bool:
        return self.state == "succeeded"

    @property
    def wants_a_person(self) -> bool:
        """Its holder has to authenticate the payment."""
        return self.state == "requires_action" or self.decline == AUTHENTICATION


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A Checkout session: `state` open, complete or expired; `mode` payment, setup or subscription."""

    id: str
    url: str
    state: str
    mode: str
    customer_id: str
    ours: str
    intent_id: str
    invoice_id: str
    subscription_id: str
    setup_intent_id: str
    tax_cents: int


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """`state`: draft, open, paid, void, uncollectible; deleted for a draft that is not there any more.

    `net_cents`: without tax. `due_cents`: what is to be paid of the whole, which is less where Stripe keeps
    credit of the customer, and more where something small was put off; `tax_cents` of that are tax. `first`:
    the one that begins a subscription.
    """

    id: str
    state: str
    ours: str
    customer_id: str
    subscription_id: str
    plan: str
    net_cents: int
    due_cents: int
    tax_cents: int
    page_url: str
    first: bool


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """`gone`: Stripe has deleted it. `card`: the one that is charged when nobody is there."""

    gone: bool
    card: Card | None


@dataclass(frozen=True, slots=True)
class SubscriptionFacts:
    """`state`: incomplete, incomplete_expired, trialing, active, past_due, canceled, unpaid, paused."""

    id: str
    state: str
    customer_id: str
    plan: str
    item_id: str
    period_end: datetime | None
    cancel_at_period_end: bool
    latest_invoice_id: str
    card_id: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Movement:
    """A balance transaction. `source`: the charge, refund or dispute behind it. `cents`: in the currency of
    that; `fee_cents` in the account's."""

    id: str
    cents: int
    fee_cents: int
    kind: str
    source: str
    at: datetime


def customer(found: Json) -> CustomerFacts:
    """Of one whose `invoice_settings.default_payment_method` is expanded."""
    chosen = (found.get("invoice_settings") or {}).get("default_payment_method")
    return CustomerFacts(gone=bool(found.get("deleted")), card=card(chosen) if chosen else None)


def card(found: Json) -> Card:
    of = found.get("card") or {}
    return Card(
        str(found["id"]),
        str(of.get("brand") or found.get("type") or ""),
        str(of.get("last4") or ""),
        of.get("exp_month"),
        of.get("exp_year"),
        datetime.fromtimestamp(int(found["created"]), UTC),
    )


def refund(found: Json) -> RefundFacts:
    return RefundFacts(
        str(found["id"]),
        int(found["amount"]),
        str(found["status"] or "pending"),
        _meta(found, REFUND),
        str(found.get("failure_reason") or found.get("reason") or ""),
    )


def dispute(found: Json) -> DisputeFacts:
    due = (found.get("evidence_details") or {}).get("due_by")
    moved = tuple((str(t["id"]), _cents_as(t, found)) for t in found.get("balance_transactions") or [])
    return DisputeFacts(
        str(found["id"]), int(found["amount"]), str(found["status"]), str(found["reason"]), _time(due), moved
    )


def intent(found: Json) -> IntentFacts:
    """Of one that has `latest_charge` expanded."""
    charge: Json = found.get("latest_charge") or {}
    details = charge.get("payment_method_details") or {}
    of = details.get(str(details.get("type"))) or {}
    error: Json = found.get("last_payment_error") or {}
    paid = charge.get("status") == "succeeded"
    return IntentFacts(
        id=str(found["id"]),
        state=str(found["status"]),
        ours=_meta(found, PAYMENT),
        received_cents=int(found.get("amount_received") or 0),
        currency=str(found.get("currency") or ""),
        charge_id=str(charge["id"]) if paid else "",
        card_brand=str(of.get("brand") or details.get("type") or ""),
        card_last4=str(of.get("last4") or ""),
        receipt_url=str(charge.get("receipt_url") or "") if paid else "",
        decline=str(error.get("decline_code") or error.get("code") or ""),
        decline_words=str(error.get("message") or ""),
    )


def session(found: Json) -> SessionFacts:
    return SessionFacts(
        id=str(found["id"]),
        url=str(found.get("url") or ""),
        state=str(found.get("status") or ""),
        mode=str(found["mode"]),
        customer_id=_id(found.get("customer")),
        ours=str(found.get("client_reference_id") or ""),
        intent_id=_id(found.get("payment_intent")),
        invoice_id=_id(found.get("invoice")),
        subscription_id=_id(found.get("subscription")),
        setup_intent_id=_id(found.get("setup_intent")),
        tax_cents=int((found.get("total_details") or {}).get("amount_tax") or 0),
    )


def invoice(found: Json) -> InvoiceFacts:
    of: Json = (found.get("parent") or {}).get("subscription_details") or {}
    tax = sum(int(t["amount"]) for t in found.get("total_taxes") or [])
    total, due = int(found.get("total") or 0), int(found.get("amount_due") or 0)
    return InvoiceFacts(
        id=str(found["id"]),
        state=str(found.get("status") or ""),
        ours=_meta(found, PAYMENT),
        customer_id=_id(found.get("customer")),
        subscription_id=_id(of.get("subscription")),
        plan=_meta(of, PLAN),
        net_cents=total - tax,
        due_cents=due,
        tax_cents=tax * due // total if 0 < due < total else tax,
        page_url=str(found.get("hosted_invoice_url") or ""),
        first=found.get("billing_reason") == "subscription_create",
    )


def subscription(found: Json) -> SubscriptionFacts:
    items = (found.get("items") or {}).get("data") or [{}]
    return SubscriptionFacts(
        id=str(found["id"]),
        state=str(found["status"]),
        customer_id=_id(found.get("customer")),
        plan=_meta(found, PLAN),
        item_id=str(items[0].get("id") or ""),
        period_end=_time(items[0].get("current_period_end")),
        cancel_at_period_end=bool(found.get("cancel_at_period_end")),
        latest_invoice_id=_id(found.get("latest_invoice")),
        card_id=_id(found.get("default_payment_method")),
        made_at=datetime.fromtimestamp(int(found["created"]), UTC),
    )


def movement(found: Json) -> Movement:
    """Of one whose `source` is expanded."""
    source = found.get("source")
    return Movement(
        id=str(found["id"]),
        cents=_cents_as(found, source if isinstance(source, Mapping) else {}),
        fee_cents=int(found.get("fee") or 0),
        kind=str(found["type"]),
        source=_id(source),
        at=datetime.fromtimestamp(int(found["created"]), UTC),
    )


def _cents_as(moved: Json, source: Json) -> int:
    """What a balance transaction moved, in the currency of its source: where Stripe settles in another one,
    the source's own amount counts, which is moved as a whole."""
    cents, theirs = int(moved["amount"]), source.get("currency")
    if not theirs or theirs == moved.get("currency"):
        return cents
    return -int(source["amount"]) if cents < 0 else int(source["amount"])


def _id(value: Any) -> str:
    """Of a reference, expanded or not."""
    return str(value.get("id") or "") if isinstance(value, Mapping) else str(value or "")


def _meta(found: Json, name: str) -> str:
    return str((found.get("metadata") or {}).get(name) or "")


def _time(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(int(seconds), UTC) if seconds else None
