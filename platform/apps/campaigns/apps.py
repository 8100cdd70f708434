"""Django's registration of the campaigns."""

from __future__ import annotations

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "apps.campaigns"
    label = "campaigns"
    verbose_name = "Campaigns"

    def ready(self) -> None:
        from apps.agents.signals import agent_archiving
        from apps.analysis.signals import call_analyzed
        from apps.billing.limit_scopes import limited
        from apps.billing.models import LimitScope
        from apps.calls.attention import also_notice
        from apps.calls.gates import add_gate
        from apps.campaigns.attention import campaign_notices
        from apps.campaigns.gate import campaign_gate
        from apps.campaigns.in_use import keep_agent, keep_number
        from apps.campaigns.models import Campaign
        from apps.campaigns.promises import keeps_promises_of
        from apps.campaigns.services.afterwards import take_up
        from apps.campaigns.suppression_gate import suppression_gate
        from apps.campaigns.telling import register_events
        from apps.followups.takers import take_with
        from apps.numbers.signals import number_releasing

        add_gate(suppression_gate)
        add_gate(campaign_gate)
        agent_archiving.connect(keep_agent)
        call_analyzed.connect(take_up)
        number_releasing.connect(keep_number)
        take_with(keeps_promises_of)
        limited(LimitScope.CAMPAIGN, Campaign)
        also_notice(campaign_notices)
        register_events()
