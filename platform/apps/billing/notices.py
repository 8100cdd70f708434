"""Mails about money, to those who may do something about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings

from tenants.mail import send_mail_template
from tenants.models import Membership
from tenants.permissions import PERMISSIONS, Role

PAYERS = [role.value for role in Role if "billing.write" in PERMISSIONS[role]]


def mail_to_payers(template: str, context: Mapping[str, Any], *, tenant_id: UUID, tab: str) -> None:
    """Sends the mail `template` to everybody of the tenant who may change how it pays, after the commit. It
    leads to the `tab` of the pages of money."""
    members = Membership.objects.filter(tenant_id=tenant_id, role__in=PAYERS, user__is_active=True)
    for member in members.select_related("user", "tenant").order_by("pk"):
        url = f"{settings.PUBLIC_URL}/t/{member.tenant.slug}/billing?tab={tab}"
        told = {"tenant_name": member.tenant.name, "url": url, **context}
        send_mail_template(template, to=member.user.email, context=told)
