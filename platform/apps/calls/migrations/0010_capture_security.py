from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("calls", "0009_capture")]

    operations = [
        EnableRowSecurity("calls_capture"),
        CompositeForeignKey("calls_capture", "call_id", "calls_call"),
    ]
