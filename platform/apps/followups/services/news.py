"""What carriers tell of messages that they took: some do not arrive after all."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from apps.followups import telling
from apps.followups.models import MessageState, TextMessage
from apps.followups.services.paying import pay_back
from tenants.scope import platform_scope, tenant_scope


def message_told(sender: object, *, key: str, problem: str, billed: bool, **_: object) -> None:
    """Receives `apps.numbers.signals.message_told`. One that did not arrive has failed; it is paid back when
    the carrier takes nothing for it either. News may be here before the answer to our own request is."""
    message_id = _id(key)
    if not problem or message_id is None:
        return
    with platform_scope():
        tenant_id = TextMessage.objects.filter(pk=message_id).values_list("tenant_id", flat=True).first()
    if tenant_id is None:
        return
    with tenant_scope(tenant_id):
        message = _taken().select_for_update(no_key=True, of=("self",)).filter(pk=message_id).first()
        if message is not None:
            message.state, message.problem = MessageState.FAILED, problem[:500]
            message.save(update_fields=["state", "problem", "updated_at"])
            if not billed:
                pay_back(message)
            telling.message_failed(message)


def _taken() -> QuerySet[TextMessage]:
    """Those that a carrier may have."""
    asked = Q(state=MessageState.QUEUED, attempts__gt=0)
    return TextMessage.objects.filter(Q(state=MessageState.SENT) | asked)


def _id(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None
