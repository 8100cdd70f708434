"""What calls tell of the gateways they went through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from django.db import transaction

from apps.calls.models import Call
from media_workers.contract import events as contract
from telephony.trunks.health import note_gateway_failed, note_gateway_up
from tenants.scope import tenant_scope


def note_gateways_after_commit(call: Call, events: Sequence[contract.CallEvent]) -> None:
    """Gateways that failed begin to rest, those whose phone rang are up.

    Each in a transaction of its own, after the events' one: two calls that failed at the same gateways
    in another order must not wait for each other.
    """
    for event in events:
        body = event.body
        if isinstance(body, contract.GatewayFailed) and body.gateway_id:
            error = f"{body.sip_code} {body.sip_reason}".strip()
            note = partial(note_gateway_failed, body.gateway_id, error=error)
        elif isinstance(body, contract.LegInfo) and body.gateway_id and _took_the_call(body):
            note = partial(note_gateway_up, body.gateway_id)
        else:
            continue
        transaction.on_commit(partial(_in_scope, call.tenant_id, note), robust=True)


def _took_the_call(leg: contract.LegInfo) -> bool:
    """A leg that failed before it rang tells of its gateway as well."""
    return leg.pdd_ms is not None or leg.setup_ms is not None


def _in_scope(tenant_id: UUID, note: Callable[[], object]) -> None:
    with tenant_scope(tenant_id):
        note()
