from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    name = "apps.followups"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from apps.followups.telling import register_events

        register_events()
