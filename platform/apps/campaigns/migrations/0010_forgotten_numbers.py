import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0026_after_call_security"),
        ("campaigns", "0009_lean_contacts"),
        ("tenants", "0009_digest_key"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="suppression",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="suppression",
            name="delete_delete",
        ),
        migrations.RemoveConstraint(
            model_name="suppression",
            name="campaigns_dnc_tenant_once",
        ),
        migrations.RemoveConstraint(
            model_name="suppression",
            name="campaigns_dnc_campaign_once",
        ),
        migrations.AddField(
            model_name="suppression",
            name="digest",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddField(
            model_name="suppressionevent",
            name="digest",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="call",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="calls.call",
            ),
        ),
        migrations.AlterField(
            model_name="suppression",
            name="e164",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AlterField(
            model_name="suppressionevent",
            name="e164",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddIndex(
            model_name="suppression",
            index=models.Index(
                condition=models.Q(("digest", ""), _negated=True),
                fields=["tenant", "digest"],
                name="campaigns_dnc_digest",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="suppression",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_suppressionevent" ("call_id", "campaign_id", "created_at", "digest", "e164", "id", "note", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "tenant_id") VALUES (NEW."call_id", NEW."campaign_id", NEW."created_at", NEW."digest", NEW."e164", NEW."id", NEW."note", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."source", NEW."tenant_id"); RETURN NULL;',
                    hash="62266f11bfdb6c09fad294715c6dd334af7633b1",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_9ff8b",
                    table="campaigns_suppression",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="suppression",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "campaigns_suppressionevent" ("call_id", "campaign_id", "created_at", "digest", "e164", "id", "note", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "tenant_id") VALUES (OLD."call_id", OLD."campaign_id", OLD."created_at", OLD."digest", OLD."e164", OLD."id", OLD."note", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."source", OLD."tenant_id"); RETURN NULL;',
                    hash="ebddf87f18fda1b7efabeeae8753f2131e0e8410",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_d9c2e",
                    table="campaigns_suppression",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.UniqueConstraint(
                condition=models.Q(("campaign", None), models.Q(("e164", ""), _negated=True)),
                fields=("tenant", "e164"),
                name="campaigns_dnc_tenant_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.UniqueConstraint(
                condition=models.Q(("campaign__isnull", False), models.Q(("e164", ""), _negated=True)),
                fields=("campaign", "e164"),
                name="campaigns_dnc_campaign_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.UniqueConstraint(
                condition=models.Q(("digest", ""), _negated=True),
                fields=("tenant", "campaign", "digest"),
                name="campaigns_dnc_digest_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("e164", ""), models.Q(("digest", ""), _negated=True)),
                    models.Q(models.Q(("e164", ""), _negated=True), ("digest", "")),
                    _connector="OR",
                ),
                name="campaigns_dnc_number_or_digest",
            ),
        ),
    ]
