"""Stripe's own pages: Checkout, a hosted invoice, the customer portal."""

from __future__ import annotations

from tests.fakes.stripe_server_billing import BillingAccount
from tests.fakes.stripe_server_shapes import Object
from tests.fakes.stripe_server_state import DECLINES, SAVED_BUT_DECLINES, Refusal

FORM = (
    '<form method="post"><label>Card number <input name="card" value="4242424242424242"></label>'
    "<button>Pay</button></form>"
)

ADDRESS = {"line1": "1 Main Street", "city": "Springfield", "postal_code": "00000", "country": "US"}


class Pages:
    """What a person sees and does there."""

    def __init__(self, account: BillingAccount) -> None:
        self.account = account

    def shown(self, path: str) -> str:
        """HTML of the page at `path`."""
        text = path.rpartition("/")[2]
        found = self.account.objects.get(text)
        if found is None:
            return "<h1>Nothing here</h1>"
        if found["object"] == "checkout.session" and found["status"] == "open":
            cents = found["amount_total"]
            what = f"Pay ${cents / 100:.2f}" if cents else "Save a card"
            return f'<h1>{what}</h1>{FORM}<a href="{found["cancel_url"]}">Back</a>'
        if found["object"] == "invoice" and found["status"] == "open":
            return f"<h1>Invoice over ${found['total'] / 100:.2f}</h1>{FORM}"
        if found["object"] == "billing_portal.session":
            return f'<h1>Customer portal</h1><a href="{found["return_url"]}">Back</a>'
        return f"<h1>{found['object']}: {found.get('status', '')}</h1>"

    def complete(self, session_id: str, number: str, *, authenticated: bool) -> str:
        """Fills in a card; where the browser goes then. Refusal: the page stays, and says why."""
        session = self.account.get("checkout.session", session_id)
        if session["status"] != "open":
            raise Refusal(f"This session is {session['status']}.")
        card = self.account.new_card(number, session["customer"])
        doing = {"payment": self._pay, "setup": self._save, "subscription": self._subscribe}[session["mode"]]
        if self.account.asks_address[session_id]:
            self.account.get("customer", session["customer"])["address"] = dict(ADDRESS)
        doing(session, card, authenticated)
        session.update(status="complete", url=None)
        self.account.tell("checkout.session.completed", session)
        return str(session["success_url"])

    def pay_invoice(self, invoice_id: str, number: str, *, authenticated: bool) -> None:
        invoice = self.account.get("invoice", invoice_id)
        card = self.account.new_card(number, invoice["customer"])
        self.account.pay_invoice(invoice, card["id"], on_session=True, authenticated=authenticated)

    def _pay(self, session: Object, card: Object, authenticated: bool) -> None:
        intent = self._intent(session)
        session["payment_intent"] = intent["id"]
        status = self.account.confirm(intent, card["id"], authenticated=authenticated, on_session=True)
        if status == "processing":
            return
        if status != "succeeded":
            raise Refusal(
                (intent["last_payment_error"] or {}).get("message", "Authentication failed."), status=402
            )
        session["payment_status"] = "paid"
        if (session["invoice_creation"] or {}).get("enabled"):
            session["invoice"] = self._invoice_of(session, intent)["id"]

    def settle(self, session_id: str, *, paid: bool) -> None:
        """What the bank says, days later, of a page that was left with its account."""
        session = self.account.get("checkout.session", session_id)
        self.account.settle(session["payment_intent"], paid=paid)
        if paid:
            session["payment_status"] = "paid"
        how = "succeeded" if paid else "failed"
        self.account.tell(f"checkout.session.async_payment_{how}", session)

    def _intent(self, session: Object) -> Object:
        if session["payment_intent"]:  # of an attempt before
            return self.account.get("payment_intent", session["payment_intent"])
        data = self.account.behind[session["id"]]
        made = self.account.new_intent(
            session["amount_total"], session["customer"], data.get("metadata", {}), data.get("description")
        )
        made["setup_future_usage"] = data.get("setup_future_usage")
        return made

    def _invoice_of(self, session: Object, intent: Object) -> Object:
        """Made after the payment, and already paid."""
        invoice = self.account.new_invoice(session["customer"], billing_reason="manual")
        self.account.add_item(invoice, session["amount_total"], "Credit")
        invoice.update(
            amount_due=session["amount_total"],
            metadata=(session["invoice_creation"].get("invoice_data") or {}).get("metadata", {}),
            status="paid",
            amount_paid=session["amount_total"],
            hosted_invoice_url=f"{self.account.url}/i/{invoice['id']}",
            invoice_pdf=f"{self.account.url}/i/{invoice['id']}/pdf",
        )
        self.account.link(invoice, intent)
        self.account.tell("invoice.paid", invoice)
        return invoice

    def _save(self, session: Object, card: Object, authenticated: bool) -> None:
        number = self.account.numbers[card["id"]]
        decline = DECLINES.get(number) if number != SAVED_BUT_DECLINES else None
        if decline:
            raise Refusal(decline[2], status=402)
        setup = self.account.add(
            "setup_intent", customer=session["customer"], payment_method=card["id"], status="succeeded",
            usage="off_session", payment_method_types=["card"],
        )  # fmt: skip
        session["setup_intent"] = setup["id"]
        self.account.tell("setup_intent.succeeded", setup)

    def _subscribe(self, session: Object, card: Object, authenticated: bool) -> None:
        data = self.account.behind[session["id"]]
        subscription = self.account.new_subscription(
            session["customer"],
            data["price"],
            data.get("metadata", {}),
            taxed=session["automatic_tax"]["enabled"],
        )
        subscription["default_payment_method"] = card["id"]
        invoice = self.account.bill(subscription, "subscription_create")
        session.update(subscription=subscription["id"], invoice=invoice["id"])
        self.account.tell("customer.subscription.created", subscription)
        self.account.pay_invoice(invoice, card["id"], on_session=True, authenticated=authenticated)
        session["payment_status"] = "paid"
