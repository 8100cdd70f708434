"""What calls tell of the gateways they went through."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.db import transaction

from apps.calls.models import Call
from media_workers.contract import events as contract
from telephony.trunks.health import note_gateway_failed, note_gateway_up
from tenants.scope import tenant_scope


def note_gateways_after_commit(call: Call, events: Sequence[contract.CallEvent]) -> None:
    """Gateways that failed begin to rest, those that took the call are up.

    Each in a transaction of its own, after the events' one: two calls that failed at the same gateways
    in another order must not wait for each other.
    """
    for event in events:
        if isinstance(event.body, contract.GatewayFailed | contract.LegInfo) and event.body.gateway_id:
            note = partial(_note, call.tenant_id, event.body.gateway_id, event.body)
            transaction.on_commit(note, robust=True)


def _note(tenant_id: UUID, gateway_id: UUID, body: contract.GatewayFailed | contract.LegInfo) -> None:
    with tenant_scope(tenant_id):
        if isinstance(body, contract.LegInfo):
            note_gateway_up(gateway_id)
        else:
            note_gateway_failed(gateway_id, error=f"{body.sip_code} {body.sip_reason}".strip())
