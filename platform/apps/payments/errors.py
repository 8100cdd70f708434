"""What can go wrong with a payment, in words and with what to do."""

from __future__ import annotations

from tenants.errors import Conflict, Unavailable

MISSING = "resource_missing"
"""Stripe's reason when there is no such object."""


class PaymentsNotSetUp(Conflict):
    """The platform has no key of Stripe's."""

    code = "payments_not_set_up"

    def __init__(self) -> None:
        super().__init__(
            "Payments are not set up on this platform: ask who runs it to credit your balance, or to set"
            " STRIPE_SECRET_KEY."
        )


class StripeDown(Unavailable):
    """Stripe cannot be reached, or says that it is in trouble: what was asked for may have been done."""

    code = "stripe_down"

    def __init__(self) -> None:
        super().__init__(
            "The payment provider cannot be reached now; nothing is lost. Try again in a minute.",
            retry_after_s=30,
        )


class StripeKeyRefused(StripeDown):
    """Stripe does not take the platform's key: somebody of the platform has to act."""

    code = "stripe_key_refused"

    def __init__(self) -> None:
        Unavailable.__init__(
            self,
            "The payment provider refuses this platform's key: whoever runs the platform has to renew it.",
            retry_after_s=300,
        )


class StripeRefused(Conflict):
    """Stripe has looked at the request and refuses it; `reason` is its code."""

    code = "stripe_refused"

    def __init__(self, words: str, *, reason: str = "") -> None:
        said = words.strip().rstrip(".") or "it does not say why"
        super().__init__(
            f"The payment provider refuses this: {said}. Try again; if it stays so, ask support."
        )
        self.reason = reason


class CardRefused(StripeRefused):
    """The card did not pay, for its bank's `reason`."""

    code = "card_refused"

    def __init__(self, words: str, *, reason: str = "") -> None:
        Conflict.__init__(self, f"The card did not pay. {words}")
        self.reason = reason
