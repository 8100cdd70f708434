from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "apps.analysis"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from apps.analysis.api.filters import add_to_calls
        from apps.analysis.api.serializers import shown_to_strangers
        from apps.analysis.services.beginning import note_corrected, note_finished
        from apps.analysis.services.redacting import mask_words
        from apps.analysis.signals import call_analyzed
        from apps.analysis.telling import call_analyzed as tell
        from apps.analysis.telling import register_events
        from apps.calls.services.shares import show_analysis_with
        from apps.calls.signals import call_end_corrected, call_finished, call_redacted

        register_events()
        call_analyzed.connect(tell)
        call_finished.connect(note_finished)
        call_end_corrected.connect(note_corrected)
        call_redacted.connect(mask_words)
        add_to_calls()
        show_analysis_with(shown_to_strangers)
