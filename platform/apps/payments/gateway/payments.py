"""PaymentIntents, and what came back of them."""

from __future__ import annotations

from itertools import islice

from apps.payments.gateway import facts
from apps.payments.gateway.client import asking, key, plain
from apps.payments.gateway.facts import REFUND, DisputeFacts, IntentFacts, RefundFacts

MOST = 100


def intent(intent_id: str) -> IntentFacts:
    with asking() as stripe:
        found = stripe.v1.payment_intents.retrieve(intent_id, params={"expand": ["latest_charge"]})
    return facts.intent(plain(found))


def refunds_of(intent_id: str) -> list[RefundFacts]:
    """The oldest first."""
    with asking() as stripe:
        rows = stripe.v1.refunds.list(params={"payment_intent": intent_id, "limit": MOST})
        return [facts.refund(plain(row)) for row in islice(rows.auto_paging_iter(), 10 * MOST)][::-1]


def disputes_of(intent_id: str) -> list[DisputeFacts]:
    with asking() as stripe:
        rows = stripe.v1.disputes.list(params={"payment_intent": intent_id, "limit": MOST})
        return [facts.dispute(plain(row)) for row in rows.data]


def give_back(intent_id: str, *, refund: str, cents: int) -> RefundFacts:
    """Sends `cents` back to the card, once for each `refund`."""
    with asking() as stripe:
        made = stripe.v1.refunds.create(
            params={"payment_intent": intent_id, "amount": cents, "metadata": {REFUND: refund}},
            options=key(f"refund-{refund}"),
        )
    return facts.refund(plain(made))


def intent_behind(source: str) -> str:
    """The id of the PaymentIntent of a charge, a refund or a dispute; empty of anything else."""
    with asking() as stripe:
        if source.startswith(("ch_", "py_")):
            found = stripe.v1.charges.retrieve(source).payment_intent
        elif source.startswith(("re_", "pyr_")):
            found = stripe.v1.refunds.retrieve(source).payment_intent
        elif source.startswith(("dp_", "du_")):
            found = stripe.v1.disputes.retrieve(source).payment_intent
        else:
            return ""
    return str(found or "")
