"""Background work of follow-ups."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from apps.followups.services import place_due_callbacks, send_due_messages, send_message
from apps.followups.services.messages import SEND


@shared_task(name="followups.look", ignore_result=True)
def look_for_due() -> None:
    """Callbacks whose time has come, messages that wait for another attempt. Beat asks every 10 s."""
    place_due_callbacks()
    send_due_messages()


@shared_task(name=SEND, ignore_result=True)
def send_one_message(tenant_id: str, message_id: str) -> None:
    """Twice does no harm."""
    send_message(tenant_id=UUID(tenant_id), message_id=UUID(message_id))
