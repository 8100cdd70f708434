"""Django's registration of payments."""

from __future__ import annotations

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "apps.payments"
    label = "payments"
    verbose_name = "Payments"

    def ready(self) -> None:
        """A tenant that leaves pays nothing any more."""
        from apps.payments.services.leaving import check_leaving
        from apps.payments.telling import register_events
        from tenants.signals import tenant_leaving

        tenant_leaving.connect(check_leaving)
        register_events()
