from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    name = "apps.followups"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from apps.followups.services.news import message_told as hear_of_message
        from apps.followups.telling import register_events
        from apps.numbers.signals import message_told

        register_events()
        message_told.connect(hear_of_message)
