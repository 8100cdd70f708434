"""Payments in the ledger. Each movement at Stripe is one entry by its id there, and one of its tax.

In the tenant's scope and the caller's transaction; the wallet is locked last. A second time changes nothing.
"""

from __future__ import annotations

from apps.billing.models import AccountKind, Entry, EntryKind, Plan
from apps.billing.services import charge, credit, post, refund, take
from apps.payments.models import Payment, PaymentKind, Refund
from apps.payments.money import in_words
from tenants.models import Tenant

TAX = "tax:"


def paid(payment: Payment, *, plan: str) -> None:
    """A card has paid: a top-up goes to the wallet, what a plan costs does not pass it; `plan`: its code."""
    if payment.kind == PaymentKind.SUBSCRIPTION:
        ref = subscription_reference(payment.charge_id)
        _beside(payment, ref, payment.amount_micros, EntryKind.SUBSCRIPTION, _why_of_plan(payment, plan))
    else:
        credit(
            tenant=Tenant.objects.get(pk=payment.tenant_id),
            amount_micros=payment.amount_micros,
            why=_why(payment),
            kind=EntryKind.TOP_UP,
            account=AccountKind.STRIPE,
            reference=reference(payment.charge_id),
            subject=payment.public_id,
        )
    _tax(payment, payment.charge_id, payment.tax_micros)


def covered(payment: Payment, invoice_id: str, amount_micros: int) -> None:
    """What of a recharge's invoice Stripe took out of the credit that it keeps of a plan (above zero), or
    what the card paid of a plan with it (below)."""
    ref, amount = f"balance:{invoice_id}", abs(amount_micros)
    if amount_micros > 0:
        credit(
            tenant=Tenant.objects.get(pk=payment.tenant_id),
            amount_micros=amount,
            why="Automatic recharge out of what was left of a plan",
            kind=EntryKind.TOP_UP,
            account=AccountKind.SUBSCRIPTIONS,
            reference=ref,
            subject=payment.public_id,
        )
    elif amount_micros < 0:
        take(
            tenant_id=payment.tenant_id,
            reference=ref,
            kind=EntryKind.SUBSCRIPTION,
            account=AccountKind.SUBSCRIPTIONS,
            amount_micros=amount,
            why="A rest of the plan, paid with the automatic recharge",
            subject=payment.public_id,
        )


def refund_asked(wanted: Refund) -> Entry:
    """Takes what is to go back to the card out of the wallet, before Stripe is asked. NotEnoughMoney."""
    return charge(
        tenant_id=wanted.tenant_id,
        reference=f"refund:{wanted.pk.hex}",
        kind=EntryKind.REFUND,
        account=AccountKind.REFUNDS,
        amount_micros=wanted.amount_micros,
        why="Refund to the card",
        subject=wanted.payment.public_id,
    )


def refund_undone(wanted: Refund) -> None:
    """Stripe will not do it: what was taken goes back to the wallet."""
    of = Entry.objects.get(reference=f"refund:{wanted.pk.hex}")
    refund(
        tenant_id=wanted.tenant_id,
        reference=f"{of.reference}:undone",
        of=of,
        amount_micros=wanted.amount_micros,
        why="The refund was not possible",
    )


def refund_sent(made: Refund) -> None:
    """Stripe has sent money back to the card. What was asked for here has left the wallet already."""
    payment, amount = made.payment, made.amount_micros
    if made.asked_here:
        postings = {AccountKind.REFUNDS: -amount, AccountKind.STRIPE: amount}
        _post(payment, reference(made.stripe_id), EntryKind.REFUND, "Refund to the card", postings)
    elif amount and payment.kind == PaymentKind.SUBSCRIPTION:
        why = f"Refund of a plan to the card: {in_words(amount)}"
        _beside(payment, reference(made.stripe_id), -amount, EntryKind.REFUND, why)
    elif amount:
        _taken(payment, reference(made.stripe_id), EntryKind.REFUND, amount, "Refund to the card")
    _tax(payment, made.stripe_id, -made.tax_micros)


