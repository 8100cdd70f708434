from django.conf import settings
from django.db import migrations

from tenants.ids import new_id
from tenants.rls import EnableRowSecurity


def open_wallets(apps, schema_editor):
    """For the tenants that are there already, with the free credit of new ones."""
    credit = settings.FREE_CREDIT_MICROS
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.platform', 'on', true)")
        cursor.execute("SELECT id FROM tenants_tenant")
        for (tenant,) in cursor.fetchall():
            cursor.execute(
                "INSERT INTO billing_wallet (id, tenant_id, currency, balance_micros, held_micros, created_at, updated_at)"
                " VALUES (%s, %s, 'USD', %s, 0, now(), now())",
                [new_id(), tenant, credit],
            )
            if credit:
                cursor.execute(
                    "INSERT INTO billing_movement (id, tenant_id, kind, amount_micros, why, created_at, updated_at)"
                    " VALUES (%s, %s, 'credit', %s, 'Free credit', now(), now())",
                    [new_id(), tenant, credit],
                )
        cursor.execute("SELECT set_config('app.platform', '', true)")


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial"), ("tenants", "0008_allowed_countries")]

    operations = [
        EnableRowSecurity("billing_wallet"),
        EnableRowSecurity("billing_hold"),
        EnableRowSecurity("billing_movement"),
        migrations.RunPython(open_wallets, migrations.RunPython.noop),
    ]
