from django.apps import AppConfig


class NumbersConfig(AppConfig):
    name = "apps.numbers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from apps.agents.signals import agent_archiving
        from apps.numbers.in_use import keep_agent, keep_trunk
        from telephony.trunks.signals import trunk_archiving

        agent_archiving.connect(keep_agent)
        trunk_archiving.connect(keep_trunk)
