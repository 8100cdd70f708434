"""Django's registration of usage, invoices and reconciliation."""

from __future__ import annotations

from django.apps import AppConfig


class StatementsConfig(AppConfig):
    name = "apps.statements"
    label = "statements"
    verbose_name = "Statements"

    def ready(self) -> None:
        """Every tenant's months are counted from its first moment."""
        from apps.statements.services.preferences import begin_statements
        from apps.statements.telling import register_events
        from tenants.signals import tenant_made

        tenant_made.connect(begin_statements)
        register_events()
