"""What calls tell of the vendors that they took with the tenant's own keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import get_args
from uuid import UUID

from django.db import transaction

from apps.calls.models import Call
from apps.vendors.services import note_error
from media_workers.contract import events as contract
from media_workers.contract.vendors import Kind, key_names, key_of
from tenants.scope import tenant_scope

_KINDS = get_args(Kind)


def note_vendor_errors_after_commit(call: Call, events: Sequence[contract.CallEvent]) -> None:
    """Own keys show what their vendors said last. In a transaction of its own, after the events' one: all
    calls of a tenant share the rows of its keys."""
    told = {key: (error, event.at) for event in events for key, error in _errors(event.body)}
    if told:
        transaction.on_commit(partial(_note, call.tenant_id, told), robust=True)


def _errors(body: object) -> Iterator[tuple[str, str]]:
    """The name of a key, and what went wrong at its vendor. A turn's account tells the same again, later."""
    if (
        not isinstance(body, contract.Trouble)
        or body.what != "provider_error"
        or body.component not in _KINDS
    ):
        return
    vendor, _, error = body.detail.partition(": ")  # as the node's Reporter writes it
    if (key := key_of(vendor)) in key_names():
        yield key, error


def _note(tenant_id: UUID, told: dict[str, tuple[str, datetime]]) -> None:
    with tenant_scope(tenant_id):
        for key, (error, at) in sorted(told.items()):  # always in one order: nobody waits in a circle
            note_error(vendor=key, error=error, at=at)
