"""Mails about numbers whose rental cannot be paid, to those who can do something about it."""

from __future__ import annotations

from django.conf import settings

from apps.numbers.models import Rental
from tenants.mail import send_mail_template
from tenants.models import Membership
from tenants.permissions import Role

TOLD = (Role.OWNER.value, Role.ADMIN.value, Role.BILLING.value)


def tell_of_grace(rental: Rental) -> None:
    """The number goes at `rental.grace_until` unless there is money."""
    _mail("mail/number_grace", rental)


def tell_of_loss(rental: Rental) -> None:
    """The number is given back now."""
    _mail("mail/number_released", rental)


def _mail(template: str, rental: Rental) -> None:
    members = Membership.objects.filter(role__in=TOLD, user__is_active=True)
    for member in members.select_related("user", "tenant").order_by("pk"):
        send_mail_template(
            template,
            to=member.user.email,
            context={
                "tenant_name": member.tenant.name,
                "number": rental.number.e164,
                "price": _shown(rental.monthly_micros),
                "currency": rental.currency,
                "grace_until": rental.grace_until,
                "url": f"{settings.PUBLIC_URL}/t/{member.tenant.slug}/billing?tab=balance",
            },
        )


def _shown(micros: int) -> str:
    """Whole cents, upwards; a price that is finer shows what is asked for at least."""
    cents = -(-micros // 10_000)
    return f"{cents // 100}.{cents % 100:02d}"
