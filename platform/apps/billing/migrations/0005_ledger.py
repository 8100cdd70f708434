import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import tenants.ids
import tenants.scope
from tenants.rls import CompositeForeignKey, EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("billing", "0004_rates_and_plans"), ("tenants", "0009_digest_key")]

    operations = [
        pgtrigger.migrations.RemoveTrigger(model_name="hold", name="settled_once"),
        migrations.RemoveConstraint(model_name="hold", name="billing_hold_once"),
        migrations.RemoveConstraint(model_name="hold", name="billing_hold_of_something"),
        migrations.RemoveConstraint(model_name="hold", name="billing_hold_never_exceeded"),
        migrations.RemoveConstraint(model_name="hold", name="billing_hold_settled_at_a_time"),
        migrations.RenameField("hold", "call", "subject_id"),
        migrations.CreateModel(
            name="Entry",
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
                            ("free_credit", "Free credit"),
                            ("credit", "Credit"),
                            ("top_up", "Top-up"),
                            ("call", "Call"),
                            ("number", "Number"),
                            ("rental", "Rental"),
                            ("storage", "Storage"),
                            ("subscription", "Subscription"),
                            ("message", "Message"),
                            ("refund", "Refund"),
                            ("dispute", "Dispute"),
                            ("adjustment", "Adjustment"),
                        ],
                        max_length=12,
                    ),
                ),
                ("why", models.CharField(max_length=300)),
                ("reference", models.CharField(max_length=200)),
                ("subject", models.CharField(blank=True, max_length=80)),
                (
                    "of",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="given_back",
                        to="billing.entry",
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
                "verbose_name_plural": "entries",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Posting",
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
                    "account",
                    models.CharField(
                        choices=[
                            ("wallet", "Wallet"),
                            ("stripe", "Stripe"),
                            ("promotions", "Promotions"),
                            ("calls", "Calls"),
                            ("telephony", "Telephony"),
                            ("vendors", "Vendors"),
                            ("numbers", "Numbers"),
                            ("storage", "Storage"),
                            ("subscriptions", "Subscriptions"),
                            ("messages", "Messages"),
                            ("taxes", "Taxes"),
                            ("refunds", "Refunds"),
                            ("disputes", "Disputes"),
                            ("debts", "Debts"),
                            ("written_off", "Written off"),
                            ("adjustments", "Adjustments"),
                        ],
                        max_length=13,
                    ),
                ),
                ("amount_micros", models.BigIntegerField()),
                ("balance_after_micros", models.BigIntegerField(blank=True, null=True)),
                (
                    "entry",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postings",
                        to="billing.entry",
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
            },
        ),
        migrations.CreateModel(
            name="CallCharge",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("call", models.UUIDField()),
                ("total_micros", models.BigIntegerField()),
                ("charged_micros", models.BigIntegerField()),
                ("written_off_micros", models.BigIntegerField(default=0)),
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
                    "entry",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.entry",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="ChargeLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("position", models.PositiveSmallIntegerField()),
                ("component", models.CharField(max_length=20)),
                ("what", models.CharField(blank=True, max_length=200)),
                ("quantity", models.BigIntegerField()),
                ("unit", models.CharField(max_length=20)),
                ("price_micros", models.BigIntegerField()),
                ("per", models.BigIntegerField()),
                ("amount_micros", models.BigIntegerField()),
                ("own_key", models.BooleanField(default=False)),
                (
                    "charge",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="billing.callcharge",
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
                "ordering": ["charge_id", "position"],
            },
        ),
        migrations.AddField(
            model_name="hold",
            name="counted_on",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="hold",
            name="held_ms",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="hold",
            name="most_ms",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="hold",
            name="rounding_s",
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="hold",
            name="short_since",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="hold",
            name="subject",
            field=models.CharField(
                choices=[("call", "Call"), ("number_order", "Number order")], default="call", max_length=12
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="tariff",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name="wallet",
            name="debt_micros",
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AlterField(
            model_name="hold",
            name="per_minute_micros",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="wallet",
            name="balance_micros",
            field=models.BigIntegerField(default=0, editable=False),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(fields=["tenant", "-id"], name="billing_hold_newest"),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                condition=models.Q(("settled_micros", None)),
                fields=["tenant", "subject"],
                name="billing_hold_open",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="hold",
            trigger=pgtrigger.compiler.Trigger(
                name="settled_once",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."settled_micros" IS NOT NULL)',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="28ee2337b54a5d7ee792f58533fe258b98450058",
                    operation="UPDATE",
                    pgid="pgtrigger_settled_once_1ae53",
                    table="billing_hold",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(fields=("tenant", "subject_id"), name="billing_hold_once"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_micros__gte", 0)), name="billing_hold_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("held_ms__lte", models.F("most_ms"))), name="billing_hold_within_most"
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at", None), ("settled_micros", None)),
                    models.Q(("settled_at__isnull", False), ("settled_micros__gte", 0)),
                    _connector="OR",
                ),
                name="billing_hold_settled_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="wallet",
            constraint=models.CheckConstraint(
                condition=models.Q(("debt_micros__gte", 0)), name="billing_wallet_debt_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="chargeline",
            constraint=models.UniqueConstraint(fields=("charge", "position"), name="billing_chargeline_once"),
        ),
        migrations.AddConstraint(
            model_name="chargeline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_micros__gte", 0), ("per__gt", 0), ("price_micros__gte", 0), ("quantity__gte", 0)
                ),
                name="billing_chargeline_not_negative",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="chargeline",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="4588d5265dc8fbbdae475ce7bbda8a99b5cfa161",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_2bec0",
                    table="billing_chargeline",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["tenant", "kind", "-id"], name="billing_entry_kind_newest"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("of__isnull", False)), fields=["of"], name="billing_entry_of"
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(fields=("tenant", "reference"), name="billing_entry_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="entry",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="6a3f3c31300250952e25802e86b601f577dc9ce2",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_9a5fe",
                    table="billing_entry",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="callcharge",
            constraint=models.UniqueConstraint(fields=("tenant", "call"), name="billing_callcharge_once"),
        ),
        migrations.AddConstraint(
            model_name="callcharge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("charged_micros__gte", 0),
                    (
                        "total_micros",
                        django.db.models.expressions.CombinedExpression(
                            models.F("charged_micros"), "+", models.F("written_off_micros")
                        ),
                    ),
                    ("written_off_micros__gte", 0),
                ),
                name="billing_callcharge_adds_up",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="callcharge",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="bc65a7dec84d2ad74c532afcbb5fad73eb1b97c6",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_05546",
                    table="billing_callcharge",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(
                condition=models.Q(("account__in", ["stripe", "debts", "disputes", "written_off"])),
                fields=["tenant", "account", "entry"],
                name="billing_posting_of_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.UniqueConstraint(fields=("entry", "account"), name="billing_posting_once"),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_micros", 0), _negated=True), name="billing_posting_of_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("account", "wallet"), ("balance_after_micros__gte", 0)),
                    models.Q(models.Q(("account", "wallet"), _negated=True), ("balance_after_micros", None)),
                    _connector="OR",
                ),
                name="billing_posting_balance_of_wallet",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="posting",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="c15945dfa97041261a4c8e2c7962bc7108cc4c58",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_cd6a1",
                    table="billing_posting",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="posting",
            trigger=pgtrigger.compiler.Trigger(
                name="zero_sum",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    constraint="CONSTRAINT",
                    declare="DECLARE total NUMERIC; scope TEXT;",
                    func="scope := coalesce(current_setting('app.platform', true), ''); PERFORM set_config('app.platform', 'on', true); SELECT sum(amount_micros) INTO total FROM billing_posting WHERE entry_id = NEW.entry_id; PERFORM set_config('app.platform', scope, true); IF total IS DISTINCT FROM 0 THEN RAISE EXCEPTION 'the postings of entry % sum up to %, not to zero', NEW.entry_id, total USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_entry_zero_sum'; END IF; RETURN NULL;",
                    hash="a1daa40b6e0b9284550b845a69142e0604dd7ec1",
                    operation="INSERT",
                    pgid="pgtrigger_zero_sum_79b41",
                    table="billing_posting",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
        EnableRowSecurity("billing_entry"),
        EnableRowSecurity("billing_posting"),
        EnableRowSecurity("billing_callcharge"),
        EnableRowSecurity("billing_chargeline"),
        CompositeForeignKey("billing_entry", "of_id", "billing_entry"),
        CompositeForeignKey("billing_posting", "entry_id", "billing_entry"),
        CompositeForeignKey("billing_callcharge", "entry_id", "billing_entry"),
        CompositeForeignKey("billing_chargeline", "charge_id", "billing_callcharge"),
    ]
