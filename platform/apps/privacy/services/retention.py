"""How long a kind of data is kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from apps.privacy.models import LONGEST_DAYS, Kind, Retention
from apps.privacy.selectors import retention_now
from apps.privacy.services.erasing import in_line
from tenants.errors import InvalidInput, Stale


def set_retention(*, days: Mapping[Kind, int | None], unchanged_since: str = "") -> dict[Kind, int]:
    """Keeps each kind that is given for so many days after its end, or (None) for ever. The others stay.

    InvalidInput outside of 1 to LONGEST_DAYS; Stale unless `unchanged_since`, when it is given, is the tag
    of what is kept now.
    """
    in_line()
    if unchanged_since and unchanged_since != tag_of(retention_now()):
        raise Stale("Somebody else has changed this meanwhile: read it again, then repeat your change.")
    for kind, n in days.items():
        if n is None:
            for row in Retention.objects.filter(kind=kind):
                row.delete()
            continue
        if not 1 <= n <= LONGEST_DAYS:
            raise InvalidInput(f"Give 1 to {LONGEST_DAYS} days, or null to keep it for ever.", field=kind)
        row, new = Retention.objects.get_or_create(kind=kind, defaults={"days": n})
        if not new and row.days != n:
            row.days = n
            row.save(update_fields=["days", "updated_at"])
    return retention_now()


def tag_of(kept: Mapping[Kind, int]) -> str:
    """A strong entity tag of what is kept how long."""
    text = ",".join(f"{kind}={kept[kind]}" for kind in sorted(kept))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
