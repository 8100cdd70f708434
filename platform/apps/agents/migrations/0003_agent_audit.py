import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("agents", "0002_row_security"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="agent",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM audit_record_change(TG_OP, 'agent', CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END, ARRAY['created_at', 'id', 'tenant_id', 'updated_at']::text[], ARRAY['draft_api_key']::text[]); RETURN NULL;",
                    hash="ac57b1447a1a42b4cd51557876765d339a6b476d",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_audit_2c6cc",
                    table="agents_agent",
                    when="AFTER",
                ),
            ),
        ),
    ]
