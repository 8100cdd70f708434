"""Django's registration of money."""

from __future__ import annotations

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "apps.billing"
    label = "billing"
    verbose_name = "Billing"

    def ready(self) -> None:
        """Every tenant has a wallet from its first moment."""
        from apps.billing.services import open_wallet_of_new_tenant
        from apps.billing.telling import register_events
        from tenants.signals import tenant_made

        tenant_made.connect(open_wallet_of_new_tenant)
        register_events()
