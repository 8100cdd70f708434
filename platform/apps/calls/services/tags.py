"""Tags of calls: written at two places, by this service alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import pgtrigger
from django.db.models import Count

from apps.calls.models import Call, CallTag
from apps.calls.models.after import TAG_CHARS
from apps.calls.selectors import locked
from tenants.errors import InvalidInput

MAX_TAGS = 20
"""Of one call."""

NAMES = 200
"""Of a tenant that are suggested."""


def set_tags(*, call_id: UUID, tags: Iterable[str]) -> Call:
    """The call has these tags from now on, in lower case, each once, by the alphabet. CallUnknown,
    InvalidInput (tags)."""
    names = sorted({clean_tag(tag) for tag in tags})
    if len(names) > MAX_TAGS:
        raise InvalidInput(f"A call has at most {MAX_TAGS} tags.", field="tags")
    call = locked(call_id)
    if names != call.tags:
        gone = CallTag.objects.filter(call=call).exclude(name__in=names)
        gone.delete()
        CallTag.objects.bulk_create(CallTag(call=call, name=name) for name in set(names) - set(call.tags))
        call.tags = names
        with pgtrigger.ignore("calls.Call:late_for_trunk_slots"):
            call.save(update_fields=["tags", "updated_at"])
    return call


def tag_names() -> list[dict[str, Any]]:
    """The tags in use in the tenant in force, the most used first: name and calls."""
    rows = CallTag.objects.values("name").annotate(calls=Count("id")).order_by("-calls", "name")
    return [dict(row) for row in rows[:NAMES]]


def clean_tag(text: str) -> str:
    """`text` as tags are kept. InvalidInput (tags)."""
    name = re.sub(r"\s+", " ", text).strip().casefold()
    if not name or len(name) > TAG_CHARS:
        raise InvalidInput(f"A tag has 1 to {TAG_CHARS} characters.", field="tags")
    return name
