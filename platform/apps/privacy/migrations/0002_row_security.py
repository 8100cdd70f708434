from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]

    operations = [
        EnableRowSecurity("privacy_retention"),
        EnableRowSecurity("privacy_retentionevent"),
        EnableRowSecurity("privacy_legalhold"),
        EnableRowSecurity("privacy_legalholdevent"),
        EnableRowSecurity("privacy_purge"),
        EnableRowSecurity("privacy_personrequest"),
        EnableRowSecurity("privacy_personrequestevent"),
        CompositeForeignKey("privacy_legalhold", "call_id", "calls_call"),
    ]
