"""Calls inside PostgreSQL: kept apart by tenant, events never changed."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from apps.agents.models import Agent
from apps.agents.services import create_agent
from apps.calls.models import Call, CallEvent, Recording, Turn
from apps.calls.services import record_events
from telephony.edge.models import MediaNode
from tenants.models import Tenant
from tenants.scope import TenantScopeMissing, platform_scope, tenant_scope
from tests.apps.calls.conftest import script
from tests.apps.calls.wire import batch, execute, rows, turn

TABLES = ["calls_call", "calls_callevent", "calls_turn", "calls_recording"]


@pytest.fixture
def full(node: MediaNode, answered: Call) -> Call:
    """A call with a row in every table."""
    record_events(node, batch(answered.pk, turn(2, 0, "agent", "Hello.")))
    with tenant_scope(answered.tenant_id):
        Recording.objects.create(call=answered, storage_key="k", duration_ms=1, size_bytes=1, sha256="0" * 64)
    return answered


@pytest.mark.parametrize("model", [Call, CallEvent, Turn, Recording])
def test_a_tenant_sees_its_own_rows_only(full: Call, stranger: Tenant, model: type[Call]) -> None:
    with tenant_scope(full.tenant_id):
        assert model.objects.count() >= 1
    with tenant_scope(stranger.pk):
        assert model.objects.count() == 0
    with pytest.raises(TenantScopeMissing):
        model.objects.count()


@pytest.mark.parametrize("table", TABLES)
def test_the_database_says_the_same(full: Call, stranger: Tenant, table: str) -> None:
    assert rows(table) == 0
    with tenant_scope(stranger.pk):
        assert rows(table) == 0
    with tenant_scope(full.tenant_id):
        assert rows(table) >= 1
    with platform_scope():
        assert rows(table) >= 1


@pytest.mark.parametrize("table", sorted(set(TABLES) - {"calls_callevent"}))
def test_another_tenants_rows_cannot_be_changed(full: Call, stranger: Tenant, table: str) -> None:
    with tenant_scope(stranger.pk):
        assert execute(f"UPDATE {table} SET created_at = now()") == 0  # noqa: S608
    with tenant_scope(full.tenant_id):
        assert execute(f"UPDATE {table} SET created_at = now()") >= 1  # noqa: S608


def test_a_row_cannot_be_given_to_another_tenant(full: Call, stranger: Tenant) -> None:
    with pytest.raises(DatabaseError, match="row-level security"), tenant_scope(stranger.pk):
        Call.objects.create(tenant_id=full.tenant_id, queued_at=full.created_at, dial_at=full.created_at)


def test_a_call_cannot_refer_to_another_tenants_agent(queued: Call, stranger: Tenant) -> None:
    with tenant_scope(stranger.pk):
        foreign: Agent = create_agent(name="Foreign", config=script())
    with platform_scope():
        Call.objects.filter(pk=queued.pk).update(agent=foreign)
        with pytest.raises(IntegrityError, match="same_tenant"):
            execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


def test_an_event_cannot_belong_to_another_tenants_call(queued: Call, stranger: Tenant) -> None:
    with tenant_scope(stranger.pk):
        CallEvent.objects.create(call=queued, seq=1, type="ringing", at=queued.created_at, body={})
        with pytest.raises(IntegrityError, match="same_tenant"):
            execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    "statement", ["UPDATE calls_callevent SET type = 'dtmf'", "DELETE FROM calls_callevent"]
)
def test_events_are_never_changed(node: MediaNode, answered: Call, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append_only"), platform_scope():
        execute(statement)
    with tenant_scope(answered.tenant_id):
        assert CallEvent.objects.get(call=answered).type == "answered"


def test_an_event_is_stored_once(node: MediaNode, answered: Call) -> None:
    with pytest.raises(IntegrityError, match="calls_callevent_once"), tenant_scope(answered.tenant_id):
        CallEvent.objects.create(call=answered, seq=1, type="ringing", at=answered.created_at, body={})
