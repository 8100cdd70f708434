import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("trunks", "0002_row_security"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="trunk",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM audit_record_change(TG_OP, 'trunk', CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END, ARRAY['created_at', 'id', 'tenant_id', 'updated_at']::text[], ARRAY['password']::text[]); RETURN NULL;",
                    hash="a79951580c403ee932d69f7f173b91101358f44d",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_audit_3a486",
                    table="trunks_trunk",
                    when="AFTER",
                ),
            ),
        ),
    ]
