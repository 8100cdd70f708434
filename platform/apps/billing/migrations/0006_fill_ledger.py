from django.db import migrations

ENTRIES = """
INSERT INTO billing_entry (id, tenant_id, created_at, updated_at, kind, why, reference, subject)
SELECT id, tenant_id, created_at, created_at,
       CASE WHEN kind = 'charge' THEN 'call' WHEN free THEN 'free_credit' ELSE 'credit' END,
       why,
       CASE WHEN call IS NOT NULL THEN 'call:' || call::text WHEN free THEN 'free_credit'
            ELSE kind || ':' || id::text END,
       CASE WHEN call IS NULL THEN '' ELSE 'call_' || replace(call::text, '-', '') END
  FROM (SELECT *, kind = 'credit' AND why = 'Free credit'
                  AND row_number() OVER (PARTITION BY tenant_id, why ORDER BY id) = 1 AS free
          FROM billing_movement) AS m
"""
WALLETS = """
INSERT INTO billing_posting (
  id, tenant_id, entry_id, created_at, updated_at, account, amount_micros, balance_after_micros)
SELECT gen_random_uuid(), tenant_id, id, created_at, created_at, 'wallet', amount_micros,
       greatest(0, sum(amount_micros) OVER (PARTITION BY tenant_id ORDER BY id))
  FROM billing_movement
"""
OTHERS = """
INSERT INTO billing_posting (id, tenant_id, entry_id, created_at, updated_at, account, amount_micros)
SELECT gen_random_uuid(), m.tenant_id, m.id, m.created_at, m.created_at,
       CASE e.kind WHEN 'call' THEN 'calls' WHEN 'free_credit' THEN 'promotions' ELSE 'adjustments' END,
       -m.amount_micros
  FROM billing_movement m JOIN billing_entry e USING (id)
"""
CHARGES = """
INSERT INTO billing_callcharge (
  id, tenant_id, call, entry_id, created_at, updated_at, total_micros, charged_micros, written_off_micros)
SELECT h.id, h.tenant_id, h.subject_id, e.id, h.settled_at, h.settled_at, settled_micros, settled_micros, 0
  FROM billing_hold h
  JOIN billing_entry e ON e.tenant_id = h.tenant_id AND e.reference = 'call:' || h.subject_id::text
 WHERE h.settled_micros > 0
"""
LINES = """
INSERT INTO billing_chargeline (
  id, tenant_id, charge_id, created_at, updated_at, position, component, what, quantity, unit, price_micros,
  per, amount_micros, own_key)
SELECT gen_random_uuid(), tenant_id, id, settled_at, settled_at, 0, 'platform', 'Platform',
       coalesce(ceil(settled_micros * 60.0 / nullif(per_minute_micros, 0)), 0), 'second', per_minute_micros,
       60, settled_micros, false
  FROM billing_hold h
 WHERE EXISTS (SELECT FROM billing_callcharge c WHERE c.id = h.id)
"""
HOLDS = """
UPDATE billing_hold SET held_ms = ms, most_ms = ms
  FROM (SELECT id AS hold, amount_micros * 60 / nullif(per_minute_micros, 0) * 1000 AS ms
          FROM billing_hold WHERE settled_micros IS NULL) AS h
 WHERE id = hold AND ms IS NOT NULL
"""
"""Of calls that go on: what is held is for as long as they may be."""


def fill(apps, schema_editor):
    """Every movement becomes an entry with two postings; what calls cost becomes their charge."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.platform', 'on', true)")
        for statement in (ENTRIES, WALLETS, OTHERS, CHARGES, LINES, HOLDS):
            cursor.execute(statement)
        cursor.execute("SELECT set_config('app.platform', '', true)")


class Migration(migrations.Migration):
    dependencies = [("billing", "0005_ledger")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
