"""The endpoints of Stripe's API that we use. What is not here is answered 404, what is wrong 400."""

from __future__ import annotations

import re
import time
from typing import Any

from tests.fakes.stripe_server_billing import BillingAccount
from tests.fakes.stripe_server_shapes import Object, kind_of_id, list_object
from tests.fakes.stripe_server_state import Refusal

LISTED = {
    "payment_methods": "payment_method",
    "payment_intents": "payment_intent",
    "refunds": "refund",
    "disputes": "dispute",
    "invoices": "invoice",
    "invoice_payments": "invoice_payment",
    "prices": "price",
    "subscriptions": "subscription",
    "balance_transactions": "balance_transaction",
    "events": "event",
    "checkout/sessions": "checkout.session",
    "customers": "customer",
    "charges": "charge",
    "setup_intents": "setup_intent",
    "billing_portal/sessions": "billing_portal.session",
}
DAY_S = 24 * 3600
LEAST_CENTS = 50


class StripeApi:
    """`do` is one request."""

    def __init__(self, account: BillingAccount) -> None:
        self.account = account

    def do(self, method: str, path: str, given: Object) -> Object:
        expand = given.pop("expand", [])
        rest = path.removeprefix("/v1/")
        for pattern, verb, name in _ROUTES:
            match = re.fullmatch(pattern, rest)
            if match and verb == method:
                answer: Object = getattr(self, name)(*match.groups(), given=given)
                return self._expanded(answer, expand)
        raise Refusal(f"Unrecognized request URL ({method}: {path})", status=404)

    # --- Reading -------------------------------------------------------------------------------------
    def retrieve(self, folder: str, text: str, *, given: Object) -> Object:
        _only(given, set())
        return self.account.get(LISTED[folder], text)

    def list(self, folder: str, *, given: Object) -> Object:
        kind = LISTED[folder]
        rows = self.account.all(kind, **{k: v for k, v in given.items() if k not in _PAGING})
        lookup, created = given.get("lookup_keys"), given.get("created", {})
        rows = [r for r in rows if not lookup or r["lookup_key"] in lookup]
        rows = [r for r in rows if int(created.get("gte", 0)) <= (r.get("created") or 0)]
        rows = [r for r in rows if (r.get("created") or 0) < int(created.get("lt", 2**40))]
        after = given.get("starting_after")
        if after:
            ids = [r["id"] for r in rows]
            rows = rows[ids.index(after) + 1 :]
        limit = int(given.get("limit", 10))
        if not 1 <= limit <= 100:
            raise Refusal("Limit must be between 1 and 100", param="limit")
        return list_object(f"/v1/{folder}", rows[:limit], has_more=len(rows) > limit)

    # --- Customers -----------------------------------------------------------------------------------
    def new_customer(self, *, given: Object) -> Object:
        _only(given, {"name", "email", "metadata", "description"})
        made = self.account.add("customer", **given)
        made["invoice_settings"] = {"default_payment_method": None, "custom_fields": None, "footer": None}
        self.account.tell("customer.created", made)
        return made

    def change_customer(self, text: str, *, given: Object) -> Object:
        _only(given, {"name", "email", "invoice_settings", "metadata"})
        found = self._living(text)
        chosen = given.pop("invoice_settings", {}).get("default_payment_method")
        if chosen is not None:
            if chosen and self.account.get("payment_method", chosen)["customer"] != text:
                raise Refusal("The customer does not have a payment method with the ID " + chosen)
            found["invoice_settings"]["default_payment_method"] = chosen or None
        found.update(given)
        self.account.tell("customer.updated", found)
        return found

    def delete_customer(self, text: str, *, given: Object) -> Object:
        return self.account.delete_customer(text)

    def delete_invoice(self, text: str, *, given: Object) -> Object:
        return self.account.delete_invoice(self.account.get("invoice", text))

    def detach(self, text: str, *, given: Object) -> Object:
        return self.account.detach(text)

    # --- Checkout and the portal ------------------------------------------------------------------------
    def new_session(self, *, given: Object) -> Object:
        _only(given, _SESSION)
        mode = _needed(given, "mode")
        made = self.account.add(
            "checkout.session",
            mode=mode,
            customer=self._living(_needed(given, "customer"))["id"],
            success_url=_needed(given, "success_url"),
            cancel_url=given.get("cancel_url"),
            client_reference_id=given.get("client_reference_id"),
            metadata=given.get("metadata", {}),
            status="open",
            payment_status="no_payment_required" if mode == "setup" else "unpaid",
            currency="usd",
            payment_method_types=["card"],
            automatic_tax={"enabled": given.get("automatic_tax", {}).get("enabled") == "true"},
            invoice_creation=given.get("invoice_creation"),
            billing_address_collection=given.get("billing_address_collection"),
            adaptive_pricing={"enabled": given.get("adaptive_pricing", {}).get("enabled") != "false"},
            expires_at=int(given.get("expires_at", time.time() + DAY_S)),
        )
        made["url"] = f"{self.account.url}/c/pay/{made['id']}"
        self.account.asks_address[made["id"]] = given.get("customer_update", {}).get("address") == "auto"
        self._priced(made, mode, given)
        return made

    def _living(self, text: str) -> Object:
        found = self.account.objects.get(text)
        if found is None or found["object"] != "customer" or found.get("deleted"):
            raise Refusal(f"No such customer: '{text}'", code="resource_missing", param="customer")
        return found

    def _priced(self, made: Object, mode: str, given: Object) -> None:
        if mode == "setup":
            return
        (item,) = _needed(given, "line_items")
        if mode == "subscription":
            price = self.account.get("price", item["price"])
            self.account.behind[made["id"]] = {"price": price, **given.get("subscription_data", {})}
        else:
            price = item["price_data"]
            self.account.behind[made["id"]] = given.get("payment_intent_data", {})
        cents = int(price["unit_amount"]) * int(item.get("quantity", 1))
        if cents < LEAST_CENTS:
            raise Refusal("The Checkout Session's total amount must convert to at least 50 cents.")
        tax = cents * self.account.tax_percent // 100 if made["automatic_tax"]["enabled"] else 0
        made.update(amount_subtotal=cents, amount_total=cents + tax)
        made["total_details"] = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": tax}

    def expire_session(self, text: str, *, given: Object) -> Object:
        found = self.account.get("checkout.session", text)
        if found["status"] != "open":
            raise Refusal('Only Checkout Sessions with a status in ["open"] can be expired.')
        found.update(status="expired", url=None)
        self.account.tell("checkout.session.expired", found)
        return found

    def new_portal(self, *, given: Object) -> Object:
        _only(given, {"customer", "return_url"})
        customer = self._living(_needed(given, "customer"))
        made = self.account.add(
            "billing_portal.session", customer=customer["id"], return_url=given.get("return_url")
        )
        made["url"] = f"{self.account.url}/p/session/{made['id']}"
        return made

    # --- Payments ----------------------------------------------------------------------------------------
    def new_refund(self, *, given: Object) -> Object:
        _only(given, {"payment_intent", "amount", "metadata", "reason"})
        intent = self.account.get("payment_intent", _needed(given, "payment_intent"))
        if intent["status"] != "succeeded":
            raise Refusal("This PaymentIntent does not have a successful charge to refund.")
        cents = int(given["amount"]) if "amount" in given else None
        return self.account.refund(intent["latest_charge"], cents, given.get("metadata"))

    # --- Invoices ------------------------------------------------------------------------------------------
    def new_invoice(self, *, given: Object) -> Object:
        _only(given, _INVOICE)
        taxed = given.get("automatic_tax", {}).get("enabled") == "true"
        customer = self._living(_needed(given, "customer"))
        return self.account.new_invoice(
            customer["id"],
            metadata=given.get("metadata", {}),
            description=given.get("description"),
            automatic_tax={"enabled": taxed},
            billing_reason="manual",
            collection_method="charge_automatically",
        )

    def new_item(self, *, given: Object) -> Object:
        _only(given, {"customer", "invoice", "amount", "currency", "description"})
        invoice = self.account.get("invoice", _needed(given, "invoice"))
        if invoice["status"] != "draft":
            raise Refusal("This invoice is no longer editable")
        cents = int(_needed(given, "amount"))
        self.account.add_item(invoice, cents, given.get("description", ""))
        return self.account.add("invoiceitem", amount=cents, currency="usd", customer=given.get("customer"))

    def finalize(self, text: str, *, given: Object) -> Object:
        return self.account.finalize(self.account.get("invoice", text))

    def pay(self, text: str, *, given: Object) -> Object:
        _only(given, {"off_session", "payment_method"})
        return self.account.pay_invoice(self.account.get("invoice", text), given.get("payment_method"))

    def void(self, text: str, *, given: Object) -> Object:
        return self.account.void(self.account.get("invoice", text))

    # --- Plans
    def new_price(self, *, given: Object) -> Object:
        _only(given, {"currency", "unit_amount", "recurring", "lookup_key", "product_data", "metadata"})
        key = given.get("lookup_key")
        if key and self.account.all("price", lookup_key=key):
            raise Refusal(f"A price with lookup key `{key}` already exists.", param="lookup_key")
        product = self.account.add("product", name=given["product_data"]["name"], type="service")
        return self.account.add(
            "price",
            currency="usd",
            unit_amount=int(_needed(given, "unit_amount")),
            recurring=dict(given["recurring"]),
            lookup_key=key,
            product=product["id"],
            type="recurring",
            metadata=given.get("metadata", {}),
        )

    def change_subscription(self, text: str, *, given: Object) -> Object:
        _only(given, _CHANGE)
        found = self.account.get("subscription", text)
        if found["status"] == "canceled":
            raise Refusal("A canceled subscription can only update its cancellation_details and metadata.")
        if "cancel_at_period_end" in given:
            found["cancel_at_period_end"] = given["cancel_at_period_end"] == "true"
        if "default_payment_method" in given:
            found["default_payment_method"] = given["default_payment_method"] or None
        for item in given.get("items", []):
            self._change_price(found, item, given)
        found["metadata"] |= given.get("metadata", {})
        self.account.tell("customer.subscription.updated", found)
        return found

    def _change_price(self, found: Object, item: Object, given: Object) -> None:
        """What is left of the month is paid at once, in full: as if the period had just begun."""
        row = found["items"]["data"][0]
        if row["id"] != item["id"]:
            raise Refusal(f"No such subscription item: '{item['id']}'", code="resource_missing")
        before, after = row["price"], self.account.get("price", item["price"])
        row["price"] = after
        more = after["unit_amount"] - before["unit_amount"]
        if given.get("proration_behavior") == "always_invoice" and more:
            invoice = self.account.bill(found, "subscription_update", more)
            if invoice["status"] == "paid":
                return
            try:
                self.account.pay_invoice(invoice, found["default_payment_method"])
            except Refusal:
                if given.get("payment_behavior") == "error_if_incomplete":
                    row["price"] = before
                    self.account.void(invoice)
                    raise
                found["status"] = "past_due"

    def cancel_subscription(self, text: str, *, given: Object) -> Object:
        return self.account.end_subscription(self.account.get("subscription", text))

    # --- Expanding
    def _expanded(self, answer: Object, paths: list[str]) -> Object:
        copied: Object = _copy(answer)
        for path in paths:
            self._expand(copied, path.split("."))
        return copied

    def _expand(self, place: Any, names: list[str]) -> None:
        if not names or place is None or (isinstance(place, dict) and place.get("deleted")):
            return
        if isinstance(place, list):
            for each in place:
                self._expand(each, names)
            return
        name, rest = names[0], names[1:]
        if name not in place:
            raise Refusal(f"This property cannot be expanded ({name}).")
        inner = place[name]
        if isinstance(inner, str) and kind_of_id(inner):
            inner = place[name] = _copy(self.account.objects.get(inner, inner))
        if not isinstance(inner, str):
            self._expand(inner, rest)


