"""Plans that cost something by the month: Stripe charges the card, and what it says decides the plan."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import Q
from django.utils import timezone

from apps.billing.models import Plan
from apps.billing.services.rates import FIRST_PLAN, first_plan, plan_of, plans, put_on_plan
from apps.payments import selectors
from apps.payments.errors import CardRefused, PaymentsNotSetUp, StripeRefused
from apps.payments.gateway import checkout, invoices
from apps.payments.gateway import subscriptions as stripe_subscriptions
from apps.payments.gateway.client import is_set_up
from apps.payments.gateway.facts import InvoiceFacts, SubscriptionFacts
from apps.payments.models import Payment, PaymentKind, Subscription, SubscriptionState
from apps.payments.money import CENT, cents_of, micros_of
from apps.payments.services.customers import back_to, choose_card, tenant_of, with_customer
from apps.payments.services.pages import follow_page
from apps.payments.services.refreshing import by_public_id, refresh
from apps.payments.words import AUTHENTICATION
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import current_tenant_id, platform_scope, tenant_scope

log = structlog.get_logger(__name__)

_STATES = {
    "active": SubscriptionState.ACTIVE,
    "trialing": SubscriptionState.ACTIVE,
    "past_due": SubscriptionState.PAST_DUE,
    "incomplete": SubscriptionState.INCOMPLETE,
}
ASK_DAILY = timedelta(days=1)
ASK_WHEN_DUE = timedelta(hours=1)
AT_ONCE = 100
_CONFIRM_FIRST = (
    "Its bank wants you to confirm payments: save the card again, which asks you to, or save another one;"
    " then choose the plan again."
)
_NO_PLAN = (
    "What is paid is no plan of this platform. Whoever runs it has been told: ask them for the plan, or for"
    " the money."
)
_UNKNOWN_PLAN = (
    "Subscription {} pays for the plan '{}', which is not there: set its metadata 'plan' at Stripe to the"
    " code of a plan, or cancel it there and send the money back."
)
_HAS_PLAN = (SubscriptionState.ACTIVE, SubscriptionState.PAST_DUE)
"""While Stripe still tries the card, the plan stays."""


def plan_to_choose(code: str) -> Plan:
    """In the tenant's scope. InvalidInput for a plan that nobody can choose."""
    plan = plans().filter(code=code).first() or (first_plan() if code == FIRST_PLAN else None)
    if plan is None:
        raise InvalidInput(
            "There is no such plan to choose: GET /billing/plans has those there are.",
            field="plan",
            code="unknown",
        )
    if plan.price_micros_month and not is_set_up():
        raise PaymentsNotSetUp
    if plan.price_micros_month % CENT:
        raise Conflict(
            "This plan's price is not in whole cents: ask who runs this platform.", code="plan_price"
        )
    return plan


def change_plan(*, tenant_id: UUID, plan: Plan) -> str:
    """Puts the tenant on a plan: at once, or as soon as it has paid on the page whose address is answered.
    Outside any transaction. CardRefused when the card does not pay the difference."""
    with tenant_scope(tenant_id):
        row = selectors.subscription()
        tenant = Tenant.objects.get(pk=tenant_id)
        if row is None and not plan.price_micros_month:
            if plan_of().code != plan.code:
                put_on_plan(code=plan.code, at=timezone.now())
            return ""
    if row is not None and not plan.price_micros_month:
        stripe_subscriptions.end_with_period(row.stripe_id, ends=True, name=new_id().hex)
        refresh_subscription(row.stripe_id)
        return ""
    price_id = stripe_subscriptions.price_of_plan(
        code=plan.code, name=plan.name, cents=cents_of(plan.price_micros_month)
    )
    if row is not None and row.state in _HAS_PLAN:
        found = stripe_subscriptions.subscription(row.stripe_id)
        try:
            stripe_subscriptions.change(found, price_id=price_id, plan=plan.code, name=new_id().hex)
        except CardRefused as error:
            if error.reason == AUTHENTICATION:
                raise CardRefused(_CONFIRM_FIRST, reason=error.reason) from error
            raise
        refresh_subscription(row.stripe_id)
        return ""
    page = with_customer(
        tenant_id,
        lambda customer_id: checkout.subscribe(
            name=new_id().hex,
            customer_id=customer_id,
            price_id=price_id,
            plan=plan.code,
            back=back_to(tenant.slug, tab="plans", of="paid"),
        ),
    )
    follow_page(page.id)
    return page.url


