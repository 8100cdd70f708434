from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("agents", "0001_initial")]

    operations = [
        EnableRowSecurity("agents_agent"),
        EnableRowSecurity("agents_agentevent"),
        EnableRowSecurity("agents_agentversion"),
        CompositeForeignKey("agents_agentversion", "agent_id", "agents_agent"),
        CompositeForeignKey("agents_agent", "published_version_id", "agents_agentversion"),
    ]
