"""What a Stripe account holds, and what happens to it: payments, refunds, disputes, subscriptions, balance.

Nothing here knows of HTTP. Money in cents. `Refusal` is an answer of 400 or 402 as Stripe words it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.stripe_server_shapes import Object, list_object, new_object

API_VERSION = "2026-10-28.endive"
FEE_CENTS = 30

DECLINES = {
    "4000000000000002": ("card_declined", "generic_decline", "Your card was declined."),
    "4000000000009995": ("card_declined", "insufficient_funds", "Your card has insufficient funds."),
    "4000000000009987": ("card_declined", "lost_card", "Your card was declined."),
    "4000000000009979": ("card_declined", "stolen_card", "Your card was declined."),
    "4000000000000069": ("expired_card", "expired_card", "Your card has expired."),
    "4000000000000127": ("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."),
    "4000000000000119": (
        "processing_error",
        "processing_error",
        "An error occurred with your card.",
    ),
    # Can be saved, and is declined when it is to pay.
    "4000000000000341": ("card_declined", "generic_decline", "Your card was declined."),
}
"""Cards that decline: code, decline_code, message (docs.stripe.com/testing)."""

GOOD = "4242424242424242"
SAVED_BUT_DECLINES = "4000000000000341"
ASKS_ALWAYS = "4000002760003184"
"""Wants its holder to authenticate each payment: off-session ones fail."""
ASKS_ONCE = "4000002500003155"
"""Wants it once, when it is saved."""
WILL_DISPUTE = "4000000000000259"
BANK = "000123456789"
"""No card but an account at a bank, which takes days (`settle`)."""
ASKING = {ASKS_ALWAYS, ASKS_ONCE}
BRANDS = {"4": "visa", "5": "mastercard", "3": "amex"}


class Refusal(Exception):
    def __init__(self, message: str, *, status: int = 400, **error: Any) -> None:
        super().__init__(message)
        self.status = status
        kind = "card_error" if status == 402 else "invalid_request_error"
        self.error = {"type": kind, "message": message} | error


def missing(kind: str, text: str) -> Refusal:
    return Refusal(f"No such {kind}: '{text}'", status=404, code="resource_missing", param="id")


@dataclass
class StripeAccount:
    """`objects` by id, in the order they were made; `events`, the oldest first; `tax_percent`: what automatic
    tax adds."""

    url: str = ""
    tax_percent: int = 0
    settles_in: str = "usd"
    """The currency of its balance, of which there are so many for a hundred dollars:"""
    per_hundred: int = 100
    refunds_wait: bool = False
    """For the account's balance, which has not got so much."""
    objects: dict[str, Object] = field(default_factory=dict)
    events: list[Object] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    """The card number behind each payment method."""
    behind: dict[str, Object] = field(default_factory=dict)
    """What the page of each Checkout session is to make, by the session's id."""
    asks_address: dict[str, bool] = field(default_factory=dict)
    """Whether the page of a session asks where the customer is, and keeps it."""

    # --- Objects ---------------------------------------------------------------------------------
    def add(self, kind: str, **fields: Any) -> Object:
        made = new_object(kind, **fields)
        if "created" in made:
            made["created"] = int(time.time())
        self.objects[made["id"]] = made
        return made

    def get(self, kind: str, text: str) -> Object:
        found = self.objects.get(text)
        if found is None or found["object"] != kind:
            raise missing(kind, text)
        return found

    def all(self, kind: str, **wanted: Any) -> list[Object]:
        """Newest first, those whose fields are as `wanted`."""
        rows = [o for o in self.objects.values() if o["object"] == kind]
        return [o for o in reversed(rows) if all(o.get(k) == v for k, v in wanted.items())]

    def tell(self, kind: str, about: Object, before: Object | None = None) -> Object:
        event = new_object("event", type=kind, created=int(time.time()), api_version=API_VERSION)
        event["data"] = {"object": dict(about)} | ({"previous_attributes": before} if before else {})
        event["request"] = {"id": None, "idempotency_key": None}
        self.events.append(event)
        return event

    # --- Cards -----------------------------------------------------------------------------------
    def new_card(self, number: str, customer: str | None = None) -> Object:
        card = {
            "brand": BRANDS.get(number[0], "unknown"),
            "last4": number[-4:],
            "exp_month": 12,
            "exp_year": 2034,
            "country": "US",
            "funding": "credit",
            "fingerprint": f"fp{number[-8:]}",
        }
        kind = {"type": "us_bank_account"} if number == BANK else {"type": "card", "card": card}
        made = self.add("payment_method", customer=customer, **kind)
        self.numbers[made["id"]] = number
        return made

    def save_card(self, customer: str, number: str = GOOD, *, default: bool = True) -> Object:
        """As the customer portal does."""
        made = self.new_card(number, customer)
        if default:
            self.get("customer", customer)["invoice_settings"] |= {"default_payment_method": made["id"]}
            self.tell("customer.updated", self.get("customer", customer))
        return made

    def detach(self, method: str) -> Object:
        card = self.get("payment_method", method)
        owner = self.objects.get(card["customer"] or "")
        if owner is None:
            raise Refusal(
                "The payment method is not attached to a customer.", code="payment_method_unexpected_state"
            )
        if owner["invoice_settings"].get("default_payment_method") == method:
            owner["invoice_settings"]["default_payment_method"] = None
        card["customer"] = None
        self.tell("payment_method.detached", card, {"customer": owner["id"]})
        return card

    # --- Payments --------------------------------------------------------------------------------
    def new_intent(
        self, cents: int, customer: str | None, metadata: Object, description: str | None = None
    ) -> Object:
        return self.add(
            "payment_intent",
            amount=cents,
            currency="usd",
            customer=customer,
            metadata=dict(metadata),
            status="requires_payment_method",
            payment_method_types=["card"],
            description=description,
            capture_method="automatic_async",
            confirmation_method="automatic",
        )

    def confirm(self, intent: Object, method: str, *, authenticated: bool, on_session: bool) -> str:
        """Tries to pay; the intent's status then. `authenticated`: its holder has proven to be it."""
        number = self.numbers[method]
        intent["payment_method"] = method
        asks = number == ASKS_ALWAYS or (number == ASKS_ONCE and on_session)
        if asks and not authenticated:
            return self._wants_authentication(intent, on_session)
        decline = DECLINES.get(number)
        if decline:
            return self._declined(intent, *decline)
        if number == BANK:
            intent.update(status="processing", last_payment_error=None)
            self.tell("payment_intent.processing", intent)
            return "processing"
        return self._paid_by(intent, number)

    def settle(self, intent_id: str, *, paid: bool) -> str:
        """What a bank says of a payment days later; the intent's status then."""
        intent = self.get("payment_intent", intent_id)
        if paid:
            return self._paid_by(intent, self.numbers[intent["payment_method"]])
        return self._declined(
            intent, "insufficient_funds", "insufficient_funds", "The account has insufficient funds."
        )

    def _paid_by(self, intent: Object, number: str) -> str:
        charge = self._charge(intent, number)
        intent.update(
            status="succeeded",
            amount_received=intent["amount"],
            latest_charge=charge["id"],
            last_payment_error=None,
            next_action=None,
        )
        self.tell("charge.succeeded", charge)
        self.tell("payment_intent.succeeded", intent)
        if number == WILL_DISPUTE:
            self.dispute(charge["id"])
        return "succeeded"

    def _wants_authentication(self, intent: Object, on_session: bool) -> str:
        if on_session:
            intent.update(status="requires_action", next_action={"type": "use_stripe_sdk"})
            self.tell("payment_intent.requires_action", intent)
            return "requires_action"
        return self._declined(
            intent,
            "authentication_required",
            "authentication_required",
            "Your card was declined. This transaction requires authentication.",
        )

    def _declined(self, intent: Object, code: str, decline: str, message: str) -> str:
        charge = self._charge(intent, self.numbers[intent["payment_method"]], failure=(code, message))
        error = {"type": "card_error", "code": code, "decline_code": decline, "message": message}
        intent.update(
            status="requires_payment_method",
            latest_charge=charge["id"],
            last_payment_error=error,
            next_action=None,
        )
        self.tell("charge.failed", charge)
        self.tell("payment_intent.payment_failed", intent)
        return "requires_payment_method"

    def _charge(self, intent: Object, number: str, failure: tuple[str, str] | None = None) -> Object:
        cents = intent["amount"]
        method = self.get("payment_method", intent["payment_method"])
        kind, card = method["type"], method["card"] or {"brand": None, "last4": number[-4:]}
        charge = self.add(
            "charge",
            amount=cents,
            currency="usd",
            customer=intent["customer"],
            metadata=dict(intent["metadata"]),
            payment_intent=intent["id"],
            payment_method=intent["payment_method"],
            payment_method_details={
                "type": kind,
                kind: {name: card[name] for name in ("brand", "last4") if card[name]},
            },
            status="failed" if failure else "succeeded",
            description=intent["description"],
        )
        charge["refunds"] = list_object(f"/v1/charges/{charge['id']}/refunds", [])
        if failure:
            charge.update(failure_code=failure[0], failure_message=failure[1])
            return charge
        charge.update(
            paid=True, captured=True, amount_captured=cents, receipt_url=f"{self.url}/r/{charge['id']}"
        )
        charge["balance_transaction"] = self.book("charge", cents, charge["id"], fee=FEE_CENTS)["id"]
        return charge

    def book(self, kind: str, cents: int, source: str, fee: int = 0, category: str = "") -> Object:
        cents = cents * self.per_hundred // 100
        return self.add(
            "balance_transaction",
            amount=cents,
            currency=self.settles_in,
            fee=fee,
            net=cents - fee,
            source=source,
            type=kind,
            reporting_category=category or kind,
            status="available",
            available_on=int(time.time()),
            balance_type="payments",
        )

    # --- Money that goes back ----------------------------------------------------------------------
    def refund(self, charge_id: str, cents: int | None = None, metadata: Object | None = None) -> Object:
        charge = self.get("charge", charge_id)
        left = charge["amount_captured"] - charge["amount_refunded"]
        cents = left if cents is None else cents
        if charge["disputed"]:
            raise Refusal(
                f"Charge {charge_id} has been charged back; cannot issue a refund.", code="charge_disputed"
            )
        if not left:
            raise Refusal(f"Charge {charge_id} has already been refunded.", code="charge_already_refunded")
        if not 0 < cents <= left:
            raise Refusal(f"Refund amount (${cents / 100:.2f}) is greater than unrefunded amount on charge")
        refund = self.add(
            "refund",
            amount=cents,
            currency="usd",
            charge=charge_id,
            payment_intent=charge["payment_intent"],
            status="pending" if self.refunds_wait else "succeeded",
            metadata=dict(metadata or {}),
        )
        refund["balance_transaction"] = self.book("refund", -cents, refund["id"])["id"]
        charge["amount_refunded"] += cents
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self.tell("refund.created", refund)
        self.tell("charge.refunded", charge)
        return refund

    def fail_refund(self, refund_id: str) -> None:
        """The bank sends it back, days later."""
        refund = self.get("refund", refund_id)
        refund["status"] = "failed"
        self.book("refund_failure", refund["amount"], refund_id)
        charge = self.get("charge", refund["charge"])
        charge.update(amount_refunded=charge["amount_refunded"] - refund["amount"], refunded=False)
        self.tell("refund.failed", refund)

    def dispute(self, charge_id: str, *, reason: str = "fraudulent", withdraws: bool = True) -> Object:
        """`withdraws` False: only an inquiry so far."""
        charge = self.get("charge", charge_id)
        charge["disputed"] = True
        made = self.add(
            "dispute",
            amount=charge["amount"],
            currency="usd",
            charge=charge_id,
            reason=reason,
            payment_intent=charge["payment_intent"],
            status="needs_response" if withdraws else "warning_needs_response",
        )
        made["evidence_details"] = {"due_by": int(time.time()) + 7 * 86400, "has_evidence": False}
        self.tell("charge.dispute.created", made)
        if withdraws:
            booked = self.book("adjustment", -charge["amount"], made["id"], fee=1500, category="dispute")
            made["balance_transactions"].append(booked)
            self.tell("charge.dispute.funds_withdrawn", made)
        return made

    def escalate(self, dispute_id: str) -> None:
        """The bank takes the money that it had only asked about."""
        found = self.get("dispute", dispute_id)
        found["status"] = "needs_response"
        booked = self.book("adjustment", -found["amount"], dispute_id, fee=1500, category="dispute")
        found["balance_transactions"].append(booked)
        self.tell("charge.dispute.funds_withdrawn", found)

    def close_dispute(self, dispute_id: str, *, won: bool) -> None:
        found = self.get("dispute", dispute_id)
        found["status"] = "won" if won else "lost"
        if won:
            booked = self.book("adjustment", found["amount"], dispute_id, category="dispute_reversal")
            found["balance_transactions"].append(booked)
            self.tell("charge.dispute.funds_reinstated", found)
        self.tell("charge.dispute.closed", found)
