"""Subscriptions at Stripe, and the prices of our plans there."""

from __future__ import annotations

from apps.payments.gateway import facts
from apps.payments.gateway.client import asking, key, plain
from apps.payments.gateway.facts import PLAN, SubscriptionFacts
from apps.payments.money import CURRENCY


def price_of_plan(*, code: str, name: str, cents: int) -> str:
    """The id of the monthly price; made when there is none of this plan and amount yet."""
    lookup = f"trunkline-{code}-{cents}"
    with asking() as stripe:
        found = stripe.v1.prices.list(params={"lookup_keys": [lookup], "limit": 1}).data
        if found:
            return str(found[0].id)
        made = stripe.v1.prices.create(
            params={
                "currency": CURRENCY,
                "unit_amount": cents,
                "recurring": {"interval": "month"},
                "lookup_key": lookup,
                "product_data": {"name": name},
            },
            options=key(f"price-{lookup}"),
        )
    return str(made.id)


def subscription(subscription_id: str) -> SubscriptionFacts:
    with asking() as stripe:
        return facts.subscription(plain(stripe.v1.subscriptions.retrieve(subscription_id)))


def change(found: SubscriptionFacts, *, price_id: str, plan: str, name: str) -> None:
    """To another plan, at once: what is left of the month is paid or counted. CardRefused when the card does
    not pay the difference; then nothing has changed."""
    with asking() as stripe:
        stripe.v1.subscriptions.update(
            found.id,
            params={
                "items": [{"id": found.item_id, "price": price_id}],
                "proration_behavior": "always_invoice",
                "payment_behavior": "error_if_incomplete",
                "cancel_at_period_end": False,
                "metadata": {PLAN: plan},
            },
            options=key(f"change-{name}"),
        )


def end_with_period(subscription_id: str, *, ends: bool, name: str) -> None:
    """It ends with the month that is paid; or goes on after all."""
    with asking() as stripe:
        stripe.v1.subscriptions.update(
            subscription_id, params={"cancel_at_period_end": ends}, options=key(f"ends-{name}")
        )


def pay_with_customers_card(found: SubscriptionFacts, *, name: str) -> None:
    """From now on it is paid with whatever card the customer has chosen last; `name`: of this change."""
    with asking() as stripe:
        stripe.v1.subscriptions.update(
            found.id,
            params={"default_payment_method": ""},
            options=key(f"customers-card-{found.id}-{name}"),
        )


def cancel(subscription_id: str, *, paid: bool) -> None:
    """At once; what is left of a month that was `paid` is kept for the customer's next invoice."""
    with asking() as stripe:
        stripe.v1.subscriptions.cancel(
            subscription_id,
            params={"prorate": paid, "invoice_now": paid},
            options=key(f"cancel-{subscription_id}"),
        )
