"""What carriers tell of messages that they took: some do not arrive after all."""

from __future__ import annotations

from uuid import UUID

from apps.followups import telling
from apps.followups.models import MessageState, TextMessage
from tenants.scope import platform_scope, tenant_scope


def message_told(sender: object, *, key: str, problem: str, **_: object) -> None:
    """Receives `apps.numbers.signals.message_told`. One that did not arrive has failed; what the carrier took
    for it is not given back, for it is not to us either."""
    message_id = _id(key)
    if not problem or message_id is None:
        return
    with platform_scope():
        tenant_id = TextMessage.objects.filter(pk=message_id).values_list("tenant_id", flat=True).first()
    if tenant_id is None:
        return
    with tenant_scope(tenant_id):
        rows = TextMessage.objects.select_for_update(no_key=True, of=("self",))
        message = rows.filter(pk=message_id, state=MessageState.SENT).first()
        if message is not None:
            message.state, message.problem = MessageState.FAILED, problem[:500]
            message.save(update_fields=["state", "problem", "updated_at"])
            telling.message_failed(message)


def _id(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None
