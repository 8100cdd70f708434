import django.db.models.deletion
from django.db import migrations, models

import tenants.ids
import tenants.scope
import tenants.secrets
from tenants.rls import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("tenants", "0008_allowed_countries")]

    operations = [
        migrations.CreateModel(
            name="DigestKey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("secret", tenants.secrets.EncryptedText()),
                (
                    "tenant",
                    models.ForeignKey(
                        default=tenants.scope.tenant_of_new_row,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("tenant",), name="tenants_digestkey_once")],
            },
        ),
        EnableRowSecurity("tenants_digestkey"),
    ]
