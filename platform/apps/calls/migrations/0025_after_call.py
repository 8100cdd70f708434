import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import tenants.ids
import tenants.scope


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0024_hook"),
        ("tenants", "0008_allowed_countries"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="callevent",
            name="append_only",
        ),
        migrations.AddField(
            model_name="call",
            name="packets_erased_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="redact",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=6),
                blank=True,
                db_default=models.Value([]),
                default=list,
                help_text="What the agents that it was given to want to have taken out of it (`AgentConfig.redact`).",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="search_language",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The text search configuration that its words are found by; empty: they are not.",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="tags",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=50),
                blank=True,
                db_default=models.Value([]),
                default=list,
                help_text="For showing; `CallTag` is what calls are found by.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="transcript_erased_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="recording",
            name="sealed",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Not to be heard yet: something in it is to be silenced first.",
            ),
        ),
        migrations.AddField(
            model_name="recording",
            name="source_sha256",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Of what the node sent.",
                max_length=64,
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(
                    ("answered_at__isnull", False),
                    ("search_language", ""),
                    ("state", "ended"),
                    ("transcript_erased_at__isnull", True),
                ),
                fields=["id"],
                name="calls_call_not_indexed",
            ),
        ),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(
                condition=models.Q(("sealed", True)), fields=["id"], name="calls_recording_sealed"
            ),
        ),
        migrations.CreateModel(
            name="CallNote",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("text", models.TextField(max_length=4000)),
                ("at_ms", models.PositiveIntegerField(blank=True, null=True)),
                ("author", models.CharField(max_length=40)),
                ("author_name", models.CharField(max_length=300)),
                (
                    "call",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="calls.call",
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
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["call", "-id"], name="calls_callnote_of_call")],
            },
        ),
        migrations.CreateModel(
            name="CallShare",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("recording", models.BooleanField(default=False)),
                ("transcript", models.BooleanField(default=False)),
                ("analysis", models.BooleanField(default=False)),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("made_by", models.CharField(max_length=300)),
                ("opened", models.PositiveIntegerField(default=0)),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                (
                    "call",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="calls.call",
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
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["call", "-id"], name="calls_callshare_of_call")],
            },
        ),
        migrations.CreateModel(
            name="CallTag",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.CharField(db_collation="C", max_length=50)),
                (
                    "call",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="calls.call",
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
            options={
                "indexes": [models.Index(fields=["tenant", "name", "-call"], name="calls_calltag_found")],
                "constraints": [models.UniqueConstraint(fields=("call", "name"), name="calls_calltag_once")],
            },
        ),
        migrations.CreateModel(
            name="FileToDelete",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("storage_key", models.CharField(max_length=255)),
                ("due_at", models.DateTimeField()),
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
                "indexes": [models.Index(fields=["due_at"], name="calls_filetodelete_due")],
            },
        ),
        migrations.CreateModel(
            name="Redaction",
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
                            ("manual", "By hand"),
                            ("cards", "A card number"),
                            ("digits", "Digits"),
                            ("keys", "Keys"),
                        ],
                        max_length=6,
                    ),
                ),
                ("start_ms", models.IntegerField()),
                ("end_ms", models.IntegerField()),
                (
                    "speaker",
                    models.CharField(
                        blank=True, choices=[("caller", "Caller"), ("agent", "Agent")], max_length=6
                    ),
                ),
                ("turn", models.PositiveIntegerField(blank=True, null=True)),
                ("made_by", models.CharField(blank=True, max_length=300)),
                (
                    "done_at",
                    models.DateTimeField(
                        blank=True, help_text="Since when the sound is silent too.", null=True
                    ),
                ),
                (
                    "problem",
                    models.CharField(blank=True, help_text="Why it was not silenced yet.", max_length=1000),
                ),
                (
                    "call",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="calls.call",
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
            options={
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["call", "-id"], name="calls_redaction_of_call")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("end_ms__gt", models.F("start_ms"))),
                        name="calls_redaction_of_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchLanguage",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.CharField(max_length=20)),
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
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "name"), name="calls_searchlanguage_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="TurnWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("lexeme", models.CharField(db_collation="C", max_length=100)),
                (
                    "hits",
                    django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None),
                ),
                (
                    "call",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="calls.call",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        default=tenants.scope.tenant_of_new_row,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["tenant", "lexeme", "-call"], name="calls_turnword_found")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="callevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF current_setting('app.erasing', true) = 'on' THEN IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; IF ROW(NEW.id, NEW.tenant_id, NEW.call_id, NEW.seq, NEW.type, NEW.at) IS NOT DISTINCT FROM ROW(OLD.id, OLD.tenant_id, OLD.call_id, OLD.seq, OLD.type, OLD.at) THEN RETURN NEW; END IF; END IF; RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="d35ae6a9223976fb55f2845c089c879833cb81ca",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7177b",
                    table="calls_callevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
