"""What the live sockets share: who may use them, and an outbox that makes a slow client wait for itself."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Coroutine
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from asgiref.sync import sync_to_async
from channels.consumer import get_handler_name
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from apps.calls.api.sockets.credentials import Who, credentials_of, query_of
from apps.calls.api.sockets.hub import Update, hub
from apps.calls.api.sockets.seats import Seat, TooManySockets
from apps.calls.models import Call
from tenants.ids import from_public, to_public
from tenants.principals import AuthenticationRefused, Principal
from tenants.scope import tenant_scope
from tenants.selectors import principal_for_api_key

log = structlog.get_logger(__name__)

UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, TOO_MANY, UNAVAILABLE = 4401, 4403, 4404, 4429, 1013
AUTHENTICATE_WITHIN_S = 10.0
CHECK_AGAIN_S = 30.0
"""How soon a revoked key, a removed member or an ended session loses the socket."""

OUTBOX = 1_000
"""Messages that may wait for a slow client before it is told to come back later."""

FAREWELL_S = 5.0

Json = dict[str, Any]


class LiveConsumer(AsyncWebsocketConsumer):
    """One client. It owns its outbox and its tasks: a slow one waits for itself alone.

    Subclasses name the `permission` they need and say what happens once it is given (`begin`), and on
    messages (`hear`) and audio (`hear_audio`) after that.
    """

    permission: str
    channel_layer_alias = ""
    """No channel of its own: updates come by the process's hub."""
    _begun = _left = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """An answer to a client that has gone raises, and Channels says no goodbye then: what runs beside the
        socket would run for ever."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self._begun and not self._left:
                await self.disconnect(1006)

    async def connect(self) -> None:
        self._begun = True
        self._principal: Principal | None = None
        self._who: Who | None = None
        self._outbox: asyncio.Queue[str] = asyncio.Queue(OUTBOX)
        self._tasks: list[asyncio.Task[None]] = []
        self._groups: set[str] = set()
        self._turn = asyncio.Lock()
        self._late: deque[Update] = deque()
        self._lateness = asyncio.Event()
        self._closing = False
        self._seat = Seat()
        credentials = credentials_of(self.scope)
        try:
            if credentials is not None:
                await self._admit(credentials)
        except AuthenticationRefused as refusal:
            await self.close(_close_code(refusal))
            return
        except TooManySockets as refusal:
            # Said in words: a handshake that is refused tells a browser nothing.
            await self.accept()
            self.start(self._send_outbox())
            await self.refuse(TOO_MANY, "too_many_sockets", str(refusal))
            return
        await self.accept()
        self.start(self._send_outbox())
        self.start(self._catch_up())
        self.start(self._watch_credentials())
        if credentials is not None:
            await self.begin()

    async def disconnect(self, code: int) -> None:
        self._closing = self._left = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.leave_all()
        await sync_to_async(self._seat.leave, thread_sensitive=False)()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self._closing:
            return
        if bytes_data is not None:
            if self._principal is None:
                await self.close(UNAUTHENTICATED)
            else:
                await self.hear_audio(bytes_data)
            return
        content = _decoded(text_data)
        if self._principal is not None:
            async with self._turn:
                await self.hear(content)
        elif content.get("type") == "authenticate":
            await self._authenticate(content)
        else:
            await self.close(UNAUTHENTICATED)

    # --- what subclasses do ------------------------------------------------------------------------

    async def begin(self) -> None:
        """The client may use the socket."""

    async def hear(self, message: Json) -> None:
        """A JSON message; anything that is not a JSON object comes as an empty one."""

    async def hear_audio(self, pcm: bytes) -> None:
        """A binary message."""
        self.put_error("unknown_type", "Send JSON here.")

    def told_at_once(self, update: Update) -> bool:
        """Tells the client of `update` if that takes no waiting; False: nothing was told."""
        return False

    async def updated(self, update: Update) -> None:
        """Tells the client of `update`."""

    # --- what subclasses use -----------------------------------------------------------------------

    @property
    def principal(self) -> Principal:
        """Who this is, once `begin` has been called."""
        assert self._principal is not None, "begin"  # noqa: S101
        return self._principal

    def put(self, message: Json) -> None:
        """Sends a message after those that wait."""
        self.put_text(json.dumps(message))

    def put_text(self, text: str) -> None:
        """The same for JSON that is written already."""
        with contextlib.suppress(asyncio.QueueFull):
            self._outbox.put_nowait(text)

    def put_error(self, code: str, detail: str, **more: Any) -> None:
        """Tells the client what is wrong."""
        self.put({"type": "error", "code": code, "detail": detail} | more)

    async def refuse(self, close_code: int, code: str, detail: str) -> None:
        """Says why there is nothing more to come, and closes."""
        self.put_error(code, detail)
        await self.finish(close_code, code)

    async def finish(self, close_code: int = 1000, reason: str = "") -> None:
        """Closes once everything has been sent, or the client is too slow for it."""
        if self._closing:
            return
        self._closing = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                await self._outbox.join()
        await self.close(close_code, reason)

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Runs `work` beside the socket, at most as long as it lives."""
        task = asyncio.create_task(work)
        self._tasks.append(task)
        return task

    async def join(self, group: str) -> None:
        """From now on `updated` hears what is sent to the group (`apps.calls.live`)."""
        self._groups.add(group)
        await hub().join(group, self)

    async def leave(self, group: str) -> None:
        if group in self._groups:
            self._groups.discard(group)
            await hub().leave(group, self)

    def on_update(self, update: Update) -> None:
        """From the hub. What cannot be told at once waits its turn, and so does what comes after it."""
        if self._late or self._turn.locked() or not self.told_at_once(update):
            self._late.append(update)
            self._lateness.set()

    async def _catch_up(self) -> None:
        while True:
            await self._lateness.wait()
            self._lateness.clear()
            async with self._turn:
                while self._late:
                    await self.updated(self._late.popleft())

    async def dispatch(self, message: Json) -> None:
        """Without Channels' look at the database connections, which costs a thread for every 20 ms of
        audio; `database_sync_to_async` does it where there is a database."""
        await getattr(self, get_handler_name(message))(message)

    async def leave_all(self) -> None:
        for group in list(self._groups):
            await self.leave(group)

    async def too_slow(self) -> bool:
        """Whether the outbox is full, in which case the socket is closed."""
        if not self._outbox.full():
            return False
        if not self._closing:
            self._closing = True
            await self.close(UNAVAILABLE)
            await self.leave_all()
        return True

    async def find_call(self, call_id: UUID) -> Call | None:
        """A call of the client's tenant."""
        call: Call | None = await database_sync_to_async(_find)(self.principal.tenant_id, call_id)
        return call

    async def call_of_address(self) -> Call | None:
        """The call that `?call=` names. None: the client has been told, and the socket is closed."""
        try:
            call_id = from_public(Call.id_prefix, query_of(self.scope, "call"))
        except ValueError as error:
            await self.refuse(NOT_FOUND, "invalid", f"call: {error}")
            return None
        call = await self.find_call(call_id)
        if call is None:
            await self.refuse(NOT_FOUND, "not_found", "There is no such call.")
        return call

    # --- who ---------------------------------------------------------------------------------------

    async def _admit(self, who: Who) -> None:
        principal = await database_sync_to_async(who)()
        if not principal.may(self.permission):
            raise AuthenticationRefused(f"This needs the permission {self.permission}.", "permission_denied")
        await sync_to_async(self._seat.take, thread_sensitive=False)(principal)
        self._principal, self._who = principal, who

    async def _authenticate(self, content: Json) -> None:
        try:
            await self._admit(partial(principal_for_api_key, str(content.get("key", ""))))
        except AuthenticationRefused as refusal:
            await self.refuse(_close_code(refusal), refusal.code, refusal.detail)
            return
        except TooManySockets as refusal:
            await self.refuse(TOO_MANY, "too_many_sockets", str(refusal))
            return
        self.put({"type": "authenticated", "tenant": to_public("ten_", self.principal.tenant_id)})
        await self.begin()

    async def _watch_credentials(self) -> None:
        """Closes the socket of who does not say who they are in time, or may no longer use it."""
        await asyncio.sleep(AUTHENTICATE_WITHIN_S)
        while self._who is not None:
            await asyncio.sleep(CHECK_AGAIN_S)
            try:
                await self._admit(self._who)
            except AuthenticationRefused:
                break
            except TooManySockets as refusal:  # its seat was lost with Redis, and given to others
                await self.refuse(TOO_MANY, "too_many_sockets", str(refusal))
                return
            except Exception as error:
                log.warning("socket_check_delayed", error=type(error).__name__)
        self._closing = True
        await self.close(UNAUTHENTICATED)

    async def _send_outbox(self) -> None:
        while True:
            text = await self._outbox.get()
            try:
                await self.send(text_data=text)
            finally:
                self._outbox.task_done()


def _decoded(text: str | None) -> Json:
    try:
        content = json.loads(text or "null")
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _close_code(refusal: AuthenticationRefused) -> int:
    return FORBIDDEN if refusal.code == "permission_denied" else UNAUTHENTICATED


def _find(tenant_id: UUID, call_id: UUID) -> Call | None:
    with tenant_scope(tenant_id):
        return Call.objects.select_related("node").filter(pk=call_id).first()
