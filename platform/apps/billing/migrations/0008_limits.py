import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import tenants.ids
import tenants.scope
from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0007_ledger_triggers"),
        ("tenants", "0009_digest_key"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutboundStop",
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
                    models.CharField(
                        choices=[
                            ("hour", "Much more in an hour than ever"),
                            ("day", "Much more in a day than ever"),
                            ("premium", "Premium-rate numbers"),
                            ("debt", "Debt"),
                        ],
                        max_length=7,
                    ),
                ),
                ("words", models.CharField(max_length=500)),
                ("spent_micros", models.BigIntegerField(default=0)),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                ("lifted_by", models.CharField(blank=True, max_length=300)),
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
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="OutboundStopEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.UUIDField(default=tenants.ids.new_id, editable=False, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hour", "Much more in an hour than ever"),
                            ("day", "Much more in a day than ever"),
                            ("premium", "Premium-rate numbers"),
                            ("debt", "Debt"),
                        ],
                        max_length=7,
                    ),
                ),
                ("words", models.CharField(max_length=500)),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                ("lifted_by", models.CharField(blank=True, max_length=300)),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        default=tenants.scope.tenant_of_new_row,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Spend",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("period_start", models.DateField()),
                ("micros", models.BigIntegerField()),
                (
                    "warned_at",
                    models.DateTimeField(
                        blank=True, help_text="When it was told that little is left.", null=True
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
        migrations.CreateModel(
            name="SpendLimit",
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
                    "scope",
                    models.CharField(
                        choices=[
                            ("tenant", "Workspace"),
                            ("api_key", "API key"),
                            ("campaign", "Campaign"),
                            ("trunk", "Trunk"),
                        ],
                        max_length=8,
                    ),
                ),
                ("scope_id", models.UUIDField(blank=True, null=True)),
                ("period", models.CharField(choices=[("day", "Day"), ("month", "Month")], max_length=5)),
                ("amount_micros", models.BigIntegerField()),
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
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="SpendLimitEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.UUIDField(default=tenants.ids.new_id, editable=False, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("tenant", "Workspace"),
                            ("api_key", "API key"),
                            ("campaign", "Campaign"),
                            ("trunk", "Trunk"),
                        ],
                        max_length=8,
                    ),
                ),
                ("scope_id", models.UUIDField(blank=True, null=True)),
                ("period", models.CharField(choices=[("day", "Day"), ("month", "Month")], max_length=5)),
                ("amount_micros", models.BigIntegerField()),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        default=tenants.scope.tenant_of_new_row,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="outboundstopevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.outboundstop",
            ),
        ),
        migrations.AddField(
            model_name="spend",
            name="limit",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="counted",
                to="billing.spendlimit",
            ),
        ),
        migrations.AddField(
            model_name="spendlimitevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="billing.spendlimit",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboundstop",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None)), fields=("tenant", "kind"), name="billing_stop_once"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="outboundstop",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "billing_outboundstopevent" ("created_at", "id", "kind", "lifted_at", "lifted_by", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tenant_id", "words") VALUES (NEW."created_at", NEW."id", NEW."kind", NEW."lifted_at", NEW."lifted_by", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."tenant_id", NEW."words"); RETURN NULL;',
                    hash="261b0579d5e1f55a08d027cfce5307f8b0902920",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_d584f",
                    table="billing_outboundstop",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="outboundstop",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."lifted_at" IS DISTINCT FROM (NEW."lifted_at") OR OLD."lifted_by" IS DISTINCT FROM (NEW."lifted_by") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id") OR OLD."words" IS DISTINCT FROM (NEW."words"))',
                    func='INSERT INTO "billing_outboundstopevent" ("created_at", "id", "kind", "lifted_at", "lifted_by", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tenant_id", "words") VALUES (NEW."created_at", NEW."id", NEW."kind", NEW."lifted_at", NEW."lifted_by", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."tenant_id", NEW."words"); RETURN NULL;',
                    hash="1fbaad37f7427c1082c40c6387295507ae2b9f67",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_5c8d2",
                    table="billing_outboundstop",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="outboundstop",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM audit_record_change(TG_OP, 'outbound_stop', CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END, ARRAY['created_at', 'id', 'spent_micros', 'tenant_id', 'updated_at']::text[], ARRAY[]::text[]); RETURN NULL;",
                    hash="2ed643d06bf877349861e174ca563e8402208aee",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_audit_2a34e",
                    table="billing_outboundstop",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="outboundstopevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="dc21366d391de5b26dbfa636d80032f80bed4e4c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_b0e0c",
                    table="billing_outboundstopevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="spendlimit",
            constraint=models.UniqueConstraint(
                fields=("tenant", "scope", "scope_id", "period"),
                name="billing_limit_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="spendlimit",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_micros__gte", 0)), name="billing_limit_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="spendlimit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("scope", "tenant"), ("scope_id", None)),
                    models.Q(models.Q(("scope", "tenant"), _negated=True), ("scope_id__isnull", False)),
                    _connector="OR",
                ),
                name="billing_limit_of_somebody",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="spendlimit",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "billing_spendlimitevent" ("amount_micros", "created_at", "id", "period", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scope", "scope_id", "tenant_id") VALUES (NEW."amount_micros", NEW."created_at", NEW."id", NEW."period", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."scope", NEW."scope_id", NEW."tenant_id"); RETURN NULL;',
                    hash="ecaabfba00c9193ed0120373c766d43d98af6f90",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_d83f4",
                    table="billing_spendlimit",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="spendlimit",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."amount_micros" IS DISTINCT FROM (NEW."amount_micros") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."period" IS DISTINCT FROM (NEW."period") OR OLD."scope" IS DISTINCT FROM (NEW."scope") OR OLD."scope_id" IS DISTINCT FROM (NEW."scope_id") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id"))',
                    func='INSERT INTO "billing_spendlimitevent" ("amount_micros", "created_at", "id", "period", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scope", "scope_id", "tenant_id") VALUES (NEW."amount_micros", NEW."created_at", NEW."id", NEW."period", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."scope", NEW."scope_id", NEW."tenant_id"); RETURN NULL;',
                    hash="48613549da7038c4647671b08eaee4593d03e41b",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_91dee",
                    table="billing_spendlimit",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="spendlimit",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "billing_spendlimitevent" ("amount_micros", "created_at", "id", "period", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "scope", "scope_id", "tenant_id") VALUES (OLD."amount_micros", OLD."created_at", OLD."id", OLD."period", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."scope", OLD."scope_id", OLD."tenant_id"); RETURN NULL;',
                    hash="34a8349134db89315e61236826bc91cf2e0f8540",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_cdb69",
                    table="billing_spendlimit",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="spendlimit",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM audit_record_change(TG_OP, 'spend_limit', CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END, ARRAY['created_at', 'id', 'tenant_id', 'updated_at']::text[], ARRAY[]::text[]); RETURN NULL;",
                    hash="8b8ec6af0d0cec6d77a176e9fb4d5d9db9a9b325",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_audit_a0752",
                    table="billing_spendlimit",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="spend",
            constraint=models.UniqueConstraint(fields=("limit", "period_start"), name="billing_spend_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="spendlimitevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f817abb8fcbb1764eb88ff81bfdccdf738958466",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_83a51",
                    table="billing_spendlimitevent",
                    when="BEFORE",
                ),
            ),
        ),
        EnableRowSecurity("billing_spendlimit"),
        EnableRowSecurity("billing_spendlimitevent"),
        EnableRowSecurity("billing_spend"),
        EnableRowSecurity("billing_outboundstop"),
        EnableRowSecurity("billing_outboundstopevent"),
        CompositeForeignKey("billing_spend", "limit_id", "billing_spendlimit"),
    ]
