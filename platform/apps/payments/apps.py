"""Django's registration of payments."""

from __future__ import annotations

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "apps.payments"
    label = "payments"
    verbose_name = "Payments"

    def ready(self) -> None:
        """A tenant that leaves pays nothing any more, and Stripe forgets it."""
        from apps.payments.services.leaving import check_leaving, forget_tenant
        from apps.payments.telling import register_events
        from tenants.signals import tenant_going, tenant_leaving

        tenant_leaving.connect(check_leaving)
        tenant_going.connect(forget_tenant)
        register_events()
