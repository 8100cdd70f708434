import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("statements", "0002_facts")]

    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name="statementsettings", name="audit"),
        migrations.AddField(
            model_name="statementsettings",
            name="counted_in",
            field=models.CharField(db_default="UTC", default="UTC", editable=False, max_length=64),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="statementsettings",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM audit_record_change(TG_OP, 'statement_settings', CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END, ARRAY['counted_in', 'created_at', 'ends_at', 'id', 'issued', 'starts_at', 'tenant_id', 'updated_at']::text[], ARRAY[]::text[]); RETURN NULL;",
                    hash="72feec7795c9011e5b60f2255381c2e51a188e49",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_audit_d4144",
                    table="statements_statementsettings",
                    when="AFTER",
                ),
            ),
        ),
    ]
