from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("calls", "0005_call_draft")]

    operations = [
        EnableRowSecurity("calls_calldraft"),
        CompositeForeignKey("calls_calldraft", "call_id", "calls_call"),
    ]
