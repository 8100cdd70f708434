import django.db.models.deletion
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import tenants.ids
import tenants.scope
import tenants.secrets
from tenants.rls import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0005_confirmed_addresses"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClaimedDomain",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("domain", models.CharField(help_text="In lower case.", max_length=253, unique=True)),
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
                "ordering": ["domain"],
            },
        ),
        migrations.CreateModel(
            name="ClaimedDomainEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.UUIDField(default=tenants.ids.new_id, editable=False, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("domain", models.CharField(help_text="In lower case.", max_length=253)),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="tenants.claimeddomain",
                    ),
                ),
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
            name="SingleSignOn",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("protocol", models.CharField(choices=[("oidc", "Oidc"), ("saml", "Saml")], max_length=4)),
                ("server_url", models.CharField(blank=True, max_length=500)),
                ("client_id", models.CharField(blank=True, max_length=191)),
                ("client_secret", tenants.secrets.EncryptedText(blank=True)),
                ("idp_metadata_url", models.CharField(blank=True, max_length=500)),
                ("idp_entity_id", models.CharField(blank=True, max_length=500)),
                ("idp_sso_url", models.CharField(blank=True, max_length=500)),
                ("idp_certificate", models.TextField(blank=True, help_text="PEM or bare base64.")),
                (
                    "default_role",
                    models.CharField(
                        choices=[
                            ("owner", "owner"),
                            ("admin", "admin"),
                            ("developer", "developer"),
                            ("analyst", "analyst"),
                            ("billing", "billing"),
                        ],
                        max_length=20,
                    ),
                ),
                ("enforced", models.BooleanField(default=False)),
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
            name="SingleSignOnEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_context", pghistory.utils.JSONField(null=True)),
                ("pgh_context_id", models.UUIDField(null=True)),
                ("id", models.UUIDField(default=tenants.ids.new_id, editable=False, serialize=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("protocol", models.CharField(choices=[("oidc", "Oidc"), ("saml", "Saml")], max_length=4)),
                ("server_url", models.CharField(blank=True, max_length=500)),
                ("client_id", models.CharField(blank=True, max_length=191)),
                ("idp_metadata_url", models.CharField(blank=True, max_length=500)),
                ("idp_entity_id", models.CharField(blank=True, max_length=500)),
                ("idp_sso_url", models.CharField(blank=True, max_length=500)),
                ("idp_certificate", models.TextField(blank=True, help_text="PEM or bare base64.")),
                (
                    "default_role",
                    models.CharField(
                        choices=[
                            ("owner", "owner"),
                            ("admin", "admin"),
                            ("developer", "developer"),
                            ("analyst", "analyst"),
                            ("billing", "billing"),
                        ],
                        max_length=20,
                    ),
                ),
                ("enforced", models.BooleanField(default=False)),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="tenants.singlesignon",
                    ),
                ),
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
        pgtrigger.migrations.AddTrigger(
            model_name="claimeddomain",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "tenants_claimeddomainevent" ("created_at", "domain", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tenant_id") VALUES (NEW."created_at", NEW."domain", NEW."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."tenant_id"); RETURN NULL;',
                    hash="88b84952f7594508144d1ac4224d9aec9411f241",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_624ea",
                    table="tenants_claimeddomain",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claimeddomain",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "tenants_claimeddomainevent" ("created_at", "domain", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "tenant_id") VALUES (OLD."created_at", OLD."domain", OLD."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."tenant_id"); RETURN NULL;',
                    hash="25b6b29d126b645eb374d534f834f47c5d7c4b76",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a1b16",
                    table="tenants_claimeddomain",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claimeddomain",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM audit_record_change(TG_OP, 'claimed_domain', CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END, ARRAY['created_at', 'id', 'tenant_id', 'updated_at']::text[], ARRAY[]::text[]); RETURN NULL;",
                    hash="fb3d2ca92e33c60d5056e2ea13a87fb8645868cd",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_audit_5858a",
                    table="tenants_claimeddomain",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claimeddomainevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c91755e76611d8c42787b6cab8518952a13bd98c",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_f68ac",
                    table="tenants_claimeddomainevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="singlesignon",
            constraint=models.UniqueConstraint(fields=("tenant",), name="tenants_singlesignon_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="singlesignon",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "tenants_singlesignonevent" ("client_id", "created_at", "default_role", "enforced", "id", "idp_certificate", "idp_entity_id", "idp_metadata_url", "idp_sso_url", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "protocol", "server_url", "tenant_id") VALUES (NEW."client_id", NEW."created_at", NEW."default_role", NEW."enforced", NEW."id", NEW."idp_certificate", NEW."idp_entity_id", NEW."idp_metadata_url", NEW."idp_sso_url", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'insert\', NEW."id", NEW."protocol", NEW."server_url", NEW."tenant_id"); RETURN NULL;',
                    hash="3d7c07be527f86c3e526e5db850d6fc80f2d4934",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_0db2e",
                    table="tenants_singlesignon",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="singlesignon",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."client_id" IS DISTINCT FROM (NEW."client_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."default_role" IS DISTINCT FROM (NEW."default_role") OR OLD."enforced" IS DISTINCT FROM (NEW."enforced") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."idp_certificate" IS DISTINCT FROM (NEW."idp_certificate") OR OLD."idp_entity_id" IS DISTINCT FROM (NEW."idp_entity_id") OR OLD."idp_metadata_url" IS DISTINCT FROM (NEW."idp_metadata_url") OR OLD."idp_sso_url" IS DISTINCT FROM (NEW."idp_sso_url") OR OLD."protocol" IS DISTINCT FROM (NEW."protocol") OR OLD."server_url" IS DISTINCT FROM (NEW."server_url") OR OLD."tenant_id" IS DISTINCT FROM (NEW."tenant_id"))',
                    func='INSERT INTO "tenants_singlesignonevent" ("client_id", "created_at", "default_role", "enforced", "id", "idp_certificate", "idp_entity_id", "idp_metadata_url", "idp_sso_url", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "protocol", "server_url", "tenant_id") VALUES (NEW."client_id", NEW."created_at", NEW."default_role", NEW."enforced", NEW."id", NEW."idp_certificate", NEW."idp_entity_id", NEW."idp_metadata_url", NEW."idp_sso_url", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'update\', NEW."id", NEW."protocol", NEW."server_url", NEW."tenant_id"); RETURN NULL;',
                    hash="d7f4745677bf45aa8044a14d1c445556c28488e4",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_5c8bf",
                    table="tenants_singlesignon",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="singlesignon",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "tenants_singlesignonevent" ("client_id", "created_at", "default_role", "enforced", "id", "idp_certificate", "idp_entity_id", "idp_metadata_url", "idp_sso_url", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "protocol", "server_url", "tenant_id") VALUES (OLD."client_id", OLD."created_at", OLD."default_role", OLD."enforced", OLD."id", OLD."idp_certificate", OLD."idp_entity_id", OLD."idp_metadata_url", OLD."idp_sso_url", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, clock_timestamp(), \'delete\', OLD."id", OLD."protocol", OLD."server_url", OLD."tenant_id"); RETURN NULL;',
                    hash="9a93d3a24677fe48319b0e8fd3cf702ad79472de",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_2c6bb",
                    table="tenants_singlesignon",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="singlesignon",
            trigger=pgtrigger.compiler.Trigger(
                name="audit",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="PERFORM audit_record_change(TG_OP, 'single_sign_on', CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END, ARRAY['created_at', 'id', 'tenant_id', 'updated_at']::text[], ARRAY['client_secret']::text[]); RETURN NULL;",
                    hash="862e266c54cd66eb93897a03c60a9590ae5086fb",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_audit_ea369",
                    table="tenants_singlesignon",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="singlesignonevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="986e2b089249c7dffba7c6ea81f604bb1ea9e848",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_e3e90",
                    table="tenants_singlesignonevent",
                    when="BEFORE",
                ),
            ),
        ),
        EnableRowSecurity("tenants_singlesignon"),
        EnableRowSecurity("tenants_singlesignonevent"),
        EnableRowSecurity("tenants_claimeddomain"),
        EnableRowSecurity("tenants_claimeddomainevent"),
    ]
