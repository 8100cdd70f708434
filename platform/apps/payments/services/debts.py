"""While a tenant owes us money, it makes no outbound calls."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef

from apps.billing.models import OutboundStop, StopKind, Wallet
from apps.billing.services.stops import lift_stops, stop_outbound
from apps.payments.money import in_words
from tenants.scope import platform_scope, tenant_scope


def note_debt(*, tenant_id: UUID) -> None:
    """A debt stops outbound calls; one that is paid, by whatever credit, lets them go on."""
    with tenant_scope(tenant_id):
        owed = Wallet.objects.values_list("debt_micros", flat=True).get()
        if not owed:
            lift_stops(kind=StopKind.DEBT)
            return
        words = (
            f"You owe {in_words(owed)}: money that had been spent was taken back by the bank. Top up, and"
            " outbound calls go on."
        )
        stop_outbound(kind=StopKind.DEBT, words=words)


def look_at_debts() -> None:
    """Tenants whose debt and whose stop do not fit together."""
    with platform_scope():
        stops = OutboundStop.objects.filter(tenant=OuterRef("tenant"), kind=StopKind.DEBT, lifted_at=None)
        rows = Wallet.objects.annotate(stopped=Exists(stops))
        paid = rows.filter(stopped=True, debt_micros=0)
        owing = rows.filter(stopped=False, debt_micros__gt=0)
        tenants = [*paid.values_list("tenant_id", flat=True), *owing.values_list("tenant_id", flat=True)]
    for tenant_id in tenants:
        note_debt(tenant_id=tenant_id)
