import django.db.models.deletion
from django.db import migrations, models

import tenants.ids
import tenants.scope
from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("analysis", "0002_row_security")]

    operations = [
        migrations.AddField(
            model_name="analysis",
            name="anew",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="To be done by what the agent is now, not by what it was.",
            ),
        ),
        migrations.RemoveIndex(model_name="analysis", name="analysis_by_success"),
        migrations.AddIndex(
            model_name="analysis",
            index=models.Index(fields=["tenant", "success", "-call"], name="analysis_by_success"),
        ),
        migrations.AddIndex(
            model_name="analysis",
            index=models.Index(fields=["tenant", "sentiment_score"], name="analysis_by_sentiment"),
        ),
        migrations.CreateModel(
            name="Label",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "kind",
                    models.CharField(choices=[("topic", "Topic"), ("flag", "Flag")], max_length=5),
                ),
                ("name", models.CharField(max_length=80)),
                (
                    "call",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="calls.call",
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
        ),
        migrations.AddIndex(
            model_name="label",
            index=models.Index(fields=["tenant", "kind", "name", "-call"], name="analysis_label_by_name"),
        ),
        migrations.AddConstraint(
            model_name="label",
            constraint=models.UniqueConstraint(fields=("call", "kind", "name"), name="analysis_label_once"),
        ),
        EnableRowSecurity("analysis_label"),
        CompositeForeignKey("analysis_label", "call_id", "calls_call"),
    ]
