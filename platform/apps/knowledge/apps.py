"""Django's registration of the knowledge bases."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class KnowledgeConfig(AppConfig):
    name = "apps.knowledge"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Documents go with their tenant; every migration looks again whether meanings can be searched."""
        from apps.knowledge.leaving import documents
        from apps.knowledge.vectors import prepare
        from tenants.signals import tenant_files

        tenant_files.connect(documents)
        post_migrate.connect(prepare, sender=self)
