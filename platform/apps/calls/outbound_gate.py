"""What stands against an outbound call for the money that it may cost: a stop, a country, a premium rate.

Asked when a call is placed and again when a line takes it. Calls that stay in the sandbox cost nothing.
"""

from __future__ import annotations

from datetime import datetime

from apps.billing.selectors import outbound_stopped
from apps.billing.services.anomalies import premium_refused
from apps.calls.gates import Word
from apps.calls.models import Call, Direction
from tenants.countries import PREMIUM, is_premium, refusal
from tenants.scope import current_tenant_id

STOPPED, PREMIUM_RATE, COUNTRY = "outbound_stopped", "premium_rate", "country_not_allowed"


def outbound_gate(call: Call, now: datetime) -> Word:
    """Refuses while outbound calls are stopped, and whom the tenant's calls do not reach."""
    if call.direction != Direction.OUTBOUND or call.test:
        return Word()
    if words := outbound_stopped():
        return Word(refused=f"Outbound calls are stopped. {words}", code=STOPPED)
    if is_premium(call.to_number):
        return Word(refused=PREMIUM, code=PREMIUM_RATE)
    words = refusal(call.to_number)
    return Word(refused=words, code=COUNTRY) if words else Word()


def note_refusal(word: Word) -> None:
    """Somebody has been refused a call: of premium rates not many are let pass unnoticed."""
    if word.code == PREMIUM_RATE:
        premium_refused(current_tenant_id())
