"""Notes of calls: who may write, change and delete them. In the tenant's scope."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.calls.models import Call, CallNote
from apps.calls.services.saved_views import maker_of
from tenants.audit.context import actor_now
from tenants.errors import LimitReached, NotAllowed, NotFound
from tenants.principals import Principal

MAX_NOTES = 500
"""Of one call."""


def notes_of(call: Call) -> QuerySet[CallNote]:
    """The newest first."""
    return CallNote.objects.filter(call=call)


def add_note(*, principal: Principal, call: Call, text: str, at_ms: int | None = None) -> CallNote:
    """LimitReached when the call has `MAX_NOTES`."""
    if notes_of(call).count() >= MAX_NOTES:
        raise LimitReached(f"This call has {MAX_NOTES} notes; delete one first.")
    name = actor_now()["actor_label"][:300]
    author = maker_of(principal).hex
    return CallNote.objects.create(call=call, text=text, at_ms=at_ms, author=author, author_name=name)


def is_mine(note: CallNote, principal: Principal) -> bool:
    """Whether `principal` wrote it."""
    return note.author == maker_of(principal).hex


def change_note(note: CallNote, **changes: Any) -> CallNote:
    """Changes what is given of a note that `changeable_note` gave."""
    for name, value in changes.items():
        setattr(note, name, value)
    note.save()
    return note


def changeable_note(*, principal: Principal, call: Call, note_id: UUID) -> CallNote:
    """A note of the call, locked. NotFound; NotAllowed when somebody else wrote it, but for admins."""
    note = notes_of(call).select_for_update().filter(pk=note_id).first()
    if note is None:
        raise NotFound("This call has no such note.")
    if not is_mine(note, principal) and not principal.may("team.write"):
        raise NotAllowed("Only who wrote it, an admin or the owner may change this note.")
    return note
