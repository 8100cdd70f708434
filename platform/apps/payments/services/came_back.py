"""Money that went back: refunds and disputes, as Stripe knows them.

In the tenant's scope, with the payment locked.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from apps.billing.models import Wallet
from apps.payments import telling
from apps.payments.gateway.facts import DisputeFacts, RefundFacts
from apps.payments.models import Dispute, Payment, PaymentKind, Recharge, Refund, RefundState
from apps.payments.money import micros_of
from apps.payments.services import entries
from tenants.ids import from_public

_STATES = {"succeeded": RefundState.SUCCEEDED, "failed": RefundState.FAILED, "canceled": RefundState.FAILED}
_ORDER = [RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED]
"""A refund goes on from one to a later one."""

ASK_AGAIN = timedelta(days=1)
"""After which it is asked what became of a refund that Stripe has not finished."""


def apply_refunds(payment: Payment, found: list[RefundFacts]) -> None:
    """Each refund of the payment, wherever it was asked for."""
    for each in found:
        _apply_refund(payment, each)


def _apply_refund(payment: Payment, found: RefundFacts) -> None:
    row = _row_of(payment, found)
    state = _STATES.get(found.state, RefundState.PENDING)
    if row.stripe_id and _ORDER.index(state) <= _ORDER.index(RefundState(row.state)):
        if row.state == RefundState.PENDING:  # asked about, and not finished yet
            row.next_at = timezone.now() + ASK_AGAIN
            row.save(update_fields=["next_at", "updated_at"])
        return
    if not row.stripe_id:
        row.stripe_id = found.id
        entries.refund_sent(row)
        if not row.asked_here:
            _count(payment, row.amount_micros)
            _keep_from_charging_again(payment)
        telling.refunded(payment, row)
    row.state = state
    row.next_at = timezone.now() + ASK_AGAIN if state == RefundState.PENDING else None
    if state == RefundState.FAILED:
        row.problem = _came_back_in_words(payment)
        entries.refund_came_back(row)
        _count(payment, -row.amount_micros)
        telling.refund_failed(payment, row)
    row.save()


def _came_back_in_words(payment: Payment) -> str:
    if payment.kind == PaymentKind.SUBSCRIPTION:
        return "The bank did not take the money back: ask support to send it otherwise."
    return (
        "The bank did not take the money back. It is in your balance again: use it, or ask support to send it"
        " otherwise."
    )


def undo_refund(payment: Payment, row: Refund, *, words: str) -> None:
    """A refund that was asked for and that Stripe has not got will not be sent: its money is in the wallet
    again. With the payment and the refund locked."""
    row.state, row.next_at = RefundState.FAILED, None
    row.problem = f"{words} The money is in your balance again."[:500]
    row.save(update_fields=["state", "next_at", "problem", "updated_at"])
    entries.refund_undone(row)
    _count(payment, -row.amount_micros)
    telling.refund_failed(payment, row)


def _row_of(payment: Payment, found: RefundFacts) -> Refund:
    """The refund that Stripe speaks of: known by its id there, asked for here, or new to us."""
    known = Refund.objects.filter(payment=payment, stripe_id=found.id).first()
    if known is None and found.ours:
        known = _asked_here(payment, found.ours)
    if known is not None:
        known.payment = payment
        return known
    _make_room(payment, micros_of(found.cents))
    amount, tax = split(payment, micros_of(found.cents))
    made = Refund(payment=payment, asked_here=False, amount_micros=amount, tax_micros=tax)
    made.why = found.reason.replace("_", " ")
    return made


def _make_room(payment: Payment, gross_micros: int) -> None:
    """What was sent back in Stripe's dashboard cannot be sent a second time by a refund that waits here."""
    if gross_micros <= payment.amount_micros - payment.refunded_micros + _tax_left(payment):
        return
    waiting = Refund.objects.filter(payment=payment, state=RefundState.PENDING, stripe_id="")
    for row in waiting.select_for_update(no_key=True):
        row.payment = payment
        undo_refund(payment, row, words="The payment was sent back at the payment provider meanwhile.")


def _asked_here(payment: Payment, text: str) -> Refund | None:
    """The refund with this public id that Stripe was asked for; None for somebody else's note."""
    try:
        ours = from_public(Refund.id_prefix, text)
    except ValueError:
        return None
    waiting = Refund.objects.filter(payment=payment, state=RefundState.PENDING, stripe_id="")
    return waiting.filter(pk=ours).first()


