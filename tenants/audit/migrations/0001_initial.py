import django.core.serializers.json
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import tenants.ids
from tenants.rls import EnableRowSecurity

NEW_ID = """
-- A UUIDv7 (RFC 9562, method 3: microseconds in rand_a), as tenants.ids.new_id makes them: PostgreSQL has its
-- own from version 18 only.
CREATE FUNCTION audit_new_id(at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (
        lpad(to_hex(us / 1000), 12, '0')
        || to_hex(28672 + us % 1000 * 4096 / 1000)
        || substr(replace(gen_random_uuid()::text, '-', ''), 17)
    )::uuid
    FROM (SELECT floor(extract(epoch FROM at) * 1000000)::bigint AS us) AS clock
$$
"""

HIDDEN = """
-- What may be told of a secret: that there is one.
CREATE FUNCTION audit_hidden(secret jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN secret IS NULL OR secret IN ('null', '""') THEN 'null'::jsonb ELSE '"(secret)"' END
$$
"""

RECORD_CHANGE = """
-- Called by the trigger `audit` of each tracked model (tenants.audit.triggers). `old` and `new` are the whole
-- rows; `noise` are the columns that nobody cares about, `secrets` those that are never shown.
CREATE FUNCTION audit_record_change(op text, kind text, old jsonb, new jsonb, noise text[], secrets text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    act jsonb := coalesce(nullif(current_setting('pghistory.context_metadata', true), ''), '{}')::jsonb;
    this jsonb := coalesce(new, old);
    now_ timestamptz := clock_timestamp();
    was jsonb;
    becomes jsonb;
BEGIN
    SELECT
        jsonb_object_agg(key, CASE WHEN key = ANY (secrets) THEN audit_hidden(old -> key) ELSE old -> key END),
        jsonb_object_agg(key, CASE WHEN key = ANY (secrets) THEN audit_hidden(new -> key) ELSE new -> key END)
    INTO was, becomes
    FROM jsonb_object_keys(this) AS key
    WHERE key <> ALL (noise) AND old -> key IS DISTINCT FROM new -> key;

    IF op = 'UPDATE' AND was IS NULL THEN
        RETURN;
    END IF;

    INSERT INTO audit_auditentry (
        id, tenant_id, at, actor_kind, actor_id, actor_label, impersonator, ip, user_agent,
        action, object_type, object_id, object_label, before, after
    ) VALUES (
        audit_new_id(now_),
        (CASE WHEN kind = 'tenant' THEN this ->> 'id' ELSE this ->> 'tenant_id' END)::uuid,
        now_,
        coalesce(nullif(act ->> 'kind', ''), 'system'),
        coalesce(act ->> 'actor', ''),
        coalesce(nullif(act ->> 'label', ''), nullif(act ->> 'actor', ''), 'Trunkline'),
        coalesce(act ->> 'impersonator', ''),
        nullif(act ->> 'ip', '')::inet,
        coalesce(act ->> 'user_agent', ''),
        CASE
            WHEN op = 'INSERT' THEN 'created'
            WHEN op = 'DELETE' THEN 'deleted'
            WHEN old ->> 'archived_at' IS NULL AND new ->> 'archived_at' IS NOT NULL THEN 'deleted'
            WHEN old ->> 'revoked_at' IS NULL AND new ->> 'revoked_at' IS NOT NULL THEN 'revoked'
            WHEN old ->> 'accepted_at' IS NULL AND new ->> 'accepted_at' IS NOT NULL THEN 'accepted'
            WHEN old ->> 'suspended_at' IS NULL AND new ->> 'suspended_at' IS NOT NULL THEN 'suspended'
            WHEN old ->> 'suspended_at' IS NOT NULL AND new ->> 'suspended_at' IS NULL THEN 'unsuspended'
            WHEN becomes ? 'published_version_id' THEN 'published'
            ELSE 'changed'
        END,
        kind,
        (this ->> 'id')::uuid,
        left(coalesce(
            nullif(this ->> 'name', ''),
            this ->> 'e164',
            this ->> 'email',
            (SELECT email FROM tenants_user WHERE id = (this ->> 'user_id')::uuid),
            ''
        ), 300),
        CASE WHEN op = 'INSERT' THEN '{}' ELSE jsonb_strip_nulls(coalesce(was, '{}')) END,
        CASE WHEN op = 'DELETE' THEN '{}' ELSE jsonb_strip_nulls(coalesce(becomes, '{}')) END
    );
END
$$
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenants", "0002_row_security"),
    ]

    operations = [
        migrations.RunSQL(NEW_ID, "DROP FUNCTION audit_new_id(timestamptz)"),
        migrations.RunSQL(HIDDEN, "DROP FUNCTION audit_hidden(jsonb)"),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[
                            ("user", "User"),
                            ("api_key", "Api Key"),
                            ("staff", "Staff"),
                            ("system", "System"),
                        ],
                        max_length=8,
                    ),
                ),
                ("actor_id", models.CharField(blank=True, help_text="usr_... or key_...", max_length=40)),
                ("actor_label", models.CharField(blank=True, max_length=300)),
                (
                    "impersonator",
                    models.CharField(blank=True, help_text="E-mail of the staff member.", max_length=254),
                ),
                ("ip", models.GenericIPAddressField(blank=True, null=True)),
                ("user_agent", models.CharField(blank=True, max_length=300)),
                ("action", models.CharField(max_length=40)),
                ("object_type", models.CharField(blank=True, max_length=40)),
                ("object_id", models.UUIDField(blank=True, null=True)),
                ("object_label", models.CharField(blank=True, max_length=300)),
                (
                    "before",
                    models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder),
                ),
                (
                    "after",
                    models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["tenant", "-id"], name="audit_newest"),
                    models.Index(fields=["tenant", "object_id", "-id"], name="audit_by_object"),
                    models.Index(fields=["tenant", "actor_id", "-id"], name="audit_by_actor"),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="auditentry",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="ab24cb77a22d3160dc788fecde00a98236f14d09",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_6cfb3",
                    table="audit_auditentry",
                    when="BEFORE",
                ),
            ),
        ),
        EnableRowSecurity("audit_auditentry"),
        migrations.RunSQL(
            RECORD_CHANGE, "DROP FUNCTION audit_record_change(text, text, jsonb, jsonb, text[], text[])"
        ),
    ]
