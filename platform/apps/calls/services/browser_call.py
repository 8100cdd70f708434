"""A call that somebody has from the browser: made here, carried once a media node has its socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.selectors import get_agent
from apps.calls.live import publish_after_commit
from apps.calls.models import Call, CallDraft, Direction
from apps.calls.states import CallState
from tenants.errors import InvalidInput, LimitReached, NotFound
from tenants.suspension import ensure_active

MOST_AT_ONCE = 10
"""Browser calls of a tenant: a media node has places for some sixteen, and other tenants talk as well."""

Source = Literal["draft", "published"]


def start_browser_call(
    *, agent_id: UUID, source: Source = "draft", variables: Mapping[str, str] | None = None
) -> Call:
    """A test call that waits for its browser; `reconcile` ends it when nobody comes.

    With "draft" the agent's draft is kept as it is now, so that editing it changes no call. Raises
    InvalidInput naming the field, LimitReached, and TenantSuspended.
    """
    ensure_active()
    open_calls = Call.objects.filter(direction=Direction.BROWSER).exclude(state=CallState.ENDED)
    if open_calls.count() >= MOST_AT_ONCE:
        raise LimitReached(
            f"{MOST_AT_ONCE} browser calls of this workspace are open: end one, or wait.", retry_after_s=10
        )
    agent = _agent(agent_id)
    if source == "published" and agent.published_version is None:
        raise InvalidInput("The agent has no published version.", field="source", code="unpublished")
    now = timezone.now()
    call = Call.objects.create(
        direction=Direction.BROWSER,
        state=CallState.QUEUED,
        test=True,
        agent=agent,
        agent_version=agent.published_version if source == "published" else None,
        variables=dict(variables or {}),
        queued_at=now,
        dial_at=now,
    )
    if source == "draft":
        CallDraft.objects.create(call=call, config=agent.draft, api_keys=agent.draft_api_keys)
    publish_after_commit(call)
    return call


def _agent(agent_id: UUID) -> Agent:
    try:
        return get_agent(agent_id)
    except NotFound as error:
        raise InvalidInput(error.detail, field="agent", code="unknown") from error
