import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

LIMITED = """
UPDATE billing_wallet SET limited = true WHERE tenant_id IN (SELECT tenant_id FROM billing_spendlimit)
"""


def fill(apps, schema_editor):
    """Wallets that have limits already know it."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.platform', 'on', true)")
        cursor.execute(LIMITED)
        cursor.execute("SELECT set_config('app.platform', '', true)")


class Migration(migrations.Migration):
    dependencies = [("billing", "0009_growing_holds")]

    operations = [
        migrations.AddField(
            model_name="wallet",
            name="limited",
            field=models.BooleanField(default=False, editable=False),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="spendlimit",
            trigger=pgtrigger.compiler.Trigger(
                name="limited",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM 1 FROM billing_wallet WHERE tenant_id = coalesce(NEW.tenant_id, OLD.tenant_id) FOR NO KEY UPDATE; UPDATE billing_wallet SET limited = EXISTS (SELECT FROM billing_spendlimit AS one WHERE one.tenant_id = billing_wallet.tenant_id) WHERE tenant_id = coalesce(NEW.tenant_id, OLD.tenant_id); RETURN NULL;",
                    hash="50620704d9fa1a7895b068610e15488d25c84b36",
                    operation="INSERT OR DELETE",
                    pgid="pgtrigger_limited_29dd3",
                    table="billing_spendlimit",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
