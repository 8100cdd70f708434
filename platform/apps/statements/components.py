"""What charges are for, in words."""

from __future__ import annotations

from collections.abc import Mapping

from apps.billing.models import AccountKind

OF_CALLS: Mapping[str, str] = {
    "platform": "Platform minutes",
    "included": "Minutes of the plan",
    "telephony": "Telephony",
    "stt": "Speech to text",
    "llm": "Language models",
    "tts": "Text to speech",
    "realtime": "Speech models",
    "vendors": "Vendors of speech and language",
}
"""Components of a call's cost, by the name that its lines have."""

OF_ENTRIES: Mapping[str, str] = {
    AccountKind.NUMBERS: "Phone numbers",
    AccountKind.STORAGE: "Recording storage",
    AccountKind.SUBSCRIPTIONS: "Plan",
    AccountKind.MESSAGES: "Text messages",
}
"""Income that comes by entries of its own: the account's name is the component's."""

OF_INCOME: Mapping[str, str] = {
    AccountKind.CALLS: "platform",
    AccountKind.TELEPHONY: "telephony",
    AccountKind.VENDORS: "vendors",
} | {account: account for account in OF_ENTRIES}
"""Accounts of income, what tenants pay for: the component that a charge without lines counts as."""

ADDED: Mapping[str, str] = {
    AccountKind.STRIPE: "Payments",
    AccountKind.PROMOTIONS: "Free credit",
    AccountKind.ADJUSTMENTS: "Credits and corrections",
    AccountKind.REFUNDS: "Refunds",
    AccountKind.DISPUTES: "Disputed payments",
    AccountKind.DEBTS: "Debt",
    AccountKind.WRITTEN_OFF: "Not charged: the balance had ended",
    AccountKind.TAXES: "Taxes on payments",
}
"""What else changes a balance, by the account on the other side."""


def words_of(component: str) -> str:
    """For people; a component that nobody has named here is shown as it is."""
    named = OF_CALLS.get(component) or OF_ENTRIES.get(component)
    return named or component.replace("_", " ").capitalize()
