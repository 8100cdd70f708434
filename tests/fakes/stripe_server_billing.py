"""What a Stripe account bills: invoices and subscriptions. Money in cents."""

from __future__ import annotations

import time
from typing import Any

from tests.fakes.stripe_server_shapes import Object, list_object
from tests.fakes.stripe_server_state import Refusal, StripeAccount

MONTH_S = 30 * 24 * 3600


class BillingAccount(StripeAccount):
    """A Stripe account that uses its billing."""

    # --- Invoices ----------------------------------------------------------------------------------
    def new_invoice(self, customer: str, **fields: Any) -> Object:
        made = self.add("invoice", customer=customer, currency="usd", status="draft", **fields)
        made["lines"] = list_object(f"/v1/invoices/{made['id']}/lines", [])
        return made

    def add_item(
        self, invoice: Object, cents: int, description: str, subscription: str | None = None
    ) -> Object:
        line = {
            "id": f"il_{len(self.objects)}",
            "object": "line_item",
            "amount": cents,
            "currency": "usd",
            "description": description,
            "subscription": subscription,
            "invoice": invoice["id"],
        }
        invoice["lines"]["data"].append(line)
        subtotal = sum(each["amount"] for each in invoice["lines"]["data"])
        tax = subtotal * self.tax_percent // 100 if invoice["automatic_tax"].get("enabled") else 0
        total = subtotal + tax
        invoice.update(subtotal=subtotal, total=total, amount_due=total, amount_remaining=total)
        invoice.update(
            total_excluding_tax=subtotal, total_taxes=[{"amount": tax, "tax_behavior": "exclusive"}]
        )
        return line

    def finalize(self, invoice: Object) -> Object:
        if invoice["status"] != "draft":
            raise Refusal("This invoice is already finalized, you can't re-finalize a non-draft invoice.")
        self._find_tax_location(invoice)
        invoice.update(
            status="open",
            number=f"TRK-{len(self.all('invoice')):04}",
            hosted_invoice_url=f"{self.url}/i/{invoice['id']}",
            invoice_pdf=f"{self.url}/i/{invoice['id']}/pdf",
        )
        self._take_credit(invoice)
        if invoice["amount_due"]:
            intent = self.new_intent(
                invoice["amount_due"], invoice["customer"], invoice["metadata"], invoice["description"]
            )
            self.link(invoice, intent)
        else:
            self._paid(invoice)
        self.tell("invoice.finalized", invoice)
        return invoice

    def _take_credit(self, invoice: Object) -> None:
        """A customer's balance below zero is credit, which pays invoices first; what an invoice is below zero
        becomes credit."""
        customer = self.get("customer", invoice["customer"])
        before = customer["balance"]
        due = max(0, invoice["total"] + before)
        customer["balance"] = before + invoice["total"] - due
        invoice.update(starting_balance=before, ending_balance=customer["balance"])
        invoice.update(amount_due=due, amount_remaining=due)

    def delete_invoice(self, invoice: Object) -> Object:
        if invoice["status"] != "draft":
            raise Refusal("You can only delete draft invoices.")
        del self.objects[invoice["id"]]
        self.tell("invoice.deleted", invoice)
        return {"id": invoice["id"], "object": "invoice", "deleted": True}

    def _find_tax_location(self, invoice: Object) -> None:
        if (
            invoice["automatic_tax"].get("enabled")
            and not self.get("customer", invoice["customer"])["address"]
        ):
            raise Refusal(
                "The customer's location isn't recognized. Set a valid customer address in order to"
                " automatically calculate tax.",
                code="customer_tax_location_invalid",
            )

    def link(self, invoice: Object, intent: Object) -> None:
        self.add(
            "invoice_payment",
            invoice=invoice["id"],
            amount_requested=intent["amount"],
            currency="usd",
            payment={"type": "payment_intent", "payment_intent": intent["id"]},
            status="open",
        )

    def intent_of(self, invoice: Object) -> Object:
        (link,) = self.all("invoice_payment", invoice=invoice["id"])
        return self.get("payment_intent", link["payment"]["payment_intent"])

    def pay_invoice(
        self, invoice: Object, method: str | None, *, on_session: bool = False, authenticated: bool = False
    ) -> Object:
        """Raises Refusal (402) when the card does not pay."""
        if invoice["status"] == "paid":
            raise Refusal("Invoice is already paid", code="invoice_already_paid")
        if invoice["status"] != "open":
            raise Refusal(f"This invoice can no longer be paid: it is {invoice['status']}.")
        method = method or self.default_card(invoice["customer"])
        if method is None:
            raise Refusal(
                "There is no default_payment_method set on this Customer or Invoice.", code="missing"
            )
        invoice["attempted"], invoice["attempt_count"] = True, invoice["attempt_count"] + 1
        intent = self.intent_of(invoice)
        status = self.confirm(intent, method, authenticated=authenticated, on_session=on_session)
        if status == "processing":
            return invoice
        if status != "succeeded":
            self.tell("invoice.payment_failed", invoice)
            error = dict(intent["last_payment_error"] or {"message": "Authentication is needed."})
            error["payment_intent"] = dict(intent)
            raise Refusal(
                str(error.pop("message")), status=402, **{k: v for k, v in error.items() if k != "type"}
            )
        self._paid(invoice)
        return invoice

    def _paid(self, invoice: Object) -> None:
        invoice.update(status="paid", amount_paid=invoice["amount_due"], amount_remaining=0)
        for link in self.all("invoice_payment", invoice=invoice["id"]):
            link.update(status="paid", amount_paid=invoice["amount_due"])
        subscription = self.objects.get(_subscription_of(invoice) or "")
        if subscription is not None and subscription["status"] in ("incomplete", "past_due"):
            subscription["status"] = "active"
            self.tell("customer.subscription.updated", subscription)
        self.tell("invoice.paid", invoice)

    def void(self, invoice: Object) -> Object:
        if invoice["status"] not in ("open", "uncollectible"):
            raise Refusal(f"You can only pass in open invoices. This invoice is {invoice['status']}.")
        invoice["status"] = "void"
        intent = self.intent_of(invoice)
        intent["status"] = "canceled"
        self.tell("invoice.voided", invoice)
        return invoice

    def delete_customer(self, customer_id: str) -> Object:
        """With its subscriptions; of the customer itself Stripe knows only that it is gone."""
        customer = self.get("customer", customer_id)
        for subscription in self.all("subscription", customer=customer_id):
            if subscription["status"] != "canceled":
                self.end_subscription(subscription)
        self.tell("customer.deleted", customer)
        gone = {"id": customer_id, "object": "customer", "deleted": True}
        self.objects[customer_id] = gone
        return gone

    def default_card(self, customer: str) -> str | None:
        return self.get("customer", customer)["invoice_settings"].get("default_payment_method")

    # --- Subscriptions -------------------------------------------------------------------------------
    def new_subscription(self, customer: str, price: Object, metadata: Object, *, taxed: bool) -> Object:
        now = int(time.time())
        made = self.add(
            "subscription",
            customer=customer,
            status="incomplete",
            metadata=dict(metadata),
            currency="usd",
            collection_method="charge_automatically",
            start_date=now,
            billing_cycle_anchor=now,
            automatic_tax={"enabled": taxed},
        )
        item = self.add(
            "subscription_item",
            price=price,
            subscription=made["id"],
            current_period_start=now,
            current_period_end=now + MONTH_S,
        )
        made["items"] = list_object(f"/v1/subscription_items?subscription={made['id']}", [item])
        return made

    def bill(self, subscription: Object, reason: str, cents: int | None = None) -> Object:
        """Its next invoice, finalized and not yet paid."""
        item = subscription["items"]["data"][0]
        invoice = self.new_invoice(
            subscription["customer"], billing_reason=reason, automatic_tax=dict(subscription["automatic_tax"])
        )
        invoice["parent"] = {
            "type": "subscription_details",
            "quote_details": None,
            "subscription_details": {
                "subscription": subscription["id"],
                "metadata": subscription["metadata"],
            },
        }
        self.add_item(
            invoice, item["price"]["unit_amount"] if cents is None else cents, "Plan", subscription["id"]
        )
        subscription["latest_invoice"] = invoice["id"]
        self.finalize(invoice)
        return invoice

    def renew(self, subscription_id: str) -> Object:
        """A month later: the next period begins, and its invoice is paid, or is not."""
        found = self.get("subscription", subscription_id)
        item = found["items"]["data"][0]
        if found["cancel_at_period_end"]:
            return self.end_subscription(found)
        item["current_period_start"] = item["current_period_end"]
        item["current_period_end"] += MONTH_S
        invoice = self.bill(found, "subscription_cycle")
        try:
            self.pay_invoice(invoice, found["default_payment_method"])
        except Refusal:
            found["status"] = "past_due"
        self.tell("customer.subscription.updated", found)
        return found

    def end_subscription(self, found: Object) -> Object:
        now = int(time.time())
        found.update(status="canceled", canceled_at=now, ended_at=now, cancel_at_period_end=False)
        self.tell("customer.subscription.deleted", found)
        return found


def _subscription_of(invoice: Object) -> str | None:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    return details.get("subscription")
