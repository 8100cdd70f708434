import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

import tenants.ids
import tenants.scope
from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0002_row_security"),
        ("tenants", "0009_digest_key"),
    ]

    operations = [
        migrations.CreateModel(
            name="Erased",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("kind", models.CharField(blank=True, max_length=11)),
                ("row", models.UUIDField()),
                ("at", models.DateTimeField(help_text="The time that its age was counted from.")),
                (
                    "storage",
                    models.CharField(
                        blank=True, help_text="The storage's name; empty: no file.", max_length=20
                    ),
                ),
                ("storage_key", models.CharField(blank=True, max_length=255)),
                ("size_bytes", models.PositiveBigIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("file_gone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "purge",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="privacy.purge",
                    ),
                ),
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
                "ordering": ["row", "storage_key"],
                "indexes": [
                    models.Index(
                        fields=["purge", "kind", "row", "storage_key"], name="privacy_erased_of_purge"
                    ),
                    models.Index(
                        condition=~Q(storage="") & Q(file_gone_at=None),
                        fields=["tenant", "id"],
                        name="privacy_erased_file_left",
                    ),
                ],
            },
        ),
        EnableRowSecurity("privacy_erased"),
        CompositeForeignKey("privacy_erased", "purge_id", "privacy_purge"),
    ]