_PAGING = {"limit", "starting_after", "ending_before", "created", "lookup_keys"}
_SESSION = {
    "mode",
    "customer",
    "success_url",
    "cancel_url",
    "client_reference_id",
    "metadata",
    "line_items",
    "currency",
    "payment_intent_data",
    "subscription_data",
    "setup_intent_data",
    "invoice_creation",
    "automatic_tax",
    "adaptive_pricing",
    "billing_address_collection",
    "customer_update",
    "tax_id_collection",
    "expires_at",
    "payment_method_types",
    "saved_payment_method_options",
}
_CHANGE = {
    "items",
    "metadata",
    "proration_behavior",
    "cancel_at_period_end",
    "payment_behavior",
    "default_payment_method",
}
_INVOICE = {
    "customer", "metadata", "description", "automatic_tax", "auto_advance", "collection_method", "currency",
    "pending_invoice_items_behavior", "default_payment_method",
}  # fmt: skip
_ID = r"([\w]+)"
_FOLDER = f"({'|'.join(LISTED)})"
_ROUTES: list[tuple[str, str, str]] = [
    ("customers", "POST", "new_customer"),
    (f"customers/{_ID}", "POST", "change_customer"),
    (f"customers/{_ID}", "DELETE", "delete_customer"),
    (f"invoices/{_ID}", "DELETE", "delete_invoice"),
    (f"payment_methods/{_ID}/detach", "POST", "detach"),
    ("checkout/sessions", "POST", "new_session"),
    (f"checkout/sessions/{_ID}/expire", "POST", "expire_session"),
    ("billing_portal/sessions", "POST", "new_portal"),
    ("refunds", "POST", "new_refund"),
    ("invoices", "POST", "new_invoice"),
    ("invoiceitems", "POST", "new_item"),
    (f"invoices/{_ID}/finalize", "POST", "finalize"),
    (f"invoices/{_ID}/pay", "POST", "pay"),
    (f"invoices/{_ID}/void", "POST", "void"),
    ("prices", "POST", "new_price"),
    (f"subscriptions/{_ID}", "POST", "change_subscription"),
    (f"subscriptions/{_ID}", "DELETE", "cancel_subscription"),
    (_FOLDER, "GET", "list"),
    (f"{_FOLDER}/{_ID}", "GET", "retrieve"),
]


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(inner) for name, inner in value.items()}
    return [_copy(each) for each in value] if isinstance(value, list) else value


def _only(given: Object, known: set[str]) -> None:
    for name in given:
        if name not in known:
            raise Refusal(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def _needed(given: Object, name: str) -> Any:
    if not given.get(name):
        raise Refusal(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return given[name]
