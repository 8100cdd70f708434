import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

# What there is before this has its event's number as well.
NUMBERED = [
    "SELECT set_config('app.platform', 'on', true)",
    "UPDATE webhooks_delivery d SET sequence = e.sequence FROM webhooks_event e WHERE e.id = d.event_id",
]


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0003_event_version"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="endpoint",
            name="audit",
        ),
        migrations.RemoveIndex(
            model_name="delivery",
            name="webhooks_delivery_in_order",
        ),
        migrations.AddField(
            model_name="delivery",
            name="sequence",
            field=models.PositiveIntegerField(default=0, help_text="The event's."),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="endpoint",
            name="failures",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="endpoint",
            name="rest_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="event",
            name="emptied",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Too old to be told: kept without data, so that the numbers of its key go on.",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "pending")),
                fields=["endpoint", "key", "round", "sequence"],
                name="webhooks_delivery_in_order",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("leased_until__isnull", False)),
                fields=["leased_until"],
                name="webhooks_delivery_leased",
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("emptied", False)), fields=["id"], name="webhooks_event_to_forget"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="endpoint",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM audit_record_change(TG_OP, 'endpoint', CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END, ARRAY['created_at', 'failing_since', 'failures', 'id', 'rest_until', 'tenant_id', 'updated_at']::text[], ARRAY['headers']::text[]); RETURN NULL;",
                    hash="04ec93f26e3e31226dc00c9fac2b66474b452a24",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_audit_566ad",
                    table="webhooks_endpoint",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(NUMBERED, migrations.RunSQL.noop),
    ]
