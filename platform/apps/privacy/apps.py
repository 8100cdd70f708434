"""Django's registration of keeping, holding and deleting."""

from __future__ import annotations

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "apps.privacy"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from apps.calls.attention import also_notice
        from apps.privacy import keeping
        from apps.privacy.attention import privacy_notices
        from apps.privacy.leaving import exports, keep_held_tenant
        from apps.privacy.selectors import tenants_with_holds
        from apps.webhooks.services.purging import keep_events_of
        from tenants.signals import tenant_files, tenant_leaving

        tenant_leaving.connect(keep_held_tenant)
        tenant_files.connect(exports)
        keeping.connect()
        keep_events_of(tenants_with_holds)
        also_notice(privacy_notices)
