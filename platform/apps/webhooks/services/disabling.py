"""An endpoint that fails for too long is disabled, and its people are told."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

import structlog
from django.conf import settings

from apps.webhooks.models import Endpoint, EndpointState
from apps.webhooks.services.publish import publish
from apps.webhooks.telling import disabled
from tenants.mail import send_mail_template
from tenants.models import Membership
from tenants.permissions import Role
from tenants.scope import tenant_scope

log = structlog.get_logger(__name__)

TOLD = (Role.OWNER.value, Role.ADMIN.value)


def disable_failing(endpoint: Endpoint, reason: str, *, now: datetime) -> None:
    """Disables it, for `reason` in words: that is shown, mailed to owners and admins, and told to the other
    endpoints. In the platform's scope, with the endpoint's row locked. What waits for it is dead with the
    next look at it."""
    endpoint.state, endpoint.disabled_at, endpoint.disabled_reason = EndpointState.DISABLED, now, reason[:500]
    with tenant_scope(endpoint.tenant_id):
        endpoint.save(update_fields=["state", "disabled_at", "disabled_reason", "updated_at"])
        publish("webhook.disabled", disabled(endpoint), key=endpoint.public_id, at=now)
        _mail(endpoint)
    log.warning("webhook_disabled", endpoint=str(endpoint.pk), tenant=str(endpoint.tenant_id))


def _mail(endpoint: Endpoint) -> None:
    members = Membership.objects.filter(role__in=TOLD, user__is_active=True)
    for member in members.select_related("user", "tenant").order_by("pk"):
        send_mail_template(
            "mail/webhook_disabled",
            to=member.user.email,
            context={
                "tenant_name": member.tenant.name,
                "address": _shown(endpoint.url),
                "reason": endpoint.disabled_reason,
                "url": f"{settings.PUBLIC_URL}/t/{member.tenant.slug}/webhooks/{endpoint.public_id}",
            },
        )


def _shown(url: str) -> str:
    """Without what may be secret in it: many a receiver has a token in the path or behind it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
