"""Django's registration of money."""

from __future__ import annotations

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "apps.billing"
    label = "billing"
    verbose_name = "Billing"

    def ready(self) -> None:
        """Every tenant has a wallet from its first moment; its API keys and trunks may have limits."""
        from apps.billing import telling_limits
        from apps.billing.limit_scopes import limited
        from apps.billing.models import LimitScope
        from apps.billing.services import open_wallet_of_new_tenant
        from apps.billing.services.seats import check_seat
        from apps.billing.telling import register_events
        from telephony.trunks.models import Trunk
        from tenants.models import ApiKey
        from tenants.signals import seat_wanted, tenant_made

        tenant_made.connect(open_wallet_of_new_tenant)
        seat_wanted.connect(check_seat)
        register_events()
        telling_limits.register_events()
        limited(LimitScope.API_KEY, ApiKey)
        limited(LimitScope.TRUNK, Trunk)
