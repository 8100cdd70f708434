"""The node's command stream: read by the supervisor, handed to every line.

Only the line that carries the call acts. Entries are removed once handed on, so that the stream
needs no memory of where its reader was: not after a restart, not after Redis was wiped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import redis.asyncio as redis
from pydantic import ValidationError
from redis.exceptions import RedisError

from media_workers.contract.calls import CallCommand, command_stream
from media_workers.runtime import logs
from media_workers.runtime.waiting import Backoff

BLOCK_MS = 2_000
"""Shorter than the client's socket timeout."""


async def follow(client: redis.Redis, node: str, hand_on: Callable[[CallCommand], None]) -> None:
    """Hands on each command as it comes, until cancelled."""
    stream = command_stream(node)
    backoff = Backoff(0.2, 5.0)
    away = False
    while True:
        try:
            answer: Any = await client.xread({stream: "0"}, count=50, block=BLOCK_MS)
            for entry_id, fields in answer[0][1] if answer else ():
                _handle(fields, hand_on)
                await client.xdel(stream, entry_id)
            backoff.reset()
            away = False
        except (RedisError, OSError) as error:
            if not away:
                logs.get().warning("commands_unavailable", error=str(error))
            away = True
            await asyncio.sleep(backoff.delay())


def _handle(fields: dict[bytes, bytes], hand_on: Callable[[CallCommand], None]) -> None:
    try:
        command = CallCommand.model_validate_json(fields.get(b"command", b""))
    except ValidationError as error:
        logs.get().error("bad_command", error=str(error))
        return
    hand_on(command)
