"""/ws/v1/calls/: what happens on a tenant's calls, as it happens.

``{"type": "subscribe"}`` asks for every call of the tenant and is answered with those that run now;
``{"type": "subscribe", "call": "call_...", "after": seq}`` asks for one, from the event after `seq` on.

Nothing is lost or doubled: a group is joined before the database is read, and what both tell is told
once, by its `seq`. Of one call even a message that the channel layer lost is read again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async

from apps.calls.api.serializers import CallSerializer
from apps.calls.api.sockets.base import Json, LiveConsumer
from apps.calls.api.sockets.hub import Update
from apps.calls.live import call_group, event_message, tenant_group
from apps.calls.models import Call, Direction
from apps.calls.selectors import events_of, list_calls
from apps.calls.states import CallState
from tenants.ids import from_public, to_public
from tenants.scope import tenant_scope

LEADS_TO = {
    "ringing": CallState.RINGING,
    "answered": CallState.IN_PROGRESS,
    "ended": CallState.ENDED,
}
MAX_CALLS = 100
SNAPSHOT = 500
"""Running calls that a tenant-wide subscription begins with, the newest ones."""

REPLAY = 200
"""Events read at a time for a client that missed some."""


class CallsConsumer(LiveConsumer):
    """A client that watches calls."""

    permission = "calls.read"

    async def connect(self) -> None:
        self._everything = False
        self._told: dict[str, int] = {}
        self._watched: set[str] = set()
        await super().connect()

    async def hear(self, message: Json) -> None:
        kind = message.get("type")
        if kind == "subscribe" and message.get("call") is None:
            await self._subscribe_to_all()
        elif kind == "subscribe":
            await self._subscribe(message)
        elif kind == "unsubscribe":
            await self._unsubscribe(message)
        else:
            self.put_error("unknown_type", "Send a message of the type subscribe or unsubscribe.")

    def told_at_once(self, update: Update) -> bool:
        if self._outbox.qsize() + len(update.messages) >= self._outbox.maxsize or self._misses(update):
            return False
        for message, text in zip(update.messages, update.texts, strict=True):
            self._tell(message, text)
        return True

    async def updated(self, update: Update) -> None:
        for message, text in zip(update.messages, update.texts, strict=True):
            missed = self._gap(message)
            if missed is not None:
                await self._replay(message["call"], missed, before=message["seq"])
            self._tell(message, text)
            if await self.too_slow():
                return

    # --- subscriptions -----------------------------------------------------------------------------

    async def _subscribe_to_all(self) -> None:
        self._forget_all()
        await self.leave_all()
        self._everything = True
        await self.join(tenant_group(self.principal.tenant_id))
        calls = await database_sync_to_async(_running)(self.principal.tenant_id)
        self._told = {call["id"]: call["last_seq"] for call in calls}
        self.put({"type": "subscribed", "call": None})
        self.put({"type": "snapshot", "calls": calls})

    async def _subscribe(self, message: Json) -> None:
        call_id, after = self._call_id(message), message.get("after")
        if call_id is None:
            return
        if after is not None and not (isinstance(after, int) and 0 <= after < 2**31):
            self.put_error("invalid", "after: give the `seq` of the last event that you have.")
            return
        if len(self._watched) >= MAX_CALLS:
            self.put_error("too_many", f"Subscribe to at most {MAX_CALLS} calls, or to all of them.")
            return
        if not self._everything:
            await self.join(call_group(call_id))
        call = await self.find_call(call_id)
        if call is None:
            await self.leave(call_group(call_id))
            self.put_error("not_found", "There is no such call.", call=message["call"])
            return
        name = call.public_id
        self.put({"type": "subscribed", "call": name, "state": call.state, "seq": call.last_seq})
        if after is not None:
            await self._replay(name, after)
        if not self._everything:
            self._watched.add(name)
            self._told[name] = max(call.last_seq, self._told.get(name, 0))

    async def _unsubscribe(self, message: Json) -> None:
        if message.get("call") is None:
            self._forget_all()
            await self.leave_all()
            self.put({"type": "unsubscribed", "call": None})
            return
        call_id = self._call_id(message)
        if call_id is not None:
            await self.leave(call_group(call_id))
            name = to_public(Call.id_prefix, call_id)
            self._watched.discard(name)
            if not self._everything:
                self._told.pop(name, None)
            self.put({"type": "unsubscribed", "call": message["call"]})

    def _forget_all(self) -> None:
        self._everything = False
        self._watched.clear()
        self._told.clear()

    def _call_id(self, message: Json) -> UUID | None:
        try:
            return from_public(Call.id_prefix, str(message["call"]))
        except ValueError as error:
            self.put_error("invalid", f"call: {error}")
            return None

    # --- what is told ------------------------------------------------------------------------------

    def _tell(self, message: Json, text: str) -> None:
        """A state is told again rather than not at all, but never one from before what was told; an event
        once."""
        name, seq, is_state = message["call"], message["seq"], message["type"] == "state"
        told = self._told.get(name, 0)
        if seq < told or (seq == told and not is_state):
            return
        self.put_text(text)
        if self._everything and message["state"] == CallState.ENDED:
            self._told.pop(name, None)
        elif not is_state:
            self._told[name] = seq

    def _misses(self, update: Update) -> bool:
        """Whether events are missing before those of the update, which follow each other."""
        return bool(self._watched) and self._gap(update.messages[0]) is not None

    def _gap(self, message: Json) -> int | None:
        """The last event told of a watched call, when there are others between it and `message`."""
        told = self._told.get(message["call"])
        lost = message["type"] == "event" and message["call"] in self._watched and told is not None
        return told if lost and message["seq"] > (told or 0) + 1 else None

    async def _replay(self, name: str, after: int, *, before: int | None = None) -> None:
        """The events after `after`, up to the newest one or the one before `before`."""
        while True:
            missed = await database_sync_to_async(_events)(self.principal.tenant_id, name, after, before)
            for message in missed:
                self.put(message)
            if missed:
                after = self._told[name] = missed[-1]["seq"]
            if len(missed) < REPLAY or await self.too_slow():
                return


def _running(tenant_id: UUID) -> list[dict[str, Any]]:
    with tenant_scope(tenant_id):
        running = list_calls().exclude(state=CallState.ENDED).order_by("-pk")[:SNAPSHOT]
        return [dict(CallSerializer(call).data) for call in running]


def _events(tenant_id: UUID, name: str, after: int, before: int | None) -> Sequence[Json]:
    with tenant_scope(tenant_id):
        call = Call.objects.get(pk=from_public(Call.id_prefix, name))
        events = events_of(call).filter(seq__gt=after)
        if before is not None:
            events = events.filter(seq__lt=before)
        state_at = _history(call)
        return [event_message(name, e.seq, e.at, state_at(e.seq), e.body) for e in events[:REPLAY]]


def _history(call: Call) -> Callable[[int], str]:
    """The state that the call was in after an event."""
    turning = events_of(call).filter(type__in=LEADS_TO).values_list("type", "seq").order_by("seq")
    first = CallState.RINGING if call.direction == Direction.INBOUND else CallState.DIALING
    steps = [(0, first), *((seq, LEADS_TO[kind]) for kind, seq in turning)]

    def state_at(seq: int) -> str:
        return next(state.value for at, state in reversed(steps) if at <= seq)

    return state_at
