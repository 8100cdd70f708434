"""/ws/v1/take-over/?call=call_...: a person speaks with the caller instead of the agent."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import Any

import redis.asyncio
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.conf import settings
from redis import RedisError

from apps.calls import streams
from apps.calls.api.sockets.base import FORBIDDEN, NOT_FOUND, Json
from apps.calls.api.sockets.hub import Update
from apps.calls.api.sockets.listen import ListenConsumer
from apps.calls.models import Call
from apps.calls.states import CallState
from media_workers.contract.calls import CallCommand, operator_channel, speak_channel
from tenants.audit.context import acting_on_socket, actor_now

LEASE_S = 6.0
RENEW_S = 2.0
"""A socket that drops without a word gives the call back within the lease."""

FRAME_BYTES = 320
LONGEST = 20 * FRAME_BYTES
MICROPHONE = 20
"""Messages of audio that may wait for Redis; the oldest are dropped."""


class TakeOverConsumer(ListenConsumer):
    """Hears the call like a listener, and is heard by the caller; the agent is silent meanwhile. Closing the
    socket gives the call back."""

    noted = "took_over"
    channel = staticmethod(operator_channel)
    _call: Call | None = None

    async def begin(self) -> None:
        self._microphone: deque[bytes] = deque(maxlen=MICROPHONE)
        self._spoken = asyncio.Event()
        self._complained = False
        if not self.principal.may("calls.control"):
            detail = "Taking a call over needs the permission calls.control too."
            await self.refuse(FORBIDDEN, "permission_denied", detail)
            return
        self._by = await database_sync_to_async(self._label)()
        await super().begin()

    async def disconnect(self, code: int) -> None:
        call, self._call = self._call, None
        await super().disconnect(code)  # renews the lease no more
        if call is not None:
            await self._order(call, "give_back", 0)

    async def hear(self, message: Json) -> None:
        if message.get("type") == "give_back":
            await self.finish()
        else:
            self.put_error("unknown_type", "Send audio, or a message of the type give_back.")

    async def hear_audio(self, pcm: bytes) -> None:
        if pcm and len(pcm) % FRAME_BYTES == 0 and len(pcm) <= LONGEST:
            self._microphone.append(pcm)
            self._spoken.set()
        elif not self._complained:
            self._complained = True
            self.put_error("bad_audio", "Send 20 ms at a time: 320 bytes of 16-bit mono at 8000 Hz.")

    async def updated(self, update: Update) -> None:
        for message in update.messages:
            event = message.get("event", {})
            if event.get("type") == "control" and event.get("by") == self._by:
                if event["action"] == "take_over":
                    self.put({"type": "taken_over"})
                elif event["action"] == "give_back":
                    await self.finish()
            elif event.get("what") == "command_refused" and "take_over" in event.get("detail", ""):
                await self.refuse(NOT_FOUND, "refused", event["detail"])
        await super().updated(update)

    async def _watch(self, call: Call) -> None:
        if call.state != CallState.IN_PROGRESS:
            await self.refuse(NOT_FOUND, "not_running", "The call has not been answered yet.")
            return
        await super()._watch(call)
        self._call = call
        self.start(self._send_up(call))

    async def _renew(self, call: Call) -> None:
        while True:
            await self._order(call, "take_over", LEASE_S)
            await asyncio.sleep(RENEW_S)

    async def _order(self, call: Call, action: Any, lease_s: float) -> None:
        assert call.node is not None  # noqa: S101  (a check constraint says so)
        command = CallCommand(call_id=call.pk, action=action, by=self._by, lease_s=lease_s)
        with contextlib.suppress(RedisError):
            await sync_to_async(streams.send_command, thread_sensitive=False)(call.node.name, command)

    async def _send_up(self, call: Call) -> None:
        client = redis.asyncio.from_url(settings.REDIS_URL, socket_connect_timeout=streams.TIMEOUT_S)
        try:
            while True:
                await self._spoken.wait()
                self._spoken.clear()
                while self._microphone:
                    with contextlib.suppress(RedisError, OSError):
                        await client.publish(speak_channel(call.pk), self._microphone.popleft())
        finally:
            with contextlib.suppress(RedisError, OSError):
                await client.aclose()

    def _label(self) -> str:
        with acting_on_socket(self.scope, self.principal):
            return str(actor_now()["actor_label"])
