from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("followups", "0001_initial")]

    operations = [
        EnableRowSecurity("followups_callback"),
        EnableRowSecurity("followups_callbackevent"),
        EnableRowSecurity("followups_textmessage"),
        CompositeForeignKey("followups_callback", "call_id", "calls_call"),
        CompositeForeignKey("followups_callback", "placed_call_id", "calls_call"),
        CompositeForeignKey("followups_textmessage", "call_id", "calls_call"),
    ]
