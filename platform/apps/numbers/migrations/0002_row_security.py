from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("numbers", "0001_initial"),
        ("trunks", "0002_row_security"),
        ("agents", "0002_row_security"),
    ]

    operations = [
        EnableRowSecurity("numbers_phonenumber"),
        EnableRowSecurity("numbers_phonenumberevent"),
        CompositeForeignKey("numbers_phonenumber", "trunk_id", "trunks_trunk"),
        CompositeForeignKey("numbers_phonenumber", "agent_id", "agents_agent"),
        CompositeForeignKey("numbers_phonenumber", "agent_version_id", "agents_agentversion"),
    ]
