from django.db import migrations

from tenants.rls import CompositeForeignKey, EnableRowSecurity

TABLES = ("calls_trunkslot", "calls_trunksummed", "calls_trunkslotmark")


class Migration(migrations.Migration):
    dependencies = [("calls", "0015_trunk_slots")]

    operations = [
        *(EnableRowSecurity(table) for table in TABLES),
        *(CompositeForeignKey(table, "trunk_id", "trunks_trunk") for table in TABLES),
    ]
