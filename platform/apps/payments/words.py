"""What a bank's reasons mean for people, and what to do. Codes: docs.stripe.com/declines/codes."""

from __future__ import annotations

AUTHENTICATION = "authentication_required"
_OTHER_CARD = "Use another card."

_WORDS: dict[str, str] = {
    AUTHENTICATION: "The card's bank wants you to confirm this payment: open the payment page.",
    "approve_with_id": "The bank could not approve the payment. Try again, and call the bank if that fails.",
    "card_not_supported": "The card does not take this kind of payment. Use another card.",
    "card_velocity_exceeded": "The card is over the bank's limit. Wait, use another card, or call the bank.",
    "currency_not_supported": "The card cannot pay in US dollars. Use another card.",
    "do_not_honor": "The bank declined without saying why. Call the bank, or use another card.",
    "expired_card": "The card has expired. Use the new one, or another card.",
    "fraudulent": "The payment was stopped as suspicious. Use another card, or ask support.",
    "generic_decline": "The bank declined without saying why. Call the bank, or use another card.",
    "incorrect_cvc": "The card's security code is wrong. Enter the card again.",
    "incorrect_number": "The card's number is wrong. Enter the card again.",
    "incorrect_zip": "The card's postal code is wrong. Enter the card again.",
    "insufficient_funds": "There is not enough money on the card. Pay in money there, or use another card.",
    "invalid_account": "The card's account is closed. Use another card.",
    "issuer_not_available": "The card's bank could not be reached. It is tried again.",
    "lost_card": "The bank declined the card. Use another one.",
    "pickup_card": "The bank declined the card. Use another one.",
    "processing_error": "Something went wrong while the card was charged. It is tried again.",
    "restricted_card": "The bank declined the card. Use another one.",
    "stolen_card": "The bank declined the card. Use another one.",
    "try_again_later": "The bank asks to try again later.",
    "withdrawal_count_limit_exceeded": "The card is over its limit. Use another card, or wait.",
}

NOT_BOOKED = "This payment cannot be booked by itself. Ask support: they see it."
"""Of one that was not paid as it was asked for, like in another currency."""

HOPELESS = {
    "card_not_supported", "currency_not_supported", "expired_card", "fraudulent", "incorrect_cvc",
    "incorrect_number", "incorrect_zip", "invalid_account", "lost_card", "pickup_card", "restricted_card",
    "revocation_of_authorization", "revocation_of_all_authorizations", "stolen_card",
}  # fmt: skip
"""Reasons that no second try of the same card changes; banks punish those who try."""


def decline_in_words(code: str, *, own: str = "") -> str:
    """What the decline `code` means; `own`: what Stripe says of it, for a code that is new to us."""
    known = _WORDS.get(code)
    if known:
        return known
    said = own.strip().rstrip(".")
    return f"{said}. {_OTHER_CARD}" if said else "The card was declined. Use another one, or call the bank."
