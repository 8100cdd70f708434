from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("suites", "0001_initial")]

    operations = [
        EnableRowSecurity("suites_suite"),
        EnableRowSecurity("suites_suiteevent"),
        EnableRowSecurity("suites_publication"),
        EnableRowSecurity("suites_suiterun"),
        EnableRowSecurity("suites_caserun"),
        CompositeForeignKey("suites_suite", "agent_id", "agents_agent"),
        CompositeForeignKey("suites_publication", "agent_id", "agents_agent"),
        CompositeForeignKey("suites_publication", "version_id", "agents_agentversion"),
        CompositeForeignKey("suites_suiterun", "suite_id", "suites_suite"),
        CompositeForeignKey("suites_suiterun", "version_id", "agents_agentversion"),
        CompositeForeignKey("suites_suiterun", "publication_id", "suites_publication"),
        CompositeForeignKey("suites_caserun", "run_id", "suites_suiterun"),
        CompositeForeignKey("suites_caserun", "call_id", "calls_call"),
    ]
