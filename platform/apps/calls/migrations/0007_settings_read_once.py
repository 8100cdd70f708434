from django.db import migrations

from tenants.rls import ReadSettingsOnce


class Migration(migrations.Migration):
    """Here, because all tables of tenants that were made before are there when calls are."""

    dependencies = [("calls", "0006_call_draft_security")]

    operations = [ReadSettingsOnce()]
