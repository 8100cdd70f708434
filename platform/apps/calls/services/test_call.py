"""A call to a phone of the sandbox by a configuration that no number answers with: for trying an agent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from apps.agents.models import Agent
from apps.calls.live import publish_after_commit
from apps.calls.models import Call, CallDraft, Direction
from apps.calls.services.dialing import enqueue_after_commit
from apps.calls.states import CallState
from tenants.suspension import ensure_active


def place_test_call(
    *,
    agent: Agent,
    config: Mapping[str, Any],
    api_keys: str,
    variables: Mapping[str, str],
    from_number: str,
    to_number: str,
    metadata: Mapping[str, Any],
) -> Call:
    """Queues a call that never leaves the sandbox, spoken by `config` (of `agent`; `api_keys` are its keys,
    `agents.model_keys`). Raises TenantSuspended."""
    ensure_active()
    now = timezone.now()
    call = Call.objects.create(
        direction=Direction.OUTBOUND,
        state=CallState.QUEUED,
        test=True,
        from_number=from_number,
        to_number=to_number,
        agent=agent,
        variables=dict(variables),
        metadata=dict(metadata),
        queued_at=now,
        dial_at=now,
    )
    CallDraft.objects.create(call=call, config=dict(config), api_keys=api_keys)
    publish_after_commit(call)
    enqueue_after_commit(call)
    return call
