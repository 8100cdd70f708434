"""Mails about numbers that somebody has to do something about: a rental that cannot be paid, an order that
failed, a port that waits."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.conf import settings

from apps.numbers.models import NumberOrder, PortRequest, PortState, Rental
from tenants.mail import send_mail_template
from tenants.models import Membership
from tenants.permissions import Role

PAYERS = (Role.OWNER.value, Role.ADMIN.value, Role.BILLING.value)
MANAGERS = (Role.OWNER.value, Role.ADMIN.value)


def tell_of_grace(rental: Rental) -> None:
    """The number goes at `rental.grace_until` unless there is money."""
    _mail_of_rental("mail/number_grace", rental)


def tell_of_loss(rental: Rental) -> None:
    """The number is given back now."""
    _mail_of_rental("mail/number_released", rental)


def tell_of_failed_order(order: NumberOrder) -> None:
    """It came to nothing; `order.problem` says why."""
    _mail(
        "mail/number_order_failed",
        MANAGERS,
        "numbers",
        {"number": order.e164, "problem": order.problem},
    )


def tell_of_port(port: PortRequest) -> None:
    """Only of one that waits for somebody, or was refused; the rest is no work for anybody."""
    if port.state in (PortState.ACTION_NEEDED, PortState.REJECTED):
        context = {
            "number": port.e164,
            "problem": port.problem,
            "rejected": port.state == PortState.REJECTED,
        }
        _mail("mail/number_port", MANAGERS, "numbers", context)


def _mail_of_rental(template: str, rental: Rental) -> None:
    context = {
        "number": rental.number.e164,
        "price": _shown(rental.monthly_micros),
        "currency": rental.currency,
        "grace_until": rental.grace_until,
    }
    _mail(template, PAYERS, "billing?tab=balance", context)


def _mail(template: str, roles: Collection[str], page: str, context: dict[str, Any]) -> None:
    """To the members of the tenant in force with these roles; `page` of the dashboard is their way."""
    members = Membership.objects.filter(role__in=roles, user__is_active=True)
    for member in members.select_related("user", "tenant").order_by("pk"):
        place = {
            "tenant_name": member.tenant.name,
            "url": f"{settings.PUBLIC_URL}/t/{member.tenant.slug}/{page}",
        }
        send_mail_template(template, to=member.user.email, context=context | place)


def _shown(micros: int) -> str:
    """Whole cents, upwards; a price that is finer shows what is asked for at least."""
    cents = -(-micros // 10_000)
    return f"{cents // 100}.{cents % 100:02d}"