def refund_came_back(made: Refund) -> None:
    """The bank did not take the refund: the money is at Stripe again, and the tenant's."""
    ref, payment = f"{reference(made.stripe_id)}:failed", made.payment
    if made.amount_micros and payment.kind == PaymentKind.SUBSCRIPTION:
        why = f"The bank did not take the refund of a plan: {in_words(made.amount_micros)}"
        _beside(payment, ref, made.amount_micros, EntryKind.REFUND, why)
    elif made.amount_micros:
        _given(payment, ref, EntryKind.REFUND, made.amount_micros, "The bank did not take the refund")
    _tax(payment, f"{made.stripe_id}:failed", made.tax_micros)


def dispute_moved(payment: Payment, movement_id: str, *, amount_micros: int, tax_micros: int) -> None:
    """The bank has taken disputed money (below zero), or has given it back. What the wallet has not got is
    the tenant's debt."""
    ref = reference(movement_id)
    if payment.kind == PaymentKind.SUBSCRIPTION:
        what = "A plan's payment is disputed" if amount_micros < 0 else "A disputed payment has come back"
        _beside(payment, ref, amount_micros, EntryKind.DISPUTE, f"{what}: {in_words(abs(amount_micros))}")
    elif amount_micros < 0:
        _taken(payment, ref, EntryKind.DISPUTE, -amount_micros, "A payment is disputed")
    else:
        _given(payment, ref, EntryKind.DISPUTE, amount_micros, "A disputed payment has come back")
    _tax(payment, movement_id, tax_micros)


def reference(stripe_id: str) -> str:
    return f"stripe:{stripe_id}"


def subscription_reference(charge_id: str) -> str:
    return f"subscription:{charge_id}"


def _why(payment: Payment) -> str:
    what = "Automatic recharge" if payment.kind == PaymentKind.RECHARGE else "Top-up"
    return f"{what} by card ending in {payment.card_last4}" if payment.card_last4 else what


def _why_of_plan(payment: Payment, plan: str) -> str:
    """The wallet does not move, so the words say how much it was."""
    name = Plan.objects.filter(code=plan).values_list("name", flat=True).first()
    by = f" by card ending in {payment.card_last4}" if payment.card_last4 else ""
    return f"{f'Plan {name}' if name else 'Plan'}: {in_words(payment.amount_micros)}{by}"


def _beside(payment: Payment, ref: str, amount: int, kind: EntryKind, why: str) -> None:
    """What a plan costs: from the card to the income, past the wallet."""
    postings = {AccountKind.STRIPE: -amount, AccountKind.SUBSCRIPTIONS: amount}
    _post(payment, ref, kind, why, postings)


def _tax(payment: Payment, stripe_id: str, tax: int) -> None:
    """Collected with a payment (above zero), or given back. It is the state's."""
    if tax:
        postings = {AccountKind.STRIPE: -tax, AccountKind.TAXES: tax}
        _post(payment, f"{TAX}{stripe_id}", EntryKind.ADJUSTMENT, "Tax", postings)


def _post(payment: Payment, ref: str, kind: EntryKind, why: str, postings: dict[AccountKind, int]) -> None:
    post(
        tenant_id=payment.tenant_id,
        reference=ref,
        kind=kind,
        why=why,
        postings=postings,
        subject=payment.public_id,
    )


def _taken(payment: Payment, ref: str, kind: EntryKind, amount: int, why: str) -> None:
    take(
        tenant_id=payment.tenant_id,
        reference=ref,
        kind=kind,
        account=AccountKind.STRIPE,
        amount_micros=amount,
        why=why,
        subject=payment.public_id,
    )


def _given(payment: Payment, ref: str, kind: EntryKind, amount: int, why: str) -> None:
    credit(
        tenant=Tenant.objects.get(pk=payment.tenant_id),
        amount_micros=amount,
        why=why,
        kind=kind,
        account=AccountKind.STRIPE,
        reference=ref,
        subject=payment.public_id,
    )
