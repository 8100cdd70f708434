"""Django's registration of the calls."""

from __future__ import annotations

from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "apps.calls"
    label = "calls"
    verbose_name = "Calls"

    def ready(self) -> None:
        """Live updates show a call as the API's lists do."""
        from apps.calls.api.serializers import CallSerializer
        from apps.calls.live import show_items_with

        show_items_with(lambda call: dict(CallSerializer(call).data))
