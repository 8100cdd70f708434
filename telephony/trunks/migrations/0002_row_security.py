from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("trunks", "0001_initial")]

    operations = [
        EnableRowSecurity("trunks_trunk"),
        EnableRowSecurity("trunks_trunkevent"),
        EnableRowSecurity("trunks_trunkgateway"),
        EnableRowSecurity("trunks_trunkaddress"),
        CompositeForeignKey("trunks_trunkgateway", "trunk_id", "trunks_trunk"),
        CompositeForeignKey("trunks_trunkaddress", "trunk_id", "trunks_trunk"),
    ]
