import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("numbers", "0002_row_security"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="phonenumber",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM audit_record_change(TG_OP, 'phone_number', CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END, ARRAY['created_at', 'id', 'tenant_id', 'updated_at']::text[], ARRAY[]::text[]); RETURN NULL;",
                    hash="3789e6baa4203559bae3ddfbe216eb65cb8bdd41",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_audit_30854",
                    table="numbers_phonenumber",
                    when="AFTER",
                ),
            ),
        ),
    ]
