from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "apps.analysis"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from apps.analysis.signals import call_analyzed
        from apps.analysis.telling import call_analyzed as tell
        from apps.analysis.telling import register_events

        register_events()
        call_analyzed.connect(tell)
