"""/ws/v1/listen/?call=call_...: both sides of a running call, mixed, for who may listen in."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping
from typing import Any

import redis.asyncio
import structlog
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.conf import settings
from redis import RedisError

from apps.calls import streams
from apps.calls.api.sockets.base import FORBIDDEN, NOT_FOUND, UNAVAILABLE, Json, LiveConsumer
from apps.calls.api.sockets.hub import Update
from apps.calls.live import call_group
from apps.calls.models import Call
from apps.calls.states import ON_A_NODE, CallState
from media_workers.contract.calls import CallCommand, listen_channel
from media_workers.contract.events import END_REASON_WORDS, EndReason
from tenants.audit.context import acting_on_socket
from tenants.audit.services import record
from tenants.principals import Principal
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

LEASE_S = 15.0
RENEW_S = 5.0
"""The call's line stops publishing when nobody has renewed: a web process that died listens no more."""

WAITING = 20
"""Pieces of 100 ms that may wait for a slow listener; the oldest are dropped."""

SAMPLE_RATE = 8_000


def _note(scope: Mapping[str, Any], principal: Principal, call: Call, action: str) -> None:
    """Who listens in is in the audit log before they hear anything."""
    with acting_on_socket(scope, principal), tenant_scope(principal.tenant_id):
        record(action, of=call)


class ListenConsumer(LiveConsumer):
    """One listener, who is not heard."""

    permission = "calls.listen"
    noted = "listened_in"
    channel = staticmethod(listen_channel)

    async def begin(self) -> None:
        self._audio: deque[bytes] = deque(maxlen=WAITING)
        self._arrived = asyncio.Event()
        call = await self.call_of_address()
        if call is None:
            return
        if self.principal.mode == "test" and not call.test:
            await self.refuse(FORBIDDEN, "permission_denied", "A test key reaches sandbox calls only.")
            return
        await self.join(call_group(call.pk))
        # Read after joining: an end that comes now is heard.
        call = await self.find_call(call.pk) or call
        if call.state == CallState.ENDED:
            await self._over(call.end_reason, call.end_detail)
        elif call.state not in ON_A_NODE:
            await self.refuse(NOT_FOUND, "not_running", "The call has not begun yet.")
        else:
            await self._watch(call)

    async def _watch(self, call: Call) -> None:
        await database_sync_to_async(_note)(self.scope, self.principal, call, self.noted)
        self.start(self._listen(call))
        self.start(self._send_audio())

    async def hear(self, message: Json) -> None:
        self.put_error("unknown_type", "There is nothing to say here.")

    async def updated(self, update: Update) -> None:
        for message in update.messages:
            event = message.get("event", {})
            if event.get("type") == "ended":
                await self._over(event["reason"], event["detail"])
            elif message["type"] == "state" and message["state"] == CallState.ENDED:
                await self._over(message["end_reason"])

    # --- the audio -----------------------------------------------------------------------------------

    async def _listen(self, call: Call) -> None:
        client = redis.asyncio.from_url(settings.REDIS_URL, socket_connect_timeout=streams.TIMEOUT_S)
        try:
            async with client.pubsub() as pubsub:
                await pubsub.subscribe(self.channel(call.pk))
                self.put({"type": "listening", "sample_rate": SAMPLE_RATE})
                renewing = asyncio.create_task(self._renew(call))
                try:
                    await self._receive(pubsub)
                finally:
                    renewing.cancel()
        except (RedisError, OSError) as error:
            log.warning("listening_in_failed", error=type(error).__name__)
            await self.refuse(UNAVAILABLE, "unavailable", "The audio cannot be had at the moment; try again.")
        finally:
            with contextlib.suppress(RedisError, OSError):
                await client.aclose()

    async def _receive(self, pubsub: Any) -> None:
        async for message in pubsub.listen():
            if message["type"] == "message":
                self._audio.append(message["data"])
                self._arrived.set()

    async def _renew(self, call: Call) -> None:
        assert call.node is not None  # noqa: S101  (a check constraint says so)
        command = CallCommand(call_id=call.pk, action="listen", lease_s=LEASE_S)
        while True:
            with contextlib.suppress(RedisError):
                await sync_to_async(streams.send_command, thread_sensitive=False)(call.node.name, command)
            await asyncio.sleep(RENEW_S)

    async def _send_audio(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._audio and not self._closing:
                await self.send(bytes_data=self._audio.popleft())

    async def _over(self, reason: str, detail: str = "") -> None:
        words = END_REASON_WORDS[EndReason(reason)]
        self.put({"type": "ended", "end_reason": reason, "end_words": words, "end_detail": detail})
        await self.finish()
