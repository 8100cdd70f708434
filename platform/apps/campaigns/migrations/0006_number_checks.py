import django.db.models.deletion
from django.db import migrations, models

import tenants.ids
import tenants.scope
import tenants.secrets
from tenants.rls import CompositeForeignKey, EnableRowSecurity


def _own() -> list[tuple[str, models.Field]]:
    """What every tenant table has."""
    return [
        (
            "id",
            models.UUIDField(default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False),
        ),
        ("created_at", models.DateTimeField(auto_now_add=True)),
        ("updated_at", models.DateTimeField(auto_now=True)),
        (
            "tenant",
            models.ForeignKey(
                default=tenants.scope.tenant_of_new_row,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenants.tenant",
            ),
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0005_promised_and_idle")]

    operations = [
        migrations.CreateModel(
            name="CheckedNumber",
            fields=[
                *_own(),
                ("e164", models.CharField(max_length=16)),
                ("dialable", models.BooleanField()),
                (
                    "reason",
                    models.CharField(
                        blank=True, help_text="Of the one that was asked, in words.", max_length=200
                    ),
                ),
                ("checked_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "e164"), name="campaigns_checked_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="NumberHook",
            fields=[
                *_own(),
                ("secret", tenants.secrets.EncryptedText()),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("next_at", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("trouble", models.CharField(blank=True, max_length=300)),
                (
                    "campaign",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("campaign",), name="campaigns_numberhook_once")
                ],
            },
        ),
        EnableRowSecurity("campaigns_checkednumber"),
        EnableRowSecurity("campaigns_numberhook"),
        CompositeForeignKey("campaigns_numberhook", "campaign_id", "campaigns_campaign"),
    ]
