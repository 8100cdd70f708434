"""The balance fills itself: the saved card is charged while nobody is there.

One at a time, by an invoice, which is paid once whatever happens and has a page where a person can pay it. A
card that declines is tried again after `RETRY_AFTER`, one that will not do at all is not; then the recharge
pauses until there is another card, or somebody turns it on again.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import IntegrityError
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from apps.billing.models import Wallet
from apps.payments import selectors, telling
from apps.payments.errors import PaymentsNotSetUp, StripeRefused
from apps.payments.gateway import invoices
from apps.payments.gateway.client import is_set_up
from apps.payments.models import OPEN, Customer, Payment, PaymentKind, PaymentState, Recharge
from apps.payments.money import CENT, cents_of, in_words
from apps.payments.services.customers import refresh_card
from apps.payments.services.refreshing import refresh
from apps.payments.services.top_ups import check_amount
from apps.payments.words import AUTHENTICATION, HOPELESS
from tenants.errors import Conflict, InvalidInput
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope

log = structlog.get_logger(__name__)

RETRY_AFTER = [timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=2)]
CONFIRM_WITHIN = timedelta(days=3)
"""So long somebody may confirm a payment that the bank asks about."""

_SEE_PORTAL = "Look at your address and your card in the payment portal, then turn the recharge on again."
LEASE = timedelta(minutes=3)
KEYS_LAST = timedelta(hours=20)
AT_ONCE = 200


def set_recharge(
    *,
    enabled: bool,
    threshold_micros: int,
    amount_micros: int,
    day_limit_micros: int | None,
    month_limit_micros: int | None,
) -> Recharge:
    """How the balance fills itself; it is not paused any more. In the tenant's scope.

    InvalidInput for amounts that make no sense; Conflict when it is to begin without a saved card.
    """
    if enabled and not is_set_up():
        raise PaymentsNotSetUp
    check_amount(amount_micros, field="amount_micros")
    if threshold_micros < 0 or threshold_micros > settings.TOP_UP_MOST_MICROS or threshold_micros % CENT:
        raise InvalidInput("Give an amount in whole cents, from zero.", field="threshold_micros")
    for name, limit in (("day_limit_micros", day_limit_micros), ("month_limit_micros", month_limit_micros)):
        if limit is not None and limit < amount_micros:
            raise InvalidInput("Give at least the amount of one recharge, or no limit.", field=name)
    found = selectors.customer()
    if enabled and not (found and found.card_id):
        raise Conflict("Save a card first: it is charged by itself then.", code="no_card")
    row, _ = Recharge.objects.select_for_update(no_key=True).get_or_create()
    row.enabled, row.threshold_micros, row.amount_micros = enabled, threshold_micros, amount_micros
    row.day_limit_micros, row.month_limit_micros = day_limit_micros, month_limit_micros
    row.paused_at, row.problem = None, ""
    row.save()
    if not enabled:
        _open().update(next_at=timezone.now())  # it is taken back
    return row


def due(*, now: datetime) -> list[UUID]:
    """The tenants whose balance is to be filled up. In the platform's scope."""
    low = Wallet.objects.filter(tenant=OuterRef("tenant")).annotate(
        free=F("balance_micros") - F("held_micros")
    )
    open_ones = Payment.objects.filter(tenant=OuterRef("tenant"), kind=PaymentKind.RECHARGE, state__in=OPEN)
    rows = Recharge.objects.filter(
        Exists(low.filter(free__lt=OuterRef("threshold_micros"))),
        ~Exists(open_ones),
        enabled=True,
        paused_at=None,
        tenant__suspended_at=None,
        tenant__deleting_at=None,
    )
    return list(rows.order_by("pk").values_list("tenant_id", flat=True)[:AT_ONCE])


def begin(*, tenant_id: UUID, now: datetime) -> UUID | None:
    """Writes down that the card is about to be charged; None when it must not be. Of two at once one does."""
    with suppress(IntegrityError), tenant_scope(tenant_id):
        row = Recharge.objects.select_for_update(no_key=True).filter(enabled=True, paused_at=None).first()
        wallet = Wallet.objects.get()
        if row is None or wallet.available_micros >= row.threshold_micros or _open().exists():
            return None
        problem = _what_keeps(row, now=now)
        if row.problem != problem:
            row.problem = problem
            row.save(update_fields=["problem", "updated_at"])
            if problem:
                telling.recharge_kept(row)
        if problem:
            return None
        made = Payment.objects.create(kind=PaymentKind.RECHARGE, amount_micros=row.amount_micros, next_at=now)
        return made.pk
    return None