def end_subscription(*, tenant_id: UUID) -> None:
    """The plan ends with the month that is paid. Outside any transaction. NotFound without a subscription."""
    with tenant_scope(tenant_id):
        row = selectors.subscription()
    if row is None:
        raise NotFound("There is no subscription to end: the plan costs nothing by the month.")
    stripe_subscriptions.end_with_period(row.stripe_id, ends=True, name=new_id().hex)
    refresh_subscription(row.stripe_id)


def refresh_subscription(stripe_id: str) -> SubscriptionFacts:
    """Asks Stripe about a subscription; the tenant's plan is what it pays. Outside any transaction. Conflict
    when it pays for what is no plan."""
    asked_at = timezone.now()
    found = stripe_subscriptions.subscription(stripe_id)
    tenant_id = tenant_of(found.customer_id) or _who_had(stripe_id)
    if tenant_id is None:
        log.warning("subscription_of_nobody", stripe_id=stripe_id)
        return found
    pay_url = invoices.invoice(found.latest_invoice_id).page_url if found.latest_invoice_id else ""
    with tenant_scope(tenant_id):
        other, paid = _note(found, asked_at=asked_at, pay_url=pay_url)
        unknown = Subscription.objects.filter(stripe_id=found.id, problem=_NO_PLAN).exists()
    if other:
        _end_for_good(other, paid=paid)
    if other != found.id and found.card_id and found.state in ("active", "trialing"):
        choose_card(tenant_id, found.card_id)
        stripe_subscriptions.pay_with_customers_card(found, name=new_id().hex)
    if unknown:
        raise Conflict(_UNKNOWN_PLAN.format(found.id, found.plan), code="paid_plan_unknown")
    return found


def _end_for_good(stripe_id: str, *, paid: bool) -> None:
    """Another subscription is paid: of this one nothing is to be paid any more."""
    latest = stripe_subscriptions.subscription(stripe_id).latest_invoice_id
    with suppress(StripeRefused):  # it has ended already
        stripe_subscriptions.cancel(stripe_id, paid=paid)
    if latest and not paid:
        with suppress(StripeRefused):
            invoices.withdraw(latest)


def _who_had(stripe_id: str) -> UUID | None:
    """Whose subscription it is, where the customer was deleted with it and another one made since."""
    with platform_scope():
        return Subscription.objects.filter(stripe_id=stripe_id).values_list("tenant_id", flat=True).first()


def _note(found: SubscriptionFacts, *, asked_at: datetime, pay_url: str) -> tuple[str, bool]:
    """Writes down what Stripe says; the id of a subscription that is to end, and whether it was paid: of two
    that were, the later one stays, and one that Stripe has given up (`unpaid`) would go on for ever."""
    Tenant.objects.select_for_update(no_key=True).get(pk=current_tenant_id())
    row = Subscription.objects.first()
    state = _STATES.get(found.state, SubscriptionState.CANCELLED)
    other, paid = "", False
    if row is not None and row.stripe_id != found.id:
        if state not in _HAS_PLAN:  # another one has ended: it says nothing of the one that lives
            return "", False
        if row.state in _HAS_PLAN and row.made_at is not None and found.made_at < row.made_at:
            return found.id, state == SubscriptionState.ACTIVE
        other, paid = row.stripe_id, row.state == SubscriptionState.ACTIVE
        row.asked_at = None
    row = row or Subscription()
    if row.asked_at is not None and row.asked_at >= asked_at:
        return "", False
    row.stripe_id, row.plan_code, row.state = found.id, found.plan, state
    row.period_end, row.cancel_at_period_end = found.period_end, found.cancel_at_period_end
    unpaid = state in (SubscriptionState.PAST_DUE, SubscriptionState.INCOMPLETE)
    row.pay_url = pay_url if unpaid else ""
    row.problem = "The card did not pay the plan: pay it, or save another card." if unpaid else ""
    row.made_at, row.asked_at = found.made_at, asked_at
    row.save()
    _plan(row)
    return other, paid