def split(payment: Payment, gross_micros: int) -> tuple[int, int]:
    """What of an amount that goes back was the wallet's, and what tax. The last one leaves nothing over."""
    left, tax_left = payment.amount_micros - payment.refunded_micros, _tax_left(payment)
    if gross_micros >= left + tax_left:
        return left, gross_micros - left
    tax = min(gross_micros * payment.tax_micros // payment.total_micros, tax_left)
    amount = min(gross_micros - tax, left)
    return amount, gross_micros - amount


def tax_with(payment: Payment, amount_micros: int) -> int:
    """The tax that goes back to the card with `amount_micros` of the wallet, to the cent; with all that is
    left of the payment, all that is left of its tax."""
    left = _tax_left(payment)
    if amount_micros == payment.amount_micros - payment.refunded_micros:
        return left
    cent = micros_of(1)
    return min(left, amount_micros * payment.tax_micros // payment.amount_micros // cent * cent)


def _tax_left(payment: Payment) -> int:
    back = Refund.objects.filter(payment=payment).exclude(state=RefundState.FAILED)
    return payment.tax_micros - sum(back.values_list("tax_micros", flat=True))


def apply_disputes(payment: Payment, found: list[DisputeFacts]) -> None:
    """Each dispute of the payment, with what it has moved so far."""
    for each in found:
        _apply_dispute(payment, each)


def _apply_dispute(payment: Payment, found: DisputeFacts) -> None:
    row = Dispute.objects.filter(stripe_id=found.id).first()
    new = row is None
    row = row or Dispute(payment=payment, stripe_id=found.id, amount_micros=micros_of(found.cents))
    before = (row.state, row.withdrawn_micros, row.returned_micros)
    had_taken = row.withdrawn_micros > 0
    withdrawn = -sum(cents for _, cents in found.moved if cents < 0)
    returned = sum(cents for _, cents in found.moved if cents > 0)
    row.reason, row.evidence_due_at = found.reason, found.due_at
    row.withdrawn_micros = max(row.withdrawn_micros, micros_of(withdrawn))
    row.returned_micros = max(row.returned_micros, micros_of(returned))
    if _RANK.get(found.state, 1) >= _RANK.get(row.state, 0):
        row.state = found.state
    row.save()
    for movement_id, cents in found.moved:
        _move(payment, movement_id, micros_of(cents))
    _note_disputed(payment)
    if new or before != (row.state, row.withdrawn_micros, row.returned_micros):
        telling.disputed(payment, row, mailed=new or (row.withdrawn_micros > 0 and not had_taken))
    if new:
        _pause_recharge(
            "A payment is disputed, so the card is not charged by itself. Settle that, then turn this on"
            " again."
        )


def _keep_from_charging_again(payment: Payment) -> None:
    """What staff have sent back to the card would be charged again at once."""
    recharge = Recharge.objects.filter(enabled=True, paused_at=None).first()
    if recharge and Wallet.objects.get(tenant=payment.tenant_id).available_micros < recharge.threshold_micros:
        _pause_recharge(
            "A payment was sent back to the card, so it is not charged by itself. Turn this on again, or top"
            " up by hand."
        )


def _pause_recharge(words: str) -> None:
    now = timezone.now()
    Recharge.objects.filter(enabled=True, paused_at=None).update(paused_at=now, problem=words, updated_at=now)


_RANK = {
    "warning_needs_response": 1,
    "warning_under_review": 2,
    "warning_closed": 3,
    "needs_response": 4,
    "under_review": 5,
    "prevented": 6,
    "won": 6,
    "lost": 6,
}
"""A dispute goes on from one to a later one."""


def _move(payment: Payment, movement_id: str, gross_micros: int) -> None:
    sign = -1 if gross_micros < 0 else 1
    tax = abs(gross_micros) * payment.tax_micros // payment.total_micros
    amount = abs(gross_micros) - tax
    entries.dispute_moved(payment, movement_id, amount_micros=sign * amount, tax_micros=sign * tax)


def _note_disputed(payment: Payment) -> None:
    rows = Dispute.objects.filter(payment=payment).values_list("withdrawn_micros", "returned_micros")
    gone = sum(withdrawn - returned for withdrawn, returned in rows)
    payment.disputed_micros = gone - gone * payment.tax_micros // payment.total_micros
    payment.save(update_fields=["disputed_micros", "updated_at"])


def _count(payment: Payment, amount_micros: int) -> None:
    payment.refunded_micros += amount_micros
    payment.save(update_fields=["refunded_micros", "updated_at"])