def _open() -> QuerySet[Payment]:
    return Payment.objects.filter(kind=PaymentKind.RECHARGE, state__in=OPEN)


def _what_keeps(row: Recharge, *, now: datetime) -> str:
    """In words, why the card is not charged now; empty when nothing keeps us."""
    found = selectors.customer()
    if found is None or not found.card_id:
        return "There is no saved card: save one, or top up by hand."
    day, month = selectors.recharged(now=now)
    for limit, spent, name in ((row.day_limit_micros, day, "day"), (row.month_limit_micros, month, "month")):
        if limit is not None and spent + row.amount_micros > limit:
            return f"The limit of {in_words(limit)} a {name} is reached: raise it, or top up by hand."
    return ""


def push(*, tenant_id: UUID, payment_id: UUID) -> None:
    """One step of an open recharge that is due: asks what became of it, then charges the card. Outside any
    transaction; whoever dies in between has it done by the next one, never twice. Raises StripeDown."""
    now = timezone.now()
    with tenant_scope(tenant_id):
        payment = _lease(payment_id, now=now)
    if payment is None:
        return
    if payment.invoice_id:
        payment = refresh(tenant_id=tenant_id, payment_id=payment_id)
        if not payment.is_open:
            return
    with tenant_scope(tenant_id):
        settings_of = Recharge.objects.first()
        customer = Customer.objects.get()
        suspended = Tenant.objects.get(pk=tenant_id).suspended
    if settings_of is None or not settings_of.enabled:
        _withdraw(payment, "The automatic recharge was turned off.")
    elif suspended:
        _withdraw(payment, "The workspace is suspended: its card is not charged.")
    elif payment.state == PaymentState.ACTION_NEEDED and now - payment.created_at > CONFIRM_WITHIN:
        _give_up(payment)
    elif payment.state == PaymentState.PROCESSING or (
        payment.state == PaymentState.ACTION_NEEDED and payment.attempts
    ):
        _look_again(payment, now=now)
    elif not customer.card_id:
        _withdraw(payment, "There is no saved card any more.")
    elif payment.state == PaymentState.PENDING and payment.attempts and payment.problem_code:
        _note_failure(payment, now=now)  # told by somebody else than who tried
    else:
        _charge(payment, customer, now=now)


def _lease(payment_id: UUID, *, now: datetime) -> Payment | None:
    rows = Payment.objects.select_for_update(no_key=True, skip_locked=True)
    payment = rows.filter(pk=payment_id, state__in=OPEN, next_at__lte=now).first()
    if payment is not None:
        payment.next_at = now + LEASE
        payment.save(update_fields=["next_at", "updated_at"])
    return payment


def _charge(payment: Payment, customer: Customer, *, now: datetime) -> None:
    """One attempt of the card, which counts when it is answered."""
    try:
        invoice_id = payment.invoice_id or _make_invoice(payment, customer, now=now)
        _finalize(invoice_id, payment, customer)
    except StripeRefused as error:  # no card is asked like this
        with suppress(StripeRefused):
            refresh_card(payment.tenant_id)  # the customer may be gone
        _give_up(payment, words=f"{error.detail} {_SEE_PORTAL}")
        return
    refused = ""
    try:  # an invoice is paid once, whatever the key
        invoices.pay(invoice_id, card_id=customer.card_id, name=f"pay-{payment.public_id}-{new_id().hex}")
    except StripeRefused as error:  # what became of it says the invoice
        refused = error.detail
    with tenant_scope(payment.tenant_id):
        Payment.objects.filter(pk=payment.pk).update(attempts=F("attempts") + 1, updated_at=now)
    payment = refresh(tenant_id=payment.tenant_id, payment_id=payment.pk)
    if payment.is_open and payment.state != PaymentState.PROCESSING:
        payment.problem = payment.problem or refused
        _note_failure(payment, now=now)


