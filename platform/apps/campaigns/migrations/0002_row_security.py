from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]

    operations = [
        EnableRowSecurity("campaigns_campaign"),
        EnableRowSecurity("campaigns_campaignevent"),
        EnableRowSecurity("campaigns_place"),
        EnableRowSecurity("campaigns_contact"),
        EnableRowSecurity("campaigns_attempt"),
        EnableRowSecurity("campaigns_progress"),
        EnableRowSecurity("campaigns_minute"),
        EnableRowSecurity("campaigns_suppression"),
        EnableRowSecurity("campaigns_suppressionevent"),
        EnableRowSecurity("campaigns_consent"),
        EnableRowSecurity("campaigns_numberday"),
        EnableRowSecurity("campaigns_numberrest"),
        EnableRowSecurity("campaigns_import"),
        CompositeForeignKey("campaigns_campaign", "agent_id", "agents_agent"),
        CompositeForeignKey("campaigns_place", "campaign_id", "campaigns_campaign"),
        CompositeForeignKey("campaigns_contact", "campaign_id", "campaigns_campaign"),
        CompositeForeignKey("campaigns_contact", "place_id", "campaigns_place"),
        CompositeForeignKey("campaigns_contact", "source_id", "campaigns_import"),
        CompositeForeignKey("campaigns_attempt", "campaign_id", "campaigns_campaign"),
        CompositeForeignKey("campaigns_attempt", "contact_id", "campaigns_contact"),
        CompositeForeignKey("campaigns_attempt", "call_id", "calls_call"),
        CompositeForeignKey("campaigns_attempt", "caller_id", "numbers_phonenumber"),
        CompositeForeignKey("campaigns_attempt", "version_id", "agents_agentversion"),
        CompositeForeignKey("campaigns_progress", "campaign_id", "campaigns_campaign"),
        CompositeForeignKey("campaigns_minute", "campaign_id", "campaigns_campaign"),
        CompositeForeignKey("campaigns_suppression", "campaign_id", "campaigns_campaign"),
        CompositeForeignKey("campaigns_suppression", "call_id", "calls_call"),
        CompositeForeignKey("campaigns_numberday", "number_id", "numbers_phonenumber"),
        CompositeForeignKey("campaigns_numberrest", "number_id", "numbers_phonenumber"),
        CompositeForeignKey("campaigns_import", "campaign_id", "campaigns_campaign"),
    ]
