"""What carriers, orders, ports and payments wait for staff with: shown on the staff's first page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.billing.models import Hold, HoldSubject, Wallet
from apps.billing.services.posting import in_words
from apps.calls.services.stray_holds import stray_holds
from apps.numbers.models import (
    BUNDLE_WAITS,
    OPEN,
    PORT_ENDED,
    BundleState,
    NumberBundle,
    NumberOrder,
    OrderState,
    PortRequest,
    PortState,
)
from apps.payments.models import GIVEN_UP, Dispute, Payment, StripeEvent
from apps.payments.models import OPEN as PAYMENT_OPEN
from apps.payments.words import NOT_BOOKED
from telephony.carriers.models import CarrierWatch
from telephony.carriers.registry import SELLERS
from tenants.models import TenantModel
from tenants.scope import platform_scope

TRIED = 5
"""Attempts after which what did not work hardly will by itself: a quarter of an hour."""

OURS = ("carrier_account", "carrier_trunk", "unexpected")
"""Problems of orders that are the platform's, from the first on."""

_MOST = 50
M = TypeVar("M", bound=TenantModel)


@dataclass(frozen=True, slots=True)
class Need:
    """`what` of `whose` waits since then, and why. `whose`: a carrier or a tenant."""

    what: str
    whose: str
    since: datetime | None
    why: str


def needs() -> list[Need]:
    """Those that somebody has to look at, at most some of each kind."""
    with platform_scope():
        return [
            *_carriers(),
            *_orders(),
            *_ports(),
            *_papers(),
            *_payments(),
            *_disputes(),
            *_events(),
            *_holds(),
        ]


def _carriers() -> Iterator[Need]:
    for watch in CarrierWatch.objects.filter(carrier__in=list(SELLERS)):
        label = SELLERS[watch.carrier].label
        if watch.trunk_problem:
            yield Need("The trunk", label, watch.trunk_problem_since, watch.trunk_problem)
        for e164 in watch.unknown[:_MOST]:
            yield Need(f"Number {e164}", label, watch.compared_at, "It is paid for, and nobody here has it.")
        for e164 in watch.lost[:_MOST]:
            why = "A tenant has it, and the carrier has it no more: it pays no rent until it is there again."
            yield Need(f"Number {e164}", label, watch.compared_at, why)


def _orders() -> Iterator[Need]:
    """Trouble of ours, and what is tried on and on: a number that the carrier does not take back costs money,
    one that was brought here and is not connected takes no calls."""
    stuck = Q(attempts__gte=TRIED) & (Q(state=OrderState.RELEASING) | Q(state=OrderState.OWNED, held=False))
    rows = NumberOrder.objects.filter(Q(problem_code__in=OURS) | stuck, state__in=OPEN).exclude(problem="")
    for row in _first(rows):
        yield Need(f"Order of {row.e164} ({row.state})", row.tenant.name, row.created_at, row.problem)


def _ports() -> Iterator[Need]:
    rows = PortRequest.objects.exclude(state__in=PORT_ENDED).exclude(problem="")
    for row in _first(rows.filter(Q(attempts__gte=TRIED) | Q(state=PortState.ACTION_NEEDED))):
        yield Need(f"Port of {row.e164} ({row.state})", row.tenant.name, row.created_at, row.problem)


def _papers() -> Iterator[Need]:
    rows = NumberBundle.objects.filter(archived_at=None, state__in=BUNDLE_WAITS, attempts__gte=TRIED)
    for row in _first(rows.filter(state=BundleState.SUBMITTING).exclude(problem="")):
        yield Need(f"Papers {row.label}", row.tenant.name, row.created_at, row.problem)


def _payments() -> Iterator[Need]:
    for row in _first(Payment.objects.filter(state__in=PAYMENT_OPEN, problem=NOT_BOOKED)):
        why = f"Not paid as it was asked for ({row.intent_id}): refund it at Stripe, or credit the tenant."
        yield Need(f"Payment {row.public_id}", row.tenant.name, row.created_at, why)


def _disputes() -> Iterator[Need]:
    rows = Dispute.objects.filter(state__in=["needs_response", "warning_needs_response"])
    for row in _first(rows):
        until = f" until {row.evidence_due_at:%Y-%m-%d %H:%M} UTC" if row.evidence_due_at else ""
        why = f"{row.reason.replace('_', ' ').capitalize()}. Answer it at Stripe{until}, or accept it there."
        yield Need(f"Dispute {row.stripe_id}", row.tenant.name, row.created_at, why)


def _events() -> Iterator[Need]:
    """Those that were given up, which the page Stripe events tries again; and those that fail on and on."""
    failing = Q(done_at=None, attempts__gte=TRIED) & ~Q(problem="")
    for row in StripeEvent.objects.filter(GIVEN_UP | failing).order_by("-pk")[:_MOST]:
        what = f"Stripe event {row.type} of {row.object_id}"
        yield Need(f"{what} (given up)" if row.done_at else what, "Stripe", row.created_at, row.problem)


def _holds() -> Iterator[Need]:
    """Money that is promised to what is over, and wallets that promise other money than their holds say."""
    over = stray_holds(now=timezone.now())
    orders = NumberOrder.objects.filter(pk=OuterRef("subject_id"), state__in=OPEN)
    of_orders = Hold.objects.filter(~Exists(orders), subject=HoldSubject.NUMBER_ORDER, settled_micros=None)
    for row in [*_first(over), *_first(of_orders)]:
        why = f"{in_words(row.amount_micros)} are held for what is over ({row.subject} {row.subject_id})."
        yield Need(f"Hold {row.public_id}", row.tenant.name, row.created_at, why)
    holds = Hold.objects.filter(tenant=OuterRef("tenant"), settled_micros=None).order_by().values("tenant")
    held = Coalesce(Subquery(holds.values(sum=Sum("amount_micros"))), 0, output_field=BigIntegerField())
    for wallet in _first(Wallet.objects.annotate(sum=held).exclude(sum=F("held_micros"))):
        why = f"{in_words(wallet.held_micros)} are held, and its holds sum up to {in_words(wallet.sum)}."
        yield Need("Wallet", wallet.tenant.name, wallet.updated_at, why)


def _first(rows: QuerySet[M]) -> QuerySet[M]:
    return rows.select_related("tenant").order_by("pk")[:_MOST]
