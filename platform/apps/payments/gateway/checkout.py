"""Stripe's own pages on which people pay, save a card and subscribe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from stripe.params.checkout import SessionCreateParams

from apps.payments.gateway import facts
from apps.payments.gateway.client import asking, key, plain
from apps.payments.gateway.facts import PAYMENT, PLAN, SessionFacts
from apps.payments.money import CURRENCY


@dataclass(frozen=True, slots=True)
class Back:
    """Where the browser goes from the page."""

    done_url: str
    left_url: str


def top_up(
    *, payment: str, customer_id: str, cents: int, product: str, save_card: bool, until: datetime, back: Back
) -> SessionFacts:
    """A page that takes `cents` until that time (30 minutes to 24 hours from now); asked again for the same
    `payment`, the same page."""
    params: SessionCreateParams = {
        "mode": "payment",
        "customer": customer_id,
        "client_reference_id": payment,
        "metadata": {PAYMENT: payment},
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": CURRENCY,
                    "unit_amount": cents,
                    "product_data": {"name": product},
                },
            }
        ],
        "payment_intent_data": {"metadata": {PAYMENT: payment}, "description": product},
        "invoice_creation": {"enabled": True, "invoice_data": {"metadata": {PAYMENT: payment}}},
        "adaptive_pricing": {"enabled": False},  # a balance in dollars is paid in dollars
        "expires_at": int(until.timestamp()),
        "success_url": back.done_url,
        "cancel_url": back.left_url,
    }
    if save_card:
        params["payment_intent_data"]["setup_future_usage"] = "off_session"
    _taxed(params)
    return _made(params, f"top-up-{payment}-{customer_id}")


def save_card(*, name: str, customer_id: str, back: Back) -> SessionFacts:
    """A page that saves a card without charging it; `name`: of this visit."""
    params: SessionCreateParams = {
        "mode": "setup",
        "customer": customer_id,
        "currency": CURRENCY,
        "success_url": back.done_url,
        "cancel_url": back.left_url,
    }
    if settings.STRIPE_AUTOMATIC_TAX:  # without an address no invoice can be made of what it pays
        params["billing_address_collection"] = "required"
        params["customer_update"] = {"address": "auto"}
    return _made(params, f"save-card-{name}")


def subscribe(*, name: str, customer_id: str, price_id: str, plan: str, back: Back) -> SessionFacts:
    """A page that begins a subscription; `name`: of this visit."""
    params: SessionCreateParams = {
        "mode": "subscription",
        "customer": customer_id,
        "line_items": [{"quantity": 1, "price": price_id}],
        "subscription_data": {"metadata": {PLAN: plan}},
        "success_url": back.done_url,
        "cancel_url": back.left_url,
    }
    _taxed(params)
    return _made(params, f"subscribe-{name}")


def session(session_id: str) -> SessionFacts:
    with asking() as stripe:
        return facts.session(plain(stripe.v1.checkout.sessions.retrieve(session_id)))


def expire(session_id: str) -> None:
    """Nobody can pay there any more. StripeRefused when somebody has."""
    with asking() as stripe:
        stripe.v1.checkout.sessions.expire(session_id, options=key(f"expire-{session_id}"))


def _taxed(params: SessionCreateParams) -> None:
    if settings.STRIPE_AUTOMATIC_TAX:
        params["automatic_tax"] = {"enabled": True}
        # Where the customer is, and what its tax number is, is asked for on the page.
        params["customer_update"] = {"address": "auto", "name": "auto"}
        params["tax_id_collection"] = {"enabled": True}


def _made(params: SessionCreateParams, name: str) -> SessionFacts:
    with asking() as stripe:
        return facts.session(plain(stripe.v1.checkout.sessions.create(params=params, options=key(name))))
