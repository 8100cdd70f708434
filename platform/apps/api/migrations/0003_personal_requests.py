import django.db.models.deletion
from django.db import migrations, models

import tenants.secrets


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0002_row_security"),
        ("tenants", "0005_confirmed_addresses"),
    ]

    operations = [
        # Answers were kept as plain text; whoever sends a request again in this hour sends it anew.
        migrations.RunSQL(
            "SELECT set_config('app.platform', 'on', true); "
            "DELETE FROM api_idempotencykey; "
            "SELECT set_config('app.platform', '', true)",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveConstraint(
            model_name="idempotencykey",
            name="api_idempotency_key_once",
        ),
        migrations.AlterField(
            model_name="idempotencykey",
            name="body",
            field=tenants.secrets.EncryptedText(blank=True),
        ),
        migrations.AlterField(
            model_name="idempotencykey",
            name="tenant",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenants.tenant",
            ),
        ),
        migrations.AddConstraint(
            model_name="idempotencykey",
            constraint=models.UniqueConstraint(
                fields=("tenant", "actor_id", "key"), name="api_idempotency_key_once", nulls_distinct=False
            ),
        ),
    ]
