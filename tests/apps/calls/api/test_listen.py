"""/ws/v1/listen/: the real channel layer, pub/sub and command stream; the line is played by the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import redis
from asgiref.sync import sync_to_async

from apps.calls.api.sockets import listen
from apps.calls.models import Call
from apps.calls.services import record_events
from media_workers.contract.calls import CallCommand, command_stream, listen_channel
from telephony.edge.models import MediaNode
from tenants.models import Tenant
from tests.apps.calls.wire import batch, event
from tests.apps.calls.ws import Socket
from tests.tenancy import key_client, make_key

pytestmark = pytest.mark.django_db(transaction=True)

CHUNK = bytes(range(200)) * 8


@pytest.fixture
def key(tenant: Tenant) -> str:
    return make_key(tenant)


@asynccontextmanager
async def listening(call: Call, key: str) -> AsyncIterator[Socket]:
    client = Socket(f"/ws/v1/listen/?call={call.public_id}", Authorization=f"Bearer {key}")
    assert await client.connect() is None
    try:
        yield client
    finally:
        await client.disconnect()


def commands(valkey: redis.Redis, node: MediaNode) -> list[CallCommand]:
    entries: Any = valkey.xrange(command_stream(node.name))
    return [CallCommand.model_validate_json(fields[b"command"]) for _, fields in entries]


async def until(probe: Any, what: str) -> None:
    deadline = asyncio.get_running_loop().time() + 30
    while not await sync_to_async(probe)():
        assert asyncio.get_running_loop().time() < deadline, what
        await asyncio.sleep(0.01)


async def test_what_the_line_publishes_is_heard_until_the_end(
    valkey: redis.Redis, node: MediaNode, answered: Call, key: str
) -> None:
    async with listening(answered, key) as client:
        assert await client.hear_type("listening") == {"type": "listening", "sample_rate": 8000}
        await sync_to_async(valkey.publish)(listen_channel(answered.pk), CHUNK)
        assert await client.hear_audio() == CHUNK
        await sync_to_async(record_events)(
            node, batch(answered.pk, event(2, "ended", reason="caller_hung_up"))
        )
        assert (await client.hear_type("ended"))["end_reason"] == "caller_hung_up"
        assert await client.closed() == 1000


async def test_who_listens_in_is_in_the_audit_log(
    valkey: redis.Redis, tenant: Tenant, answered: Call, key: str
) -> None:
    async with listening(answered, key) as client:
        await client.hear_type("listening")
        program = key_client(key)
        answer = await sync_to_async(program.get)("/api/v1/audit", {"action": "listened_in"})
        (entry,) = answer.json()["results"]
    assert (entry["object_type"], entry["object_id"]) == ("call", answered.public_id)
    assert (entry["actor"]["kind"], entry["actor"]["label"].startswith("test")) == ("api_key", True)


async def test_the_line_is_asked_and_asked_again_while_somebody_listens(
    valkey: redis.Redis, node: MediaNode, answered: Call, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "RENEW_S", 0.05)
    async with listening(answered, key) as client:
        await client.hear_type("listening")
        await until(lambda: len(commands(valkey, node)) >= 3, "the lease is renewed")
    asked = await sync_to_async(commands)(valkey, node)
    assert {(c.call_id, c.action, c.lease_s) for c in asked} == {(answered.pk, "listen", listen.LEASE_S)}
    assert listen.LEASE_S > 2 * 5.0
    await asyncio.sleep(0.2)
    assert len(await sync_to_async(commands)(valkey, node)) == len(asked)
    assert valkey.pubsub_numsub(listen_channel(answered.pk)) == [(listen_channel(answered.pk).encode(), 0)]


async def test_a_call_that_is_over(valkey: redis.Redis, node: MediaNode, answered: Call, key: str) -> None:
    await sync_to_async(record_events)(node, batch(answered.pk, event(2, "ended", reason="caller_hung_up")))
    async with listening(answered, key) as client:
        assert (await client.hear_type("ended"))["end_words"] == "The caller hung up."
        assert await client.closed() == 1000
    assert await sync_to_async(commands)(valkey, node) == []


async def test_a_call_that_has_not_begun(valkey: redis.Redis, queued: Call, key: str) -> None:
    async with listening(queued, key) as client:
        assert (await client.hear_type("error"))["code"] == "not_running"
        assert await client.closed() == 4404


async def test_another_tenants_call_does_not_exist(
    valkey: redis.Redis, answered: Call, stranger: Tenant
) -> None:
    theirs = await sync_to_async(make_key)(stranger)
    async with listening(answered, theirs) as client:
        assert (await client.hear_type("error"))["code"] == "not_found"
        assert await client.closed() == 4404


async def test_reading_calls_is_not_enough(tenant: Tenant, answered: Call) -> None:
    reads = await sync_to_async(make_key)(tenant, {"calls.read", "calls.control"})
    client = Socket(f"/ws/v1/listen/?call={answered.public_id}", Authorization=f"Bearer {reads}")
    assert await client.connect() == 4403


async def test_a_test_key_hears_the_sandbox_only(valkey: redis.Redis, tenant: Tenant, answered: Call) -> None:
    key = await sync_to_async(make_key)(tenant, mode="test")
    async with listening(answered, key) as client:
        await client.hear_type("listening")

    def make_real() -> None:
        from tenants.scope import tenant_scope

        with tenant_scope(tenant.pk):
            Call.objects.filter(pk=answered.pk).update(test=False)

    await sync_to_async(make_real)()
    async with listening(answered, key) as client:
        assert (await client.hear_type("error"))["code"] == "permission_denied"
        assert await client.closed() == 4403


async def test_a_slow_listener_hears_the_latest(
    valkey: redis.Redis, answered: Call, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, send = asyncio.Event(), listen.ListenConsumer.send

    async def send_slowly(self: Any, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if bytes_data is not None:
            await stuck.wait()
        await send(self, text_data=text_data, bytes_data=bytes_data)

    monkeypatch.setattr(listen.ListenConsumer, "send", send_slowly)
    async with listening(answered, key) as client:
        await client.hear_type("listening")
        for n in range(200):
            await sync_to_async(valkey.publish)(listen_channel(answered.pk), bytes([n]) * 1600)
        await asyncio.sleep(0.5)
        stuck.set()
        heard = [(await client.hear_audio())[0] for _ in range(listen.WAITING + 1)]
    assert heard[-1] == 199
    assert heard[1:] == list(range(200 - listen.WAITING, 200))
