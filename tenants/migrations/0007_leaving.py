import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0006_single_sign_on"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="tenant",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="tenant",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="tenant",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="tenant",
            name="deleting_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="Since when nobody may enter: its rows are going.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="tenantevent",
            name="deleting_at",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="Since when nobody may enter: its rows are going.",
                null=True,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="tenant",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "tenants_tenantevent" ("created_at", "deleting_at", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug", "suspended_at", "suspended_reason") VALUES (NEW."created_at", NEW."deleting_at", NEW."id", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."slug", NEW."suspended_at", NEW."suspended_reason"); RETURN NULL;',
                    hash="1398f2d68b2e8712717070adc695ad5c0bdfacb0",
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
                    condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."deleting_at" IS DISTINCT FROM (NEW."deleting_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."slug" IS DISTINCT FROM (NEW."slug") OR OLD."suspended_at" IS DISTINCT FROM (NEW."suspended_at") OR OLD."suspended_reason" IS DISTINCT FROM (NEW."suspended_reason"))',
                    func='INSERT INTO "tenants_tenantevent" ("created_at", "deleting_at", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug", "suspended_at", "suspended_reason") VALUES (NEW."created_at", NEW."deleting_at", NEW."id", NEW."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."slug", NEW."suspended_at", NEW."suspended_reason"); RETURN NULL;',
                    hash="03cdd7b68be85b967d5b0cac89f050995394b634",
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
                    func='INSERT INTO "tenants_tenantevent" ("created_at", "deleting_at", "id", "name", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "slug", "suspended_at", "suspended_reason") VALUES (OLD."created_at", OLD."deleting_at", OLD."id", OLD."name", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."slug", OLD."suspended_at", OLD."suspended_reason"); RETURN NULL;',
                    hash="bc48a806f7d876da5c5b8e3692b1484f9d74bc91",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_e3c84",
                    table="tenants_tenant",
                    when="AFTER",
                ),
            ),
        ),
    ]
