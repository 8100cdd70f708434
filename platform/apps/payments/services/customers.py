"""The tenant at Stripe, and its card."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from apps.payments import selectors
from apps.payments.errors import MISSING, StripeRefused
from apps.payments.gateway import checkout
from apps.payments.gateway import customers as stripe_customers
from apps.payments.gateway.checkout import Back
from apps.payments.gateway.facts import Card, CustomerFacts
from apps.payments.models import OPEN, Customer, Payment, PaymentKind, Recharge
from apps.payments.services.pages import follow_page
from tenants.errors import Conflict
from tenants.ids import new_id
from tenants.models import Membership, Tenant
from tenants.permissions import Role
from tenants.scope import platform_scope, tenant_scope

Answer = TypeVar("Answer")


def customer_of(tenant_id: UUID) -> Customer:
    """The tenant's customer at Stripe, made there with the first use, and again when it was deleted there.
    Outside any transaction; twice at once makes one."""
    with tenant_scope(tenant_id):
        known = Customer.objects.first()
        tenant = Tenant.objects.get(pk=tenant_id)
        owner = Membership.objects.filter(role=Role.OWNER.value).select_related("user").order_by("pk").first()
    if known is not None and known.gone_at is None:
        return known
    gone = known.stripe_id if known else ""
    made = stripe_customers.make_customer(tenant, email=owner.user.email if owner else "", after=gone)
    with tenant_scope(tenant_id):
        row, new = Customer.objects.get_or_create(tenant_id=tenant_id, defaults={"stripe_id": made})
        if not new and row.stripe_id == gone:
            row.stripe_id, row.gone_at, row.asked_at = made, None, None
            row.save(update_fields=["stripe_id", "gone_at", "asked_at", "updated_at"])
        return row


def _there(tenant_id: UUID) -> str:
    """The id of the customer at Stripe; empty when there is none, or none any more."""
    with tenant_scope(tenant_id):
        found = Customer.objects.filter(gone_at=None).values_list("stripe_id", flat=True).first()
    return found or ""


def with_customer(tenant_id: UUID, ask: Callable[[str], Answer]) -> Answer:
    """What `ask` answers with the id of the tenant's customer; asked once more with a new one when Stripe has
    deleted that one, and nobody has told us. Outside any transaction."""
    found = customer_of(tenant_id)
    try:
        return ask(found.stripe_id)
    except StripeRefused as error:
        if error.reason != MISSING or not _is_gone(tenant_id):
            raise
    return ask(customer_of(tenant_id).stripe_id)


def _is_gone(tenant_id: UUID) -> bool:
    refresh_card(tenant_id)
    with tenant_scope(tenant_id):
        return Customer.objects.filter(gone_at__isnull=False).exists()


def tenant_of(customer_id: str) -> UUID | None:
    """Whose customer it is; None of one that is not ours."""
    with platform_scope():
        return Customer.objects.filter(stripe_id=customer_id).values_list("tenant_id", flat=True).first()


def refresh_card(tenant_id: UUID, *, new: bool = False) -> Card | None:
    """Asks Stripe which card is charged when nobody is there; None without a customer. `new`: somebody has
    just chosen it."""
    asked_at = timezone.now()
    stripe_id = _there(tenant_id)
    if not stripe_id:
        return None
    found = stripe_customers.customer(stripe_id)
    with tenant_scope(tenant_id):
        _note(found, of=stripe_id, asked_at=asked_at, new=new)
    return found.card


def _note(found: CustomerFacts, *, of: str, asked_at: datetime, new: bool) -> None:
    row = Customer.objects.select_for_update(no_key=True).get()
    if row.stripe_id != of or (row.asked_at is not None and row.asked_at >= asked_at):
        return
    card = found.card
    changed = bool(card) and (new or card.id != row.card_id)  # type: ignore[union-attr]
    row.asked_at, row.gone_at = asked_at, asked_at if found.gone else None
    row.card_id = card.id if card else ""
    row.card_brand = card.brand if card else ""
    row.card_last4 = card.last4 if card else ""
    row.card_exp_month = card.exp_month if card else None
    row.card_exp_year = card.exp_year if card else None
    row.save()
    if changed:
        _try_again()


def _try_again() -> None:
    """There is another card: what the one before did not pay is tried with it, and goes on by itself."""
    Recharge.objects.filter(paused_at__isnull=False).update(
        paused_at=None, problem="", updated_at=timezone.now()
    )
    by_itself = [PaymentKind.RECHARGE, PaymentKind.SUBSCRIPTION]
    waiting = Payment.objects.filter(~Q(invoice_id=""), kind__in=by_itself, state__in=OPEN)
    waiting.update(next_at=timezone.now(), attempts=0, updated_at=timezone.now())


def save_card_url(*, tenant_id: UUID, back: Back) -> str:
    """The address of Stripe's page that saves a card. Outside any transaction."""
    page = with_customer(
        tenant_id,
        lambda customer_id: checkout.save_card(name=new_id().hex, customer_id=customer_id, back=back),
    )
    follow_page(page.id)
    return page.url


def portal_url(*, tenant_id: UUID, back_url: str) -> str:
    """The address of Stripe's portal, where invoices are and cards are changed. Outside any transaction."""
    return with_customer(
        tenant_id,
        lambda customer_id: stripe_customers.portal(customer_id, back_url=back_url, name=new_id().hex),
    )


def choose_saved_card(tenant_id: UUID, card_id: str) -> None:
    """A card that a person has saved is charged from now on; unless a newer one is, since pages are told of
    late."""
    stripe_id = _there(tenant_id)
    present = stripe_customers.customer(stripe_id).card if stripe_id else None
    if present is None or present.id == card_id or stripe_customers.card(card_id).made_at >= present.made_at:
        choose_card(tenant_id, card_id)


def choose_card(tenant_id: UUID, card_id: str) -> None:
    """That card is charged from now on."""
    stripe_id = _there(tenant_id)
    if not stripe_id:
        return
    stripe_customers.choose_card(stripe_id, card_id, name=new_id().hex)
    refresh_card(tenant_id, new=True)


def forget_card(*, tenant_id: UUID) -> None:
    """The saved card is not charged any more. Conflict while it pays a plan. Outside any transaction."""
    with tenant_scope(tenant_id):
        plan = selectors.subscription()
        if plan is not None and not plan.cancel_at_period_end:
            raise Conflict(
                "The plan is paid with this card: save another one, or end the plan first.",
                code="card_pays_plan",
            )
        row = Customer.objects.first()
        card_id = row.card_id if row else ""
    if card_id:
        stripe_customers.forget_card(card_id)
        refresh_card(tenant_id)


def back_to(slug: str, *, tab: str, of: str) -> Back:
    """Where the browser comes back to: the dashboard's page of money, which is told how it went."""
    page = f"{settings.PUBLIC_URL}/t/{slug}/billing?tab={tab}"
    return Back(done_url=f"{page}&{of}=1", left_url=f"{page}&{of}=0")
