"""A tenant leaves: nothing of it stays, nothing of anybody else goes."""

from __future__ import annotations

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.files.base import ContentFile
from django.db import ProgrammingError, connection, transaction
from rest_framework.test import APIClient

from apps.agents.services import create_agent, publish
from apps.calls.models import Call, CallEvent, Direction, Recording, Turn
from apps.calls.services.call_files import recording_storage
from apps.calls.states import CallState
from media_workers.contract.events import EndReason
from telephony.trunks.services import create_trunk
from tenants.audit.models import AuditEntry
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.services import delete_tenant
from tenants.sso.reach import provider_id
from tenants.tables import tenant_column, tenant_models
from tenants.tasks import delete_left_tenants
from tests.tenancy import key_client, make_key, make_member, make_tenant, script_config

pytestmark = pytest.mark.django_db(transaction=True)

SOUND = b"RIFF of a recording"


def furnish(tenant: Tenant, *, state: str = CallState.ENDED) -> Call:
    """An agent, a trunk with a password, a call with an event, a turn and a recording."""
    with tenant_scope(tenant.pk):
        agent = create_agent(name="Reception", config=script_config())
        version = publish(agent=agent)
        create_trunk(
            name="Carrier", direction="inbound", allowed_addresses=["203.0.113.7"], password="sesame"
        )
        ended = {"ended_at": agent.created_at, "end_reason": EndReason.BUSY}
        call = Call.objects.create(
            direction=Direction.OUTBOUND,
            state=state,
            agent=agent,
            agent_version=version,
            from_number="+12025551000",
            to_number="+12025550101",
            queued_at=agent.created_at,
            dial_at=agent.created_at,
            **(ended if state == CallState.ENDED else {}),
        )
        CallEvent.objects.create(call=call, seq=1, type="ringing", at=agent.created_at, body={})
        Turn.objects.create(call=call, seq=2, index=0, speaker="caller", text="Hello.", start_ms=0, end_ms=1)
        key = recording_storage().save(f"{tenant.pk.hex}/{call.pk.hex}.wav", ContentFile(SOUND))
        Recording.objects.create(
            call=call, storage_key=key, duration_ms=1, size_bytes=len(SOUND), sha256="0" * 64
        )
    return call


def rows_of(tenant: Tenant) -> dict[str, int]:
    """How many rows each table holds of the tenant; empty tables left out."""
    found: dict[str, int] = {}
    with platform_scope(), connection.cursor() as cursor:
        for model in [*tenant_models(), Tenant]:
            table = model._meta.db_table
            count = f'SELECT count(*) FROM "{table}" WHERE "{tenant_column(model)}" = %s'  # noqa: S608
            cursor.execute(count, [tenant.pk])
            (found[table],) = cursor.fetchone()
    return {table: count for table, count in found.items() if count}


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant("Leaver")


@pytest.fixture
def owner(tenant: Tenant) -> APIClient:
    client = APIClient()
    client.force_login(make_member(tenant))
    return client


def platform_lines(tenant: Tenant) -> list[tuple[str, str, str]]:
    with platform_scope():
        lines = AuditEntry.objects.filter(tenant=None, object_id=tenant.pk).order_by("id")
        return [(line.action, line.object_label, line.actor_kind) for line in lines]


def test_nothing_stays_of_it_and_everything_of_others(tenant: Tenant, owner: APIClient) -> None:
    other = make_tenant("Stayer")
    gone, kept = furnish(tenant), furnish(other)
    make_key(tenant)
    with platform_scope():
        files = {call.pk: Recording.objects.get(call=call).storage_key for call in (gone, kept)}
    before = rows_of(other)

    assert owner.delete("/api/v1/tenant", {"confirm": tenant.slug}).status_code == 204
    assert delete_left_tenants() == 1

    assert rows_of(tenant) == {}
    assert rows_of(other) == before
    assert not recording_storage().exists(files[gone.pk])
    assert recording_storage().open(files[kept.pk]).read() == SOUND
    label = f"{tenant.name} ({tenant.slug})"
    assert platform_lines(tenant) == [("tenant_leaving", label, "user"), ("tenant_deleted", label, "system")]
    assert delete_left_tenants() == 0


def test_what_its_identity_provider_said_goes_too(tenant: Tenant) -> None:
    other, person = make_tenant("Stayer"), make_member(tenant)
    for one in (tenant, other):
        SocialAccount.objects.create(
            user=person, provider=provider_id(one.pk), uid="7", extra_data={"email": person.email}
        )
    with tenant_scope(tenant.pk):
        delete_tenant.leave(tenant=tenant, confirm=tenant.slug)

    assert delete_left_tenants() == 1

    assert list(SocialAccount.objects.values_list("provider", flat=True)) == [provider_id(other.pk)]


def test_big_tables_go_in_batches(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delete_tenant, "BATCH", 2)
    call = furnish(tenant)
    with tenant_scope(tenant.pk):
        CallEvent.objects.bulk_create(
            CallEvent(call=call, seq=seq, type="dtmf", at=call.created_at, body={}) for seq in range(3, 10)
        )
        delete_tenant.leave(tenant=tenant, confirm=tenant.slug)

    assert delete_left_tenants() == 1
    assert rows_of(tenant) == {}


def test_nobody_enters_any_more(tenant: Tenant, owner: APIClient) -> None:
    key = key_client(make_key(tenant))
    owner.delete("/api/v1/tenant", {"confirm": tenant.slug})

    assert key.get("/api/v1/agents").status_code == 401
    assert owner.get("/api/v1/agents").status_code == 401
    assert owner.get("/api/v1/me").json()["memberships"] == []


def test_the_slug_must_be_typed(tenant: Tenant, owner: APIClient) -> None:
    answer = owner.delete("/api/v1/tenant", {"confirm": "something"})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "confirm")
    assert delete_left_tenants() == 0
    assert owner.get("/api/v1/tenant").status_code == 200


def test_not_while_a_call_runs(tenant: Tenant, owner: APIClient) -> None:
    furnish(tenant, state=CallState.QUEUED)

    answer = owner.delete("/api/v1/tenant", {"confirm": tenant.slug})

    assert (answer.status_code, answer.json()["code"]) == (409, "calls_running")


def test_a_call_that_began_meanwhile_puts_it_off(tenant: Tenant, owner: APIClient) -> None:
    owner.delete("/api/v1/tenant", {"confirm": tenant.slug})
    call = furnish(tenant, state=CallState.QUEUED)
    assert delete_left_tenants() == 0

    with platform_scope():
        Call.objects.filter(pk=call.pk).update(
            state=CallState.ENDED, ended_at=call.created_at, end_reason=EndReason.FAILED
        )
    assert delete_left_tenants() == 1


def test_a_deletion_that_died_goes_on(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish(tenant)
    with tenant_scope(tenant.pk):
        delete_tenant.leave(tenant=tenant, confirm=tenant.slug)
    with monkeypatch.context() as dying:
        dying.setattr(delete_tenant, "_delete_rows", lambda _: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError, match="killed"):
            delete_left_tenants()

    assert delete_left_tenants() == 1
    assert rows_of(tenant) == {}


def test_append_only_tables_give_way_to_nothing_else(tenant: Tenant) -> None:
    furnish(tenant)

    with (
        platform_scope(),
        pytest.raises(ProgrammingError, match="Cannot update or delete"),
        transaction.atomic(),
    ):
        CallEvent.objects.all().delete()