def _make_invoice(payment: Payment, customer: Customer, *, now: datetime) -> str:
    invoice_id = invoices.draft(
        payment=payment.public_id,
        customer_id=customer.stripe_id,
        description=f"{settings.PRODUCT_NAME} balance",
        ask_first=now - payment.created_at > KEYS_LAST,
    )
    with tenant_scope(payment.tenant_id):
        Payment.objects.filter(pk=payment.pk, invoice_id="").update(invoice_id=invoice_id, updated_at=now)
    return invoice_id


def _finalize(invoice_id: str, payment: Payment, customer: Customer) -> None:
    invoices.finalize(
        invoice_id,
        payment=payment.public_id,
        customer_id=customer.stripe_id,
        cents=cents_of(payment.amount_micros),
        description=f"{settings.PRODUCT_NAME} balance, automatic recharge",
    )


def _note_failure(payment: Payment, *, now: datetime) -> None:
    """The card did not pay: somebody has to confirm it, it is tried again, or that was it."""
    invoice = invoices.invoice(payment.invoice_id)
    if payment.problem_code == AUTHENTICATION:
        state, next_at = PaymentState.ACTION_NEEDED, now + timedelta(hours=1)
    elif payment.problem_code in HOPELESS or payment.attempts > len(RETRY_AFTER):
        _give_up(payment)
        return
    else:
        state, next_at = PaymentState.FAILING, now + RETRY_AFTER[payment.attempts - 1]
    with tenant_scope(payment.tenant_id):
        row = Payment.objects.select_for_update(no_key=True).get(pk=payment.pk)
        if not row.is_open:
            return
        told = row.state == state
        row.state, row.next_at, row.pay_url = state, next_at, invoice.page_url
        row.problem = payment.problem
        row.save(update_fields=["state", "next_at", "pay_url", "problem", "updated_at"])
        if not told:
            (telling.action_needed if state == PaymentState.ACTION_NEEDED else telling.failing)(row)


def _look_again(payment: Payment, *, now: datetime) -> None:
    with tenant_scope(payment.tenant_id):
        Payment.objects.filter(pk=payment.pk, state__in=OPEN).update(
            next_at=now + timedelta(hours=1), updated_at=now
        )


def _give_up(payment: Payment, *, words: str = "") -> None:
    """The card will not pay: nobody can pay this any more, and the recharge pauses; `words`: where it is not
    the bank that says why."""
    if words:
        _note_problem(payment, words)
    failed = _take_back(payment)
    if failed.state != PaymentState.FAILED:
        return
    with tenant_scope(payment.tenant_id):
        row = Recharge.objects.select_for_update(no_key=True).get()
        row.paused_at, row.problem = timezone.now(), failed.problem
        row.save(update_fields=["paused_at", "problem", "updated_at"])
        telling.recharge_paused(row)


def _withdraw(payment: Payment, words: str) -> None:
    _note_problem(payment, words)
    _take_back(payment)


def _note_problem(payment: Payment, words: str) -> None:
    with tenant_scope(payment.tenant_id):
        Payment.objects.filter(pk=payment.pk, state__in=OPEN).update(problem=words[:500])


def _take_back(payment: Payment) -> Payment:
    """Withdraws the invoice, unless somebody has paid it meanwhile; the payment as it is then."""
    with tenant_scope(payment.tenant_id):
        invoice_id = Payment.objects.values_list("invoice_id", flat=True).get(pk=payment.pk)
    if invoice_id:
        with suppress(StripeRefused):
            invoices.withdraw(invoice_id)
        return refresh(tenant_id=payment.tenant_id, payment_id=payment.pk)
    with tenant_scope(payment.tenant_id):
        row = Payment.objects.select_for_update(no_key=True).get(pk=payment.pk)
        row.state, row.next_at = PaymentState.FAILED, None
        row.save(update_fields=["state", "next_at", "updated_at"])
        telling.failed(row)
        return row


def due_payments(*, now: datetime) -> list[tuple[UUID, UUID, str]]:
    """Tenant, id and kind of the open payments that are to be looked at. In the platform's scope."""
    rows = Payment.objects.filter(state__in=OPEN, next_at__lte=now).order_by("next_at")
    return list(rows.values_list("tenant_id", "pk", "kind")[:AT_ONCE])


def recharge_all(*, now: datetime) -> int:
    """Begins the recharges that are due; how many."""
    if not is_set_up():
        return 0
    with platform_scope():
        tenants = due(now=now)
    begun = 0
    for tenant_id in tenants:
        begun += begin(tenant_id=tenant_id, now=now) is not None
    return begun
