"""Django's registration of the test suites."""

from __future__ import annotations

from django.apps import AppConfig


class SuitesConfig(AppConfig):
    name = "apps.suites"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Suites hear of publishing and of the end of calls, and tell of versions."""
        from apps.agents.signals import publication_asked
        from apps.agents.verdicts import judge_versions_with
        from apps.calls.signals import call_finished
        from apps.suites.api.serializers import verdicts_of
        from apps.suites.gates import call_is_over, hold_publication

        publication_asked.connect(hold_publication)
        call_finished.connect(call_is_over)
        judge_versions_with(verdicts_of)
