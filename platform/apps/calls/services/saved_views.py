"""Saved views: who may make, change and delete them. In the tenant's scope."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.calls.models import SavedView
from tenants.errors import LimitReached, NotAllowed, NotFound
from tenants.principals import Principal

MAX_VIEWS = 200
"""Of one maker in a tenant."""


def maker_of(principal: Principal) -> UUID:
    """Whose views those of `principal` are: a key acts for the person who made it."""
    return principal.user_id or principal.id


def list_views(principal: Principal) -> QuerySet[SavedView]:
    """The views that `principal` may see: their own and the shared ones."""
    return SavedView.objects.filter(Q(shared=True) | Q(maker_id=maker_of(principal)))


def create_view(
    *, principal: Principal, name: str, page: str, query: dict[str, Any], shared: bool = False
) -> SavedView:
    """A new view. LimitReached when its maker has `MAX_VIEWS`."""
    maker = maker_of(principal)
    if SavedView.objects.filter(maker_id=maker).count() >= MAX_VIEWS:
        raise LimitReached(f"You have {MAX_VIEWS} saved views; delete one first.")
    return SavedView.objects.create(name=name, page=page, query=query, shared=shared, maker_id=maker)


def update_view(*, principal: Principal, view_id: UUID, **changes: Any) -> SavedView:
    """Change what is given. NotFound for one they cannot see, NotAllowed for one they may not change."""
    view = _changeable(principal, view_id)
    for name, value in changes.items():
        setattr(view, name, value)
    view.save()
    return view


def delete_view(*, principal: Principal, view_id: UUID) -> None:
    """Raises as `update_view` does."""
    _changeable(principal, view_id).delete()


def get_view(principal: Principal, view_id: UUID, *, lock: bool = False) -> SavedView:
    """One of `list_views`. NotFound when there is none."""
    rows = list_views(principal)
    view = (rows.select_for_update() if lock else rows).filter(pk=view_id).first()
    if view is None:
        raise NotFound("There is no such saved view.")
    return view


def _changeable(principal: Principal, view_id: UUID) -> SavedView:
    view = get_view(principal, view_id, lock=True)
    if view.maker_id != maker_of(principal) and not principal.may("team.write"):
        raise NotAllowed("Only its maker, an admin or the owner may change this view.")
    return view
