"""What tenants are told of what follows a call. The key of these events is the call's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from pydantic import Field

from apps.calls.models import Call
from apps.followups.models import Callback, TextMessage
from apps.webhooks.catalogue import PUBLIC_ID, EventData, EventType, register
from apps.webhooks.services import anybody_wants, publish
from tenants.ids import to_public


class CallbackPromised(EventData):
    callback: str = Field(pattern=PUBLIC_ID)
    call: str = Field(pattern=PUBLIC_ID, description="In which it was promised.")
    to_number: str
    at: datetime = Field(description="When they will be called.")
    note: str


class OfMessage(EventData):
    message: str = Field(pattern=PUBLIC_ID)
    call: str = Field(pattern=PUBLIC_ID, description="In which it was asked for.")
    from_number: str
    to_number: str
    text: str


class MessageSent(OfMessage):
    carrier_id: str = Field(description="The carrier's name for it.")


class MessageFailed(OfMessage):
    problem: str = Field(description="Why, in words. It is not tried again.")


def callback_promised(callback: Callback) -> None:
    """`callback.promised`."""
    if anybody_wants("callback.promised"):
        call = to_public(Call.id_prefix, callback.call_id)
        data = CallbackPromised(
            callback=callback.public_id,
            call=call,
            to_number=callback.to_number,
            at=callback.at,
            note=callback.note,
        )
        publish("callback.promised", data, key=call, at=callback.created_at)


def message_sent(message: TextMessage) -> None:
    """`message.sent`."""
    if anybody_wants("message.sent"):
        data = MessageSent(**_of(message), carrier_id=message.carrier_id)
        publish("message.sent", data, key=data.call, at=timezone.now())


def message_failed(message: TextMessage) -> None:
    """`message.failed`."""
    if anybody_wants("message.failed"):
        data = MessageFailed(**_of(message), problem=message.problem)
        publish("message.failed", data, key=data.call, at=timezone.now())


def _of(message: TextMessage) -> dict[str, Any]:
    return {
        "message": message.public_id,
        "call": to_public(Call.id_prefix, message.call_id),
        "from_number": message.from_number,
        "to_number": message.to_number,
        "text": message.text,
    }


_CALL = "call_01937b2ee7c07a3f9d2b4c5d6e7f8091"
_MESSAGE = {
    "message": "msg_01937b2ee7c07a3f9d2b4c5d6e7f8091",
    "call": _CALL,
    "from_number": "+12025550100",
    "to_number": "+12025550147",
    "text": "Your appointment is on Monday at nine.",
}


def register_events() -> None:
    """Called as applications start."""
    register(
        EventType(
            "callback.promised",
            "An agent has promised to call back.",
            CallbackPromised,
            Call.id_prefix,
            {
                "callback": "cbk_01937b2ee7c07a3f9d2b4c5d6e7f8091",
                "call": _CALL,
                "to_number": "+12025550147",
                "at": "2026-01-06T09:00:00Z",
                "note": "Asks about the invoice.",
            },
        ),
        EventType(
            "message.sent",
            "A carrier has taken an agent's text message.",
            MessageSent,
            Call.id_prefix,
            {**_MESSAGE, "carrier_id": "SM0192f0c8"},
        ),
        EventType(
            "message.failed",
            "An agent's text message could not be sent.",
            MessageFailed,
            Call.id_prefix,
            {**_MESSAGE, "problem": "The number takes no messages."},
        ),
    )
