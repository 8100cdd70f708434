import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import tenants.ids
import tenants.scope


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0014_whole_drafts"),
        ("tenants", "0007_leaving"),
        ("trunks", "0007_inbound_username_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="TrunkSlot",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("begins", models.DateTimeField()),
                ("direction", models.CharField(blank=True, max_length=8)),
                ("attempts", models.PositiveIntegerField()),
                ("answered", models.PositiveIntegerField()),
                ("settled", models.PositiveIntegerField(help_text="Answered, or over.")),
                ("talked", models.PositiveIntegerField(help_text="Answered, and over.")),
                ("talked_ms", models.PositiveBigIntegerField()),
                ("mos_count", models.PositiveIntegerField()),
                ("mos_sum", models.FloatField()),
                (
                    "pdd_ms",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveIntegerField(),
                        help_text="Of each call that has one, in order.",
                        size=None,
                    ),
                ),
                ("failures", models.JSONField(help_text="Unanswered calls by SIP code, `none` without one.")),
                ("peak", models.PositiveIntegerField(help_text="Calls at once.")),
                (
                    "tenant",
                    models.ForeignKey(
                        default=tenants.scope.tenant_of_new_row,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
                (
                    "trunk",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="trunks.trunk",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TrunkSlotMark",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("begins", models.DateTimeField()),
                (
                    "tenant",
                    models.ForeignKey(
                        default=tenants.scope.tenant_of_new_row,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
                (
                    "trunk",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="trunks.trunk",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TrunkSummed",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("upto", models.DateTimeField()),
                (
                    "tenant",
                    models.ForeignKey(
                        default=tenants.scope.tenant_of_new_row,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
                (
                    "trunk",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="trunks.trunk",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="trunkslot",
            constraint=models.UniqueConstraint(
                fields=("trunk", "begins", "direction"), name="calls_trunkslot_once"
            ),
        ),
        migrations.AddIndex(
            model_name="trunkslotmark",
            index=models.Index(fields=["trunk", "begins"], name="calls_trunkslotmark_of"),
        ),
    ]
