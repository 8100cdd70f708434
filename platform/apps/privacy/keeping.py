"""A legal hold wins over what people delete by hand, in whatever domain: each deletion of a row asks here.

The purge and people's requests do not come this way: they have looked at the holds themselves.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.db.models.signals import pre_delete

from apps.calls.models import Call, CallNote, Capture, Recording
from apps.campaigns.models import Consent, Contact, Suppression
from apps.followups.models import Callback, TextMessage
from apps.privacy.errors import Held
from apps.privacy.selectors import Holds, live_holds, named

KEPT: tuple[type[Model], ...] = (
    Call,
    CallNote,
    Callback,
    Capture,
    Consent,
    Contact,
    Recording,
    Suppression,
    TextMessage,
)
"""What a hold may be about, of all that can be deleted by hand."""


def keep_what_is_held(sender: object, instance: Any, **_: object) -> None:
    """Receiver of `pre_delete`. Held while a hold keeps the row."""
    holds = live_holds()
    if holds.rows and _is_held(instance, holds):
        raise Held(f"A legal hold keeps this: release {named(holds.rows)} first.")


def connect() -> None:
    for model in KEPT:
        pre_delete.connect(keep_what_is_held, sender=model, dispatch_uid=f"held {model._meta.label}")


def _is_held(row: Any, holds: Holds) -> bool:
    if holds.everything:
        return True
    call = row.pk if isinstance(row, Call) else getattr(row, "call_id", None)
    if call is not None and holds.held_calls.filter(pk=call).exists():
        return True
    numbers = {getattr(row, name, "") for name in ("e164", "to_number", "from_number")}
    return not numbers.isdisjoint(holds.spellings)
