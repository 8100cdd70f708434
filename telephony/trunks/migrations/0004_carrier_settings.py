import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import telephony.trunks.models
import tenants.ids
import tenants.scope
import tenants.secrets


class Migration(migrations.Migration):
    dependencies = [
        ("edge", "0001_initial"),
        ("tenants", "0007_leaving"),
        ("trunks", "0003_trunk_audit"),
    ]

    operations = [
        migrations.CreateModel(
            name="TrunkRegistration",
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
                    "state",
                    models.CharField(
                        choices=[
                            ("none", "None"),
                            ("registering", "Registering"),
                            ("registered", "Registered"),
                            ("failed", "Failed"),
                            ("backing_off", "Backing off"),
                        ],
                        default="none",
                        max_length=11,
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
                (
                    "trunk",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="registration_state",
                        to="trunks.trunk",
                    ),
                ),
                (
                    "node",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="edge.medianode",
                    ),
                ),
                ("changed_at", models.DateTimeField(blank=True, null=True)),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("last_error", models.CharField(blank=True, default="", max_length=300)),
                ("failures", models.PositiveSmallIntegerField(default=0, help_text="In a row.")),
                (
                    "retry_at",
                    models.DateTimeField(blank=True, help_text="Not to be tried before.", null=True),
                ),
                (
                    "lease_until",
                    models.DateTimeField(blank=True, help_text="The node's, renewed by it.", null=True),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="trunk",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="trunk",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="trunk",
            name="delete_delete",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="trunk",
            name="audit",
        ),
        migrations.AddField(
            model_name="trunk",
            name="backup_trunk",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="trunks.trunk",
            ),
        ),
        migrations.AddField(
            model_name="trunk",
            name="caller_id_header",
            field=models.CharField(
                choices=[
                    ("none", "None"),
                    ("p_asserted_identity", "P-Asserted-Identity"),
                    ("remote_party_id", "Remote-Party-ID"),
                ],
                default="p_asserted_identity",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="trunk",
            name="caller_id_private",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="trunk",
            name="codecs",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=8),
                default=telephony.trunks.models.all_codecs,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="trunk",
            name="country",
            field=models.CharField(blank=True, default="", help_text="ISO 3166-1 alpha-2.", max_length=2),
        ),
        migrations.AddField(
            model_name="trunk",
            name="dtmf",
            field=models.CharField(
                choices=[("rfc4733", "RFC 4733"), ("info", "SIP INFO")], default="rfc4733", max_length=7
            ),
        ),
        migrations.AddField(
            model_name="trunk",
            name="early_media",
            field=models.CharField(
                choices=[("ignore", "Ignored"), ("listen", "Heard")], default="ignore", max_length=6
            ),
        ),
        migrations.AddField(
            model_name="trunk",
            name="headers_in",
            field=models.JSONField(blank=True, default=dict, help_text="Variable names by header name."),
        ),
        migrations.AddField(
            model_name="trunk",
            name="headers_out",
            field=models.JSONField(blank=True, default=dict, help_text="Templates by header name."),
        ),
        migrations.AddField(
            model_name="trunk",
            name="inbound_auth",
            field=models.CharField(
                choices=[
                    ("ip", "Source address"),
                    ("digest", "User name and password"),
                    ("either", "Either"),
                ],
                default="ip",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="trunk",
            name="inbound_password",
            field=tenants.secrets.EncryptedText(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="trunk",
            name="inbound_prefix",
            field=models.CharField(
                blank=True, default="", help_text="Put before a dialed number after that.", max_length=16
            ),
        ),
        migrations.AddField(
            model_name="trunk",
            name="inbound_reserved",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="trunk",
            name="inbound_strip",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Characters cut from the front of a dialed number."
            ),
        ),
        migrations.AddField(
            model_name="trunk",
            name="inbound_username",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="trunk",
            name="invite_timeout_ms",
            field=models.PositiveIntegerField(default=6000),
        ),
        migrations.AddField(
            model_name="trunk",
            name="registrar",
            field=models.JSONField(
                blank=True,
                help_text="{host, port (null: RFC 3263), transport}; null: the first gateway.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="trunk",
            name="registration",
            field=models.CharField(
                choices=[("none", "None"), ("outbound", "We register"), ("inbound", "They register")],
                default="none",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="trunk",
            name="registration_expires_s",
            field=models.PositiveIntegerField(default=300),
        ),
        # One for each row that exists: the default would be the same for all.
        migrations.AddField("trunk", "slug", models.CharField(max_length=40, null=True)),
        migrations.RunSQL(
            "SELECT set_config('app.platform', 'on', true);"
            "UPDATE trunks_trunk SET slug = 'trunk-' || left(replace(gen_random_uuid()::text, '-', ''), 6);"
            "SELECT set_config('app.platform', '', true)",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            "trunk",
            "slug",
            models.CharField(
                default=telephony.trunks.models.new_slug, editable=False, max_length=40, unique=True
            ),
        ),
        migrations.AddField(
            model_name="trunk",
            name="srtp",
            field=models.CharField(
                choices=[("off", "Off"), ("optional", "Optional"), ("required", "Required")],
                default="off",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="trunk",
            name="tech_prefix",
            field=models.CharField(blank=True, default="", max_length=10),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="backup_trunk",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="trunks.trunk",
            ),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="caller_id_header",
            field=models.CharField(
                choices=[
                    ("none", "None"),
                    ("p_asserted_identity", "P-Asserted-Identity"),
                    ("remote_party_id", "Remote-Party-ID"),
                ],
                default="p_asserted_identity",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="caller_id_private",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="codecs",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=8),
                default=telephony.trunks.models.all_codecs,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="country",
            field=models.CharField(blank=True, default="", help_text="ISO 3166-1 alpha-2.", max_length=2),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="dtmf",
            field=models.CharField(
                choices=[("rfc4733", "RFC 4733"), ("info", "SIP INFO")], default="rfc4733", max_length=7
            ),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="early_media",
            field=models.CharField(
                choices=[("ignore", "Ignored"), ("listen", "Heard")], default="ignore", max_length=6
            ),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="headers_in",
            field=models.JSONField(blank=True, default=dict, help_text="Variable names by header name."),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="headers_out",
            field=models.JSONField(blank=True, default=dict, help_text="Templates by header name."),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="inbound_auth",
            field=models.CharField(
                choices=[
                    ("ip", "Source address"),
                    ("digest", "User name and password"),
                    ("either", "Either"),
                ],
                default="ip",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="inbound_prefix",
            field=models.CharField(
                blank=True, default="", help_text="Put before a dialed number after that.", max_length=16
            ),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="inbound_reserved",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="inbound_strip",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="Characters cut from the front of a dialed number."
            ),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="inbound_username",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="invite_timeout_ms",
            field=models.PositiveIntegerField(default=6000),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="registrar",
            field=models.JSONField(
                blank=True,
                help_text="{host, port (null: RFC 3263), transport}; null: the first gateway.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="registration",
            field=models.CharField(
                choices=[("none", "None"), ("outbound", "We register"), ("inbound", "They register")],
                default="none",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="registration_expires_s",
            field=models.PositiveIntegerField(default=300),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="slug",
            field=models.CharField(default=telephony.trunks.models.new_slug, editable=False, max_length=40),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="srtp",
            field=models.CharField(
                choices=[("off", "Off"), ("optional", "Optional"), ("required", "Required")],
                default="off",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="trunkevent",
            name="tech_prefix",
            field=models.CharField(blank=True, default="", max_length=10),
        ),
        migrations.AddField(
            model_name="trunkgateway",
            name="checked_at",
            field=models.DateTimeField(blank=True, help_text="When OPTIONS was last asked.", null=True),
        ),
        migrations.AddField(
            model_name="trunkgateway",
            name="failures",
            field=models.PositiveSmallIntegerField(default=0, help_text="In a row."),
        ),
        migrations.AddField(
            model_name="trunkgateway",
            name="last_error",
            field=models.CharField(blank=True, default="", max_length=300),
        ),
        migrations.AddField(
            model_name="trunkgateway",
            name="rests_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="trunkgateway",
            name="rtt_ms",
            field=models.PositiveIntegerField(
                blank=True, help_text="Of the last answer to OPTIONS.", null=True
            ),
        ),
        migrations.AddField(
            model_name="trunkgateway",
            name="state",
            field=models.CharField(
                choices=[("unknown", "Unknown"), ("up", "Up"), ("down", "Down"), ("resting", "Resting")],
                default="unknown",
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="trunkgateway",
            name="state_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="trunk",
            name="max_calls_per_second",
            field=models.PositiveIntegerField(default=5),
        ),
        migrations.AlterField(
            model_name="trunk",
            name="number_format",
            field=models.CharField(
                choices=[
                    ("e164_plus", "+12025550100"),
                    ("e164", "12025550100"),
                    ("national", "As dialed in the trunk's country"),
                ],
                default="e164_plus",
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="trunkevent",
            name="max_calls_per_second",
            field=models.PositiveIntegerField(default=5),
        ),
        migrations.AlterField(
            model_name="trunkevent",
            name="number_format",
            field=models.CharField(
                choices=[
                    ("e164_plus", "+12025550100"),
                    ("e164", "12025550100"),
                    ("national", "As dialed in the trunk's country"),
                ],
                default="e164_plus",
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="trunkgateway",
            name="port",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="trunkaddress",
            index=models.Index(fields=["network"], name="trunks_address_network"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trunk",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "trunks_trunkevent" ("archived_at", "auth", "backup_trunk_id", "caller_id_header", "caller_id_private", "codecs", "country", "created_at", "direction", "dtmf", "early_media", "headers_in", "headers_out", "id", "inbound_auth", "inbound_prefix", "inbound_reserved", "inbound_strip", "inbound_username", "invite_timeout_ms", "max_calls_per_second", "max_concurrent_calls", "name", "number_format", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registrar", "registration", "registration_expires_s", "slug", "srtp", "tech_prefix", "tenant_id", "username") VALUES (NEW."archived_at", NEW."auth", NEW."backup_trunk_id", NEW."caller_id_header", NEW."caller_id_private", NEW."codecs", NEW."country", NEW."created_at", NEW."direction", NEW."dtmf", NEW."early_media", NEW."headers_in", NEW."headers_out", NEW."id", NEW."inbound_auth", NEW."inbound_prefix", NEW."inbound_reserved", NEW."inbound_strip", NEW."inbound_username", NEW."invite_timeout_ms", NEW."max_calls_per_second", NEW."max_concurrent_calls", NEW."name", NEW."number_format", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."registrar", NEW."registration", NEW."registration_expires_s", NEW."slug", NEW."srtp", NEW."tech_prefix", NEW."tenant_id", NEW."username"); RETURN NULL;',
                    hash="3c08b22c61c85171da37f7d18855b1ba526a2f5e",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_f062f",
                    table="trunks_trunk",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trunk",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."archived_at" IS DISTINCT FROM (NEW."archived_at") OR OLD."auth" IS DISTINCT FROM (NEW."auth") OR OLD."backup_trunk_id" IS DISTINCT FROM (NEW."backup_trunk_id") OR OLD."caller_id_header" IS DISTINCT FROM (NEW."caller_id_header") OR OLD."caller_id_private" IS DISTINCT FROM (NEW."caller_id_private") OR OLD."codecs" IS DISTINCT FROM (NEW."codecs") OR OLD."country" IS DISTINCT FROM (NEW."country") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."direction" IS DISTINCT FROM (NEW."direction") OR OLD."dtmf" IS DISTINCT FROM (NEW."dtmf") OR OLD."early_media" IS DISTINCT FROM (NEW."early_media") OR OLD."headers_in" IS DISTINCT FROM (NEW."headers_in") OR OLD."headers_out" IS DISTINCT FROM (NEW."headers_out") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."inbound_auth" IS DISTINCT FROM (NEW."inbound_auth") OR OLD."inbound_prefix" IS DISTINCT FROM (NEW."inbound_prefix") OR OLD."inbound_reserved" IS DISTINCT FROM (NEW."inbound_reserved") OR OLD."inbound_strip" IS DISTINCT FROM (NEW."inbound_strip") OR OLD."inbound_username" IS DISTINCT FROM (NEW."inbound_username") OR OLD."invite_timeout_ms" IS DISTINCT FROM (NEW."invite_timeout_ms") OR OLD."max_calls_per_second" IS DISTINCT FROM (NEW."max_calls_per_second") OR OLD."max_concurrent_calls" IS DISTINCT FROM (NEW."max_concurrent_calls") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."number_format" IS DISTINCT FROM (NEW."number_format") OR OLD."registrar" IS DISTINCT FROM (NEW."registrar") OR OLD."registration" IS DISTINCT FROM (NEW."registration") OR OLD."registration_expires_s" IS DISTINCT FROM (NEW."registration_expires_s") OR OLD."slug" IS DISTINCT FROM (NEW."slug") OR OLD."srtp" IS DISTINCT FROM (NEW."srtp") OR OLD."tech_prefix" IS DISTINCT FROM (NEW."tech_prefix") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id") OR OLD."username" IS DISTINCT FROM (NEW."username"))',
                    func='INSERT INTO "trunks_trunkevent" ("archived_at", "auth", "backup_trunk_id", "caller_id_header", "caller_id_private", "codecs", "country", "created_at", "direction", "dtmf", "early_media", "headers_in", "headers_out", "id", "inbound_auth", "inbound_prefix", "inbound_reserved", "inbound_strip", "inbound_username", "invite_timeout_ms", "max_calls_per_second", "max_concurrent_calls", "name", "number_format", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registrar", "registration", "registration_expires_s", "slug", "srtp", "tech_prefix", "tenant_id", "username") VALUES (NEW."archived_at", NEW."auth", NEW."backup_trunk_id", NEW."caller_id_header", NEW."caller_id_private", NEW."codecs", NEW."country", NEW."created_at", NEW."direction", NEW."dtmf", NEW."early_media", NEW."headers_in", NEW."headers_out", NEW."id", NEW."inbound_auth", NEW."inbound_prefix", NEW."inbound_reserved", NEW."inbound_strip", NEW."inbound_username", NEW."invite_timeout_ms", NEW."max_calls_per_second", NEW."max_concurrent_calls", NEW."name", NEW."number_format", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."registrar", NEW."registration", NEW."registration_expires_s", NEW."slug", NEW."srtp", NEW."tech_prefix", NEW."tenant_id", NEW."username"); RETURN NULL;',
                    hash="e45a82fd74d67a383777e2a1572ca5a1b68d5d31",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_fae74",
                    table="trunks_trunk",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trunk",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "trunks_trunkevent" ("archived_at", "auth", "backup_trunk_id", "caller_id_header", "caller_id_private", "codecs", "country", "created_at", "direction", "dtmf", "early_media", "headers_in", "headers_out", "id", "inbound_auth", "inbound_prefix", "inbound_reserved", "inbound_strip", "inbound_username", "invite_timeout_ms", "max_calls_per_second", "max_concurrent_calls", "name", "number_format", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registrar", "registration", "registration_expires_s", "slug", "srtp", "tech_prefix", "tenant_id", "username") VALUES (OLD."archived_at", OLD."auth", OLD."backup_trunk_id", OLD."caller_id_header", OLD."caller_id_private", OLD."codecs", OLD."country", OLD."created_at", OLD."direction", OLD."dtmf", OLD."early_media", OLD."headers_in", OLD."headers_out", OLD."id", OLD."inbound_auth", OLD."inbound_prefix", OLD."inbound_reserved", OLD."inbound_strip", OLD."inbound_username", OLD."invite_timeout_ms", OLD."max_calls_per_second", OLD."max_concurrent_calls", OLD."name", OLD."number_format", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."registrar", OLD."registration", OLD."registration_expires_s", OLD."slug", OLD."srtp", OLD."tech_prefix", OLD."tenant_id", OLD."username"); RETURN NULL;',
                    hash="aa0482c6f5c1735c69d736fe4a0aa6cffa4696e4",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_c6633",
                    table="trunks_trunk",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trunk",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM audit_record_change(TG_OP, 'trunk', CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END, ARRAY['created_at', 'id', 'tenant_id', 'updated_at']::text[], ARRAY['inbound_password', 'password']::text[]); RETURN NULL;",
                    hash="763f1b0ec4393910f24c320b81b87d06124e9c90",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_audit_3a486",
                    table="trunks_trunk",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="trunk",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Lower("inbound_username"),
                condition=models.Q(models.Q(("inbound_username", ""), _negated=True), ("archived_at", None)),
                name="trunks_inbound_username_once",
            ),
        ),
    ]
