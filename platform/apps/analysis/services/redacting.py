"""What was taken out of a call's words is taken out of its analysis as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.analysis.models import Analysis
from apps.calls.models import Call

_WORDS = ("values", "summary", "outcome", "reasons", "unanswered", "flags")


def mask_words(*, call: Call, mask: Callable[[Any], Any], **_: Any) -> None:
    """Receiver of `call_redacted`, in its transaction."""
    row = Analysis.objects.select_for_update(no_key=True, of=("self",)).filter(call=call).first()
    if row is None:
        return
    for name in _WORDS:
        setattr(row, name, mask(getattr(row, name)))
    row.save(update_fields=[*_WORDS, "updated_at"])
