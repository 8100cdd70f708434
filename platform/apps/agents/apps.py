from django.apps import AppConfig


class AgentsConfig(AppConfig):
    name = "apps.agents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A knowledge base stays while an agent answers from it."""
        from apps.agents.knowledge import keep_base
        from apps.knowledge.signals import base_deleting

        base_deleting.connect(keep_base)
