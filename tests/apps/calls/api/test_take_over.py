"""/ws/v1/take-over/: the real channel layer, pub/sub and command stream; the line is played by the test."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import redis
from asgiref.sync import sync_to_async

from apps.calls.api.sockets import take_over
from apps.calls.models import Call
from apps.calls.services import record_events
from media_workers.contract.calls import CallCommand, command_stream, operator_channel, speak_channel
from telephony.edge.models import MediaNode
from tenants.audit.models import AuditEntry
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.calls.wire import batch, event, fresh
from tests.apps.calls.ws import Socket
from tests.tenancy import make_key

pytestmark = pytest.mark.django_db(transaction=True)

FRAME = bytes(range(160)) * 2


def commands(valkey: redis.Redis, node: MediaNode) -> list[CallCommand]:
    entries: Any = valkey.xrange(command_stream(node.name))
    return [CallCommand.model_validate_json(fields[b"command"]) for _, fields in entries]


async def until(probe: Any, what: str) -> Any:
    deadline = asyncio.get_running_loop().time() + 30
    while not (found := await sync_to_async(probe)()):
        assert asyncio.get_running_loop().time() < deadline, what
        await asyncio.sleep(0.01)
    return found


def socket(call: Call, key: str) -> Socket:
    return Socket(f"/ws/v1/take-over/?call={call.public_id}", Authorization=f"Bearer {key}")


async def test_a_person_is_heard_in_the_agents_place_until_the_socket_closes(
    valkey: redis.Redis, node: MediaNode, answered: Call, tenant: Tenant
) -> None:
    key = await sync_to_async(make_key)(tenant)
    spoken = valkey.pubsub(ignore_subscribe_messages=True)
    spoken.subscribe(speak_channel(answered.pk))
    client = socket(answered, key)
    assert await client.connect() is None
    await client.hear_type("listening")
    taken = await until(
        lambda: [c for c in commands(valkey, node) if c.action == "take_over"], "the line is told"
    )
    by = taken[0].by
    assert (by.startswith("test (tl_live_"), 0 < taken[0].lease_s <= 15) == (True, True)

    told = batch(answered.pk, event(2, "control", action="take_over", by=by, at_ms=900))
    await sync_to_async(record_events)(node, told)
    await client.hear_type("taken_over")
    assert (await sync_to_async(fresh)(answered.pk)).taken_over_by == by

    await client.send_frame(FRAME)
    heard = await until(lambda: spoken.get_message(timeout=0.1), "the person is heard")
    assert heard["data"] == FRAME
    await client.send_frame(b"odd")
    assert (await client.hear_type("error"))["code"] == "bad_audio"
    await sync_to_async(valkey.publish)(operator_channel(answered.pk), FRAME * 5)
    assert await client.hear_audio() == FRAME * 5

    await client.disconnect()
    await until(lambda: commands(valkey, node)[-1].action == "give_back", "given back")
    back = batch(answered.pk, event(3, "control", action="give_back", by=by, at_ms=1900))
    await sync_to_async(record_events)(node, back)
    assert (await sync_to_async(fresh)(answered.pk)).taken_over_by == ""
    assert await sync_to_async(noted)(tenant) == ["took_over"]


async def test_who_is_gone_before_the_goodbye_gives_the_call_back(
    valkey: redis.Redis, node: MediaNode, answered: Call, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(take_over, "RENEW_S", 0.01)
    client = socket(answered, await sync_to_async(make_key)(tenant))
    assert await client.connect() is None
    await client.hear_type("listening")
    await until(lambda: commands(valkey, node), "the line is told")
    client.gone = True
    await client.send({"type": "give_back"})
    await until(lambda: commands(valkey, node)[-1].action == "give_back", "given back")
    with pytest.raises(RuntimeError, match="gone"):
        await client.disconnect()
    assert (await sync_to_async(commands)(valkey, node))[-1].action == "give_back"


def noted(tenant: Tenant) -> list[str]:
    with tenant_scope(tenant.pk):
        return list(AuditEntry.objects.filter(action="took_over").values_list("action", flat=True))


@pytest.mark.parametrize(
    ("scopes", "code"), [(["calls.listen"], "permission_denied"), (["calls.control"], None)]
)
async def test_it_needs_both_permissions(
    valkey: redis.Redis, node: MediaNode, answered: Call, tenant: Tenant, scopes: list[str], code: str | None
) -> None:
    key = await sync_to_async(make_key)(tenant, scopes)
    client = socket(answered, key)
    if code is None:
        assert await client.connect() is not None
    else:
        assert await client.connect() is None
        assert (await client.hear_type("error"))["code"] == code
    await client.disconnect()
    assert await sync_to_async(commands)(valkey, node) == []


async def test_a_line_that_refuses_is_told_of(
    valkey: redis.Redis, node: MediaNode, answered: Call, tenant: Tenant
) -> None:
    client = socket(answered, await sync_to_async(make_key)(tenant))
    assert await client.connect() is None
    await client.hear_type("listening")
    words = "The command take_over is not possible in this call: somebody has taken the call over already."
    trouble = {"what": "command_refused", "component": "runtime", "detail": words}
    await sync_to_async(record_events)(node, batch(answered.pk, event(2, "trouble", **trouble)))
    assert (await client.hear_type("error"))["detail"] == words
    await client.disconnect()


async def test_strangers_have_no_such_call(
    valkey: redis.Redis, node: MediaNode, answered: Call, stranger: Tenant
) -> None:
    client = socket(answered, await sync_to_async(make_key)(stranger))
    assert await client.connect() is None
    assert (await client.hear_type("error"))["code"] == "not_found"
    await client.disconnect()
    assert await sync_to_async(commands)(valkey, node) == []
