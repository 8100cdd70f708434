"""Customers at Stripe, their cards, and the portal where they change them."""

from __future__ import annotations

from apps.payments.gateway import facts
from apps.payments.gateway.client import asking, key, plain
from apps.payments.gateway.facts import Card, CustomerFacts
from tenants.ids import to_public
from tenants.models import Tenant


def make_customer(tenant: Tenant, *, email: str, after: str = "") -> str:
    """The id of the tenant's customer; the same when it is asked for again. `after`: the one that Stripe has
    deleted."""
    with asking() as stripe:
        made = stripe.v1.customers.create(
            params={
                "name": tenant.name,
                "email": email,
                "metadata": {"tenant": to_public(Tenant.id_prefix, tenant.pk)},
            },
            options=key(f"customer-{tenant.pk.hex}-{after}" if after else f"customer-{tenant.pk.hex}"),
        )
    return str(made.id)


def customer(customer_id: str) -> CustomerFacts:
    with asking() as stripe:
        found = stripe.v1.customers.retrieve(
            customer_id, params={"expand": ["invoice_settings.default_payment_method"]}
        )
    return facts.customer(plain(found))


def card(card_id: str) -> Card:
    with asking() as stripe:
        return facts.card(plain(stripe.v1.payment_methods.retrieve(card_id)))


def delete_customer(customer_id: str) -> None:
    """With its cards and subscriptions, for good. StripeRefused for one that is not there."""
    with asking() as stripe:
        stripe.v1.customers.delete(customer_id, options=key(f"delete-{customer_id}"))


def saved_by(setup_intent_id: str) -> str:
    """The id of the card that a SetupIntent has saved; empty when it has not."""
    with asking() as stripe:
        found = stripe.v1.setup_intents.retrieve(setup_intent_id)
    return str(found.payment_method or "") if found.status == "succeeded" else ""


def method_of(intent_id: str) -> str:
    """The id of the card of a payment that saves it; empty of one that does not."""
    with asking() as stripe:
        found = stripe.v1.payment_intents.retrieve(intent_id)
    return str(found.payment_method or "") if found.setup_future_usage else ""


def choose_card(customer_id: str, card_id: str, *, name: str) -> None:
    """That card is charged from now on when nobody is there; `name`: of this choice."""
    with asking() as stripe:
        stripe.v1.customers.update(
            customer_id,
            params={"invoice_settings": {"default_payment_method": card_id}},
            options=key(f"choose-{name}"),
        )


def forget_card(card_id: str) -> None:
    with asking() as stripe:
        stripe.v1.payment_methods.detach(card_id, options=key(f"forget-{card_id}"))


def portal(customer_id: str, *, back_url: str, name: str) -> str:
    """The address of a portal for a person who is here now; `name`: of this visit."""
    with asking() as stripe:
        made = stripe.v1.billing_portal.sessions.create(
            params={"customer": customer_id, "return_url": back_url}, options=key(f"portal-{name}")
        )
    return str(made.url)
