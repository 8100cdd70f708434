from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("analysis", "0001_initial")]

    operations = [
        EnableRowSecurity("analysis_analysis"),
        EnableRowSecurity("analysis_rerun"),
        EnableRowSecurity("analysis_rerunevent"),
        CompositeForeignKey("analysis_analysis", "call_id", "calls_call"),
        CompositeForeignKey("analysis_analysis", "rerun_id", "analysis_rerun"),
        CompositeForeignKey("analysis_rerun", "agent_id", "agents_agent"),
    ]
