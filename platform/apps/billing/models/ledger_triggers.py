"""What the database itself sees to of the ledger, whoever writes to it."""

from __future__ import annotations

import pgtrigger

MOVE_WALLET = pgtrigger.Trigger(
    name="move_wallet",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    condition=pgtrigger.Q(new__account__in=["wallet", "debts"]),
    func="IF NEW.account = 'wallet' THEN "
    "UPDATE billing_wallet SET balance_micros = balance_micros + NEW.amount_micros, updated_at = now()"
    " WHERE tenant_id = NEW.tenant_id RETURNING balance_micros INTO NEW.balance_after_micros; "
    "ELSE "
    "UPDATE billing_wallet SET debt_micros = debt_micros - NEW.amount_micros, updated_at = now()"
    " WHERE tenant_id = NEW.tenant_id; "
    "END IF; "
    "IF NOT FOUND THEN RAISE EXCEPTION 'the tenant of the posting has no wallet'; END IF; "
    "RETURN NEW;",
)
"""Of `Posting`: the running balances follow the postings."""

ONLY_BY_POSTINGS = pgtrigger.Trigger(
    name="only_by_postings",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    func="IF TG_OP = 'INSERT' THEN "
    "IF NEW.balance_micros <> 0 OR NEW.debt_micros <> 0 THEN "
    "RAISE EXCEPTION 'a wallet begins empty: post to it'; END IF; "
    "ELSIF (NEW.balance_micros <> OLD.balance_micros OR NEW.debt_micros <> OLD.debt_micros)"
    " AND pg_trigger_depth() < 2 THEN "
    "RAISE EXCEPTION 'a balance changes by postings only'; "
    "END IF; "
    "RETURN NEW;",
)
"""Of `Wallet`: nobody writes a balance."""

ZERO_SUM = pgtrigger.Trigger(
    name="zero_sum",
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    timing=pgtrigger.Deferred,
    declare=[("total", "NUMERIC"), ("scope", "TEXT")],
    func="scope := coalesce(current_setting('app.platform', true), ''); "
    "PERFORM set_config('app.platform', 'on', true); "
    "SELECT sum(amount_micros) INTO total FROM billing_posting WHERE entry_id = NEW.entry_id; "
    "PERFORM set_config('app.platform', scope, true); "
    "IF total IS DISTINCT FROM 0 THEN "
    "RAISE EXCEPTION 'the postings of entry % sum up to %, not to zero', NEW.entry_id, total"
    " USING ERRCODE = 'check_violation', CONSTRAINT = 'billing_entry_zero_sum'; END IF; "
    "RETURN NULL;",
)
"""Of `Posting`, as its transaction commits. By then the tenant's scope may have been left: the sum is taken
in the platform's, so that no posting is hidden from it."""

LIMITED = pgtrigger.Trigger(
    name="limited",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.Delete,
    func="PERFORM 1 FROM billing_wallet WHERE tenant_id = coalesce(NEW.tenant_id, OLD.tenant_id)"
    " FOR NO KEY UPDATE; "
    "UPDATE billing_wallet SET limited = EXISTS (SELECT FROM billing_spendlimit AS one"
    " WHERE one.tenant_id = billing_wallet.tenant_id)"
    " WHERE tenant_id = coalesce(NEW.tenant_id, OLD.tenant_id); "
    "RETURN NULL;",
)
"""Of `SpendLimit`: whoever locks the wallet knows whether there are any, also of one that came while it
waited."""

SETTLED_ONCE = pgtrigger.Protect(
    name="settled_once",
    operation=pgtrigger.Update,
    condition=pgtrigger.Q(old__settled_micros__isnull=False),
)
"""Of `Hold`."""
