import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("billing", "0006_fill_ledger")]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="wallet",
            trigger=pgtrigger.compiler.Trigger(
                name="only_by_postings",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF TG_OP = 'INSERT' THEN IF NEW.balance_micros <> 0 OR NEW.debt_micros <> 0 THEN RAISE EXCEPTION 'a wallet begins empty: post to it'; END IF; ELSIF (NEW.balance_micros <> OLD.balance_micros OR NEW.debt_micros <> OLD.debt_micros) AND pg_trigger_depth() < 2 THEN RAISE EXCEPTION 'a balance changes by postings only'; END IF; RETURN NEW;",
                    hash="99af021f6e72a3b87bd48ebd850dfdf053214796",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_only_by_postings_ee979",
                    table="billing_wallet",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.DeleteModel(
            name="Movement",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="posting",
            trigger=pgtrigger.compiler.Trigger(
                name="move_wallet",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"account\" IN ('wallet', 'debts'))",
                    func="IF NEW.account = 'wallet' THEN UPDATE billing_wallet SET balance_micros = balance_micros + NEW.amount_micros, updated_at = now() WHERE tenant_id = NEW.tenant_id RETURNING balance_micros INTO NEW.balance_after_micros; ELSE UPDATE billing_wallet SET debt_micros = debt_micros - NEW.amount_micros, updated_at = now() WHERE tenant_id = NEW.tenant_id; END IF; IF NOT FOUND THEN RAISE EXCEPTION 'the tenant of the posting has no wallet'; END IF; RETURN NEW;",
                    hash="a0f290892c0304661ccb53dca3ece282832a2aee",
                    operation="INSERT",
                    pgid="pgtrigger_move_wallet_f7d92",
                    table="billing_posting",
                    when="BEFORE",
                ),
            ),
        ),
    ]