def _plan(row: Subscription) -> None:
    """The tenant has the plan that it pays, and the first one when it pays none any more."""
    if row.state in _HAS_PLAN:
        try:
            put_on_plan(code=row.plan_code, at=timezone.now(), paid=True)
        except InvalidInput:
            row.problem = _NO_PLAN
            row.save(update_fields=["problem", "updated_at"])
    elif row.state == SubscriptionState.CANCELLED and plan_of().code == row.plan_code:
        put_on_plan(code=FIRST_PLAN, at=timezone.now(), paid=True)


def push_plan(*, tenant_id: UUID, payment_id: UUID) -> None:
    """Asks what became of a plan's payment. One that failed is tried with the card that was chosen since, if
    it is of the subscription that lives; else Stripe tries it again by itself. Outside any transaction.
    Raises StripeDown."""
    payment = refresh(tenant_id=tenant_id, payment_id=payment_id)
    with tenant_scope(tenant_id):
        found = selectors.customer()
        if not payment.is_open or payment.attempts or found is None or not found.card_id:
            return
        Payment.objects.filter(pk=payment_id).update(attempts=1, updated_at=timezone.now())
        lives = selectors.subscription()
    if lives is None or lives.stripe_id != invoices.invoice(payment.invoice_id).subscription_id:
        return
    with suppress(StripeRefused):  # what became of it says the invoice
        name = f"plan-{payment.public_id}-{found.card_id}"
        invoices.pay(payment.invoice_id, card_id=found.card_id, name=name)
    refresh(tenant_id=tenant_id, payment_id=payment_id)


def due_subscriptions(*, now: datetime) -> list[tuple[UUID, str]]:
    """Tenant and id of those that nobody has told of for a day, or since they were to be paid. In the
    platform's scope."""
    late = Q(asked_at__lt=now - ASK_DAILY) | Q(asked_at__lt=now - ASK_WHEN_DUE, period_end__lt=now)
    rows = Subscription.objects.exclude(state__in=[SubscriptionState.CANCELLED, SubscriptionState.NONE])
    return list(rows.filter(late).order_by("asked_at").values_list("tenant_id", "stripe_id")[:AT_ONCE])


def ask_about_subscription(*, tenant_id: UUID, stripe_id: str) -> None:
    """What became of it, and of its newest invoice, should nobody tell. Outside any transaction. Raises
    StripeDown."""
    with tenant_scope(tenant_id):  # one that Stripe refuses to tell of has its turn again, not at once
        Subscription.objects.filter(stripe_id=stripe_id).update(asked_at=timezone.now())
    found = refresh_subscription(stripe_id)
    if found.latest_invoice_id:
        refresh_invoice(found.latest_invoice_id)


def refresh_invoice(stripe_id: str) -> None:
    """Asks Stripe about an invoice: of a payment that we know, or of a plan, which becomes one. Outside any
    transaction."""
    found = invoices.invoice(stripe_id)
    tenant_id = tenant_of(found.customer_id)
    if tenant_id is None:
        return
    with tenant_scope(tenant_id):
        payment = _payment_of(found)
    if payment is not None:
        refresh(tenant_id=tenant_id, payment_id=payment.pk)


def _payment_of(found: InvoiceFacts) -> Payment | None:
    known = Payment.objects.filter(invoice_id=found.id).first()
    ours = by_public_id(found.ours) if known is None else None
    if ours is not None:
        known = Payment.objects.filter(pk=ours[1]).first()
    if known is not None:
        return known
    net = found.due_cents - found.tax_cents
    if not found.subscription_id or found.state == "draft" or net <= 0:
        return None
    if found.first and found.state != "paid":  # somebody sits before its page, and may try another card
        return None
    made, _ = Payment.objects.get_or_create(
        invoice_id=found.id,
        defaults={
            "kind": PaymentKind.SUBSCRIPTION,
            "amount_micros": micros_of(net),
            "tax_micros": micros_of(found.tax_cents),
            "attempts": 1,
            "next_at": timezone.now(),
        },
    )
    return made
