import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("tenants", "0002_row_security")]
    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={
                "ordering": ["email"],
                "permissions": [("impersonate", "Can act as a customer's person")],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(model_name="tenant", name="insert_insert"),
        pgtrigger.migrations.RemoveTrigger(model_name="tenant", name="update_update"),
        pgtrigger.migrations.RemoveTrigger(model_name="tenant", name="delete_delete"),
        migrations.AddField(
            model_name="tenant",
            name="suspended_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="tenant",
            name="suspended_reason",
            field=models.CharField(blank=True, help_text="In words, for its members.", max_length=300),
        ),
        migrations.AddField(
            model_name="tenantevent",
            name="suspended_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="tenantevent",
            name="suspended_reason",
            field=models.CharField(blank=True, help_text="In words, for its members.", max_length=300),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="apikey",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM audit_record_change(TG_OP, 'api_key', CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END, ARRAY['created_at', 'id', 'last_used_at', 'tenant_id', 'updated_at']::text[], ARRAY['digest']::text[]); RETURN NULL;",
                    hash="509f2a3d8d3ee4e94630ded5f629d4582054f504",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_audit_907b0",
                    table="tenants_apikey",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM audit_record_change(TG_OP, 'membership', CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END, ARRAY['created_at', 'id', 'tenant_id', 'updated_at']::text[], ARRAY[]::text[]); RETURN NULL;",
                    hash="6f94d026d2fa988b67b896397bea2633eba26cf5",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_audit_1bc4f",
                    table="tenants_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tenant",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "tenants_tenantevent" ("created_at", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug", "suspended_at", "suspended_reason") VALUES (NEW."created_at", NEW."id", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."slug", NEW."suspended_at", NEW."suspended_reason"); RETURN NULL;',
                    hash="7154c46f7c931a50eff5a3b29c8ac5c5acdbeb98",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_0f00f",
                    table="tenants_tenant",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tenant",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."slug" IS DISTINCT FROM (NEW."slug") OR OLD."suspended_at" IS DISTINCT FROM (NEW."suspended_at") OR OLD."suspended_reason" IS DISTINCT FROM (NEW."suspended_reason"))',
                    func='INSERT INTO "tenants_tenantevent" ("created_at", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug", "suspended_at", "suspended_reason") VALUES (NEW."created_at", NEW."id", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."slug", NEW."suspended_at", NEW."suspended_reason"); RETURN NULL;',
                    hash="d6570803c53bc613cf08fc4aefaf632750133f66",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_8ddba",
                    table="tenants_tenant",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tenant",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "tenants_tenantevent" ("created_at", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug", "suspended_at", "suspended_reason") VALUES (OLD."created_at", OLD."id", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."slug", OLD."suspended_at", OLD."suspended_reason"); RETURN NULL;',
                    hash="d5b7ae19a40a23d623712a672f11705e311130c0",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_e3c84",
                    table="tenants_tenant",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tenant",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM audit_record_change(TG_OP, 'tenant', CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END, ARRAY['created_at', 'id', 'tenant_id', 'updated_at']::text[], ARRAY[]::text[]); RETURN NULL;",
                    hash="26633db3a27ef7f69bba4555948e450b6849e801",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_audit_9817e",
                    table="tenants_tenant",
                    when="AFTER",
                ),
            ),
        ),
    ]
