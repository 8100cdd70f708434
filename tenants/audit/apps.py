"""Django's registration of the audit log."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "tenants.audit"
    label = "audit"
    verbose_name = "Audit log"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from tenants.audit import receivers  # noqa: F401  (logins)
        from tenants.audit.triggers import watch_tracked_models

        watch_tracked_models()
