"""Django's registration of the calls."""

from __future__ import annotations

from django.apps import AppConfig


class CallsConfig(AppConfig):
    name = "apps.calls"
    label = "calls"
    verbose_name = "Calls"

    def ready(self) -> None:
        """Live updates show a call as the API's lists do; calls take part in the end of a tenant."""
        from apps.calls.api.serializers import CallSerializer
        from apps.calls.attention import also_notice
        from apps.calls.attention_money import money_notices
        from apps.calls.gates import add_gate
        from apps.calls.latency import measured_lately
        from apps.calls.leaving import keep_while_calls_run, recordings
        from apps.calls.live import show_items_with
        from apps.calls.outbound_gate import outbound_gate
        from apps.calls.selectors import usage_of_trunks
        from apps.calls.signals import call_redacted
        from apps.calls.telling import redacted, register_events
        from apps.vendors.catalog import measure_with
        from telephony.trunks.state import count_calls_with
        from tenants.signals import tenant_files, tenant_leaving

        add_gate(outbound_gate)
        also_notice(money_notices)
        show_items_with(lambda calls: [dict(item) for item in CallSerializer(calls, many=True).data])
        count_calls_with(usage_of_trunks)
        measure_with(measured_lately)
        tenant_leaving.connect(keep_while_calls_run)
        tenant_files.connect(recordings)
        register_events()
        call_redacted.connect(redacted)
