from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0001_initial"),
        ("agents", "0002_row_security"),
        ("numbers", "0002_row_security"),
        ("trunks", "0002_row_security"),
    ]

    operations = [
        EnableRowSecurity("calls_call"),
        EnableRowSecurity("calls_callevent"),
        EnableRowSecurity("calls_turn"),
        EnableRowSecurity("calls_recording"),
        CompositeForeignKey("calls_call", "agent_id", "agents_agent"),
        CompositeForeignKey("calls_call", "agent_version_id", "agents_agentversion"),
        CompositeForeignKey("calls_call", "number_id", "numbers_phonenumber"),
        CompositeForeignKey("calls_call", "trunk_id", "trunks_trunk"),
        CompositeForeignKey("calls_callevent", "call_id", "calls_call"),
        CompositeForeignKey("calls_turn", "call_id", "calls_call"),
        CompositeForeignKey("calls_recording", "call_id", "calls_call"),
    ]
