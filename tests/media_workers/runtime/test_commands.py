import asyncio
import os
from uuid import uuid4

import redis.asyncio as redis

from media_workers.contract.calls import CallCommand, command_stream
from media_workers.runtime import commands
from media_workers.runtime.waiting import cancelled

LONG_S = 30.0
NODE = "commanded"


async def test_commands_are_handed_on_in_order_once_and_through_a_flush() -> None:
    address = os.environ["REDIS_URL"].rpartition("/")[0]
    client = redis.from_url(f"{address}/13", socket_timeout=5)
    stream = command_stream(NODE)
    await client.delete(stream)
    sent = [CallCommand(call_id=uuid4(), action="say", text=f"{n}") for n in range(4)]
    got: list[CallCommand] = []
    await client.xadd(stream, {"command": sent[0].model_dump_json()})  # before anybody reads
    follower = asyncio.create_task(commands.follow(client, NODE, got.append))
    try:
        async with asyncio.timeout(LONG_S):
            while len(got) < 1:
                await asyncio.sleep(0.01)
            await client.xadd(stream, {"command": "{}"})
            await client.xadd(stream, {"command": sent[1].model_dump_json()})
            await client.xadd(stream, {"command": sent[2].model_dump_json()})
            while len(got) < 3:
                await asyncio.sleep(0.01)
            await client.flushdb()
            await client.xadd(stream, {"command": sent[3].model_dump_json()})
            while len(got) < 4 or await client.xlen(stream):
                await asyncio.sleep(0.01)
        assert got == sent
    finally:
        await cancelled(follower)
        await client.delete(stream)
        await client.aclose()
