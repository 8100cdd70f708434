from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("trunks", "0004_carrier_settings")]

    operations = [
        EnableRowSecurity("trunks_trunkregistration"),
        CompositeForeignKey("trunks_trunkregistration", "trunk_id", "trunks_trunk"),
        CompositeForeignKey("trunks_trunk", "backup_trunk_id", "trunks_trunk"),
    ]
