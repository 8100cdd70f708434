"""The live socket /ws/v1/calls/: what happens on a tenant's calls, as it happens, in JSON.

A program sends its API key in the Authorization header, or in the first message, since a browser's
WebSocket cannot set headers: ``{"type": "authenticate", "key": "tl_live_..."}``. A logged-in member
needs neither; with several tenants ``?tenant=ten_...`` names one. Then ``{"type": "subscribe"}`` asks
for every call of the tenant, ``{"type": "subscribe", "call": "call_..."}`` for one.

Messages: ``{"type": "event", "call", "seq", "at", "state", "event": {...}}`` for what a node reported,
``{"type": "state", "call", "seq", "state", "end_reason"}`` for what the platform did. A view, not a
record: whoever missed something reads /api/v1/calls/{id}/events from the `seq` that they have.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import structlog
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from apps.calls.live import call_group, tenant_group
from apps.calls.models import Call
from tenants.ids import from_public, to_public
from tenants.principals import AuthenticationRefused, Principal
from tenants.scope import tenant_scope
from tenants.selectors import bearer_token, principal_for_api_key, principal_for_user

log = structlog.get_logger(__name__)

PERMISSION = "calls.read"
UNAUTHENTICATED, FORBIDDEN, TOO_SLOW = 4401, 4403, 1013
AUTHENTICATE_WITHIN_S = 10.0
CHECK_AGAIN_S = 60.0
"""How soon a revoked key or a removed member loses the socket."""

OUTBOX = 1_000
"""Messages that may wait for a slow client before it is told to come back later."""

MAX_CALLS = 100
FAREWELL_S = 5.0


class CallsConsumer(AsyncJsonWebsocketConsumer):
    """One client. It owns its queue and its tasks: a slow one waits for itself alone."""

    async def connect(self) -> None:
        self._principal: Principal | None = None
        self._who: Callable[[], Principal] | None = None
        self._calls: set[UUID] = set()
        self._everything = False
        self._outbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue(OUTBOX)
        self._tasks: list[asyncio.Task[None]] = []
        try:
            credentials = self._credentials()
            if credentials is not None:
                await self._admit(credentials)
        except AuthenticationRefused as refusal:
            await self.close(_close_code(refusal))
            return
        await self.accept()
        self._tasks.append(asyncio.create_task(self._send_outbox()))
        self._tasks.append(asyncio.create_task(self._watch_credentials()))

    async def disconnect(self, code: int) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._leave_all()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **_: Any) -> None:
        # Binary frames are nothing that we understand either.
        await super().receive(text_data or "null")

    async def receive_json(self, content: Any, **_: Any) -> None:
        kind = content.get("type") if isinstance(content, dict) else None
        if kind == "authenticate" and self._principal is None:
            await self._authenticate(content)
        elif self._principal is None:
            await self.close(UNAUTHENTICATED)
        elif kind == "subscribe":
            await self._subscribe(content)
        elif kind == "unsubscribe":
            await self._unsubscribe(content)
        else:
            self._error("unknown_type", "Send a message of the type subscribe or unsubscribe.")

    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        try:
            return await super().decode_json(text_data)
        except (ValueError, RecursionError):
            return None

    async def calls_update(self, update: dict[str, Any]) -> None:
        """From the channel layer (`apps.calls.live`)."""
        for message in update["messages"]:
            self._put(message)
            if self._outbox.full():
                await self.close(TOO_SLOW)
                await self._leave_all()
                return

    # --- who -------------------------------------------------------------------------------------

    def _credentials(self) -> Callable[[], Principal] | None:
        """How to find out who this is, each time it is asked; None when the first message must say."""
        headers = {
            name.decode("latin-1").title(): value.decode("latin-1") for name, value in self.scope["headers"]
        }
        token = bearer_token(headers)
        if token is not None:
            return partial(principal_for_api_key, token)
        user = self.scope.get("user")
        if user is not None and user.is_authenticated:
            tenant = parse_qs(self.scope["query_string"].decode("latin-1")).get("tenant", [""])[0]
            return partial(principal_for_user, user, tenant)
        return None

    async def _admit(self, who: Callable[[], Principal]) -> None:
        principal = await database_sync_to_async(who)()
        if not principal.may(PERMISSION):
            raise AuthenticationRefused(f"This needs the permission {PERMISSION}.", "permission_denied")
        self._principal, self._who = principal, who

    async def _authenticate(self, content: dict[str, Any]) -> None:
        try:
            await self._admit(partial(principal_for_api_key, str(content.get("key", ""))))
        except AuthenticationRefused as refusal:
            self._error(refusal.code, refusal.detail)
            await self._drained()
            await self.close(_close_code(refusal))
            return
        assert self._principal is not None  # noqa: S101
        self._put({"type": "authenticated", "tenant": to_public("ten_", self._principal.tenant_id)})

    async def _watch_credentials(self) -> None:
        """Closes the socket of who does not say who they are in time, or may no longer read calls."""
        await asyncio.sleep(AUTHENTICATE_WITHIN_S)
        while self._who is not None:
            await asyncio.sleep(CHECK_AGAIN_S)
            try:
                await self._admit(self._who)
            except AuthenticationRefused:
                break
            except Exception as error:
                log.warning("socket_check_delayed", error=type(error).__name__)
        await self.close(UNAUTHENTICATED)

    # --- what ------------------------------------------------------------------------------------

    async def _subscribe(self, content: dict[str, Any]) -> None:
        assert self._principal is not None  # noqa: S101
        if content.get("call") is None:
            await self._leave_all()
            self._everything = True
            await self.channel_layer.group_add(tenant_group(self._principal.tenant_id), self.channel_name)
            self._put({"type": "subscribed", "call": None})
            return
        call_id = self._call_id(content)
        if call_id is None:
            return
        if len(self._calls) >= MAX_CALLS:
            self._error("too_many", f"Subscribe to at most {MAX_CALLS} calls, or to all of them.")
            return
        if not self._everything:
            await self.channel_layer.group_add(call_group(call_id), self.channel_name)
        # Read after joining: everything after this `seq` will be heard.
        call = await database_sync_to_async(_find)(self._principal.tenant_id, call_id)
        if call is None:
            await self._leave(call_id)
            self._error("not_found", "There is no such call.", call=content["call"])
            return
        if not self._everything:
            self._calls.add(call_id)
        self._put({"type": "subscribed", "call": call.public_id, "state": call.state, "seq": call.last_seq})

    async def _unsubscribe(self, content: dict[str, Any]) -> None:
        if content.get("call") is None:
            await self._leave_all()
            self._put({"type": "unsubscribed", "call": None})
            return
        call_id = self._call_id(content)
        if call_id is not None:
            await self._leave(call_id)
            self._put({"type": "unsubscribed", "call": content["call"]})

    def _call_id(self, content: dict[str, Any]) -> UUID | None:
        try:
            return from_public("call_", str(content["call"]))
        except ValueError as error:
            self._error("invalid", f"call: {error}")
            return None

    async def _leave(self, call_id: UUID) -> None:
        self._calls.discard(call_id)
        await self.channel_layer.group_discard(call_group(call_id), self.channel_name)

    async def _leave_all(self) -> None:
        for call_id in list(self._calls):
            await self._leave(call_id)
        if self._everything and self._principal is not None:
            self._everything = False
            await self.channel_layer.group_discard(tenant_group(self._principal.tenant_id), self.channel_name)

    # --- out -------------------------------------------------------------------------------------

    def _error(self, code: str, detail: str, **more: Any) -> None:
        self._put({"type": "error", "code": code, "detail": detail} | more)

    def _put(self, message: dict[str, Any]) -> None:
        if not self._outbox.full():
            self._outbox.put_nowait(message)

    async def _drained(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._outbox.join(), FAREWELL_S)

    async def _send_outbox(self) -> None:
        while True:
            message = await self._outbox.get()
            try:
                await self.send_json(message)
            finally:
                self._outbox.task_done()


def _close_code(refusal: AuthenticationRefused) -> int:
    return FORBIDDEN if refusal.code == "permission_denied" else UNAUTHENTICATED


def _find(tenant_id: UUID, call_id: UUID) -> Call | None:
    with tenant_scope(tenant_id):
        return Call.objects.filter(pk=call_id).first()
