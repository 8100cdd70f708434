import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("numbers", "0003_phonenumber_audit"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="phonenumber",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="phonenumber",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="phonenumber",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="phonenumber",
            name="capture_rtp",
            field=models.BooleanField(default=False, help_text="The audio packets of its calls are kept."),
        ),
        migrations.AddField(
            model_name="phonenumber",
            name="fallback_number",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Where a caller is sent when no agent can answer.",
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="phonenumberevent",
            name="capture_rtp",
            field=models.BooleanField(default=False, help_text="The audio packets of its calls are kept."),
        ),
        migrations.AddField(
            model_name="phonenumberevent",
            name="fallback_number",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Where a caller is sent when no agent can answer.",
                max_length=16,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="phonenumber",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "numbers_phonenumberevent" ("agent_id", "agent_version_id", "archived_at", "capture_rtp", "carrier", "created_at", "e164", "fallback_number", "id", "label", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tenant_id", "trunk_id") VALUES (NEW."agent_id", NEW."agent_version_id", NEW."archived_at", NEW."capture_rtp", NEW."carrier", NEW."created_at", NEW."e164", NEW."fallback_number", NEW."id", NEW."label", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."tenant_id", NEW."trunk_id"); RETURN NULL;',
                    hash="4826206668bb25b0d94a352b85f3169cdf32cdd2",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_1151e",
                    table="numbers_phonenumber",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="phonenumber",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."agent_id" IS DISTINCT FROM (NEW."agent_id") OR OLD."agent_version_id" IS DISTINCT FROM (NEW."agent_version_id") OR OLD."archived_at" IS DISTINCT FROM (NEW."archived_at") OR OLD."capture_rtp" IS DISTINCT FROM (NEW."capture_rtp") OR OLD."carrier" IS DISTINCT FROM (NEW."carrier") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."e164" IS DISTINCT FROM (NEW."e164") OR OLD."fallback_number" IS DISTINCT FROM (NEW."fallback_number") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."label" IS DISTINCT FROM (NEW."label") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id") OR OLD."trunk_id" IS DISTINCT FROM (NEW."trunk_id"))',
                    func='INSERT INTO "numbers_phonenumberevent" ("agent_id", "agent_version_id", "archived_at", "capture_rtp", "carrier", "created_at", "e164", "fallback_number", "id", "label", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tenant_id", "trunk_id") VALUES (NEW."agent_id", NEW."agent_version_id", NEW."archived_at", NEW."capture_rtp", NEW."carrier", NEW."created_at", NEW."e164", NEW."fallback_number", NEW."id", NEW."label", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."tenant_id", NEW."trunk_id"); RETURN NULL;',
                    hash="f28798b214ea5429c199abe1b2043d59138f72ae",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_0afca",
                    table="numbers_phonenumber",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="phonenumber",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "numbers_phonenumberevent" ("agent_id", "agent_version_id", "archived_at", "capture_rtp", "carrier", "created_at", "e164", "fallback_number", "id", "label", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tenant_id", "trunk_id") VALUES (OLD."agent_id", OLD."agent_version_id", OLD."archived_at", OLD."capture_rtp", OLD."carrier", OLD."created_at", OLD."e164", OLD."fallback_number", OLD."id", OLD."label", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."tenant_id", OLD."trunk_id"); RETURN NULL;',
                    hash="0d227aac965952d7319f961795f764cf01589134",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_83f00",
                    table="numbers_phonenumber",
                    when="AFTER",
                ),
            ),
        ),
    ]
