from django.db import migrations

from tenants.rls import EnableRowSecurity, PlatformOnly

FACT_OF_CALL = """
CREATE FUNCTION statements_fact_of_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO statements_fact (id, created_at, updated_at, tenant_id, kind, at)
  VALUES (NEW.id, now(), now(), NEW.tenant_id, 'call', NEW.created_at);
  RETURN NULL;
END $$;
CREATE TRIGGER statements_fact_of_call AFTER INSERT ON billing_callcharge
  FOR EACH ROW EXECUTE FUNCTION statements_fact_of_call();
"""
# A call has its charge, with lines: its entry would be the same a second time.
FACT_OF_ENTRY = """
CREATE FUNCTION statements_fact_of_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO statements_fact (id, created_at, updated_at, tenant_id, kind, at)
  VALUES (NEW.id, now(), now(), NEW.tenant_id, 'entry', NEW.created_at);
  RETURN NULL;
END $$;
CREATE TRIGGER statements_fact_of_entry AFTER INSERT ON billing_entry
  FOR EACH ROW WHEN (NEW.kind <> 'call') EXECUTE FUNCTION statements_fact_of_entry();
"""
NO_FACTS = """
DROP TRIGGER statements_fact_of_call ON billing_callcharge;
DROP FUNCTION statements_fact_of_call();
DROP TRIGGER statements_fact_of_entry ON billing_entry;
DROP FUNCTION statements_fact_of_entry();
"""
CHARGES = """
INSERT INTO statements_fact (id, created_at, updated_at, tenant_id, kind, at)
SELECT id, now(), now(), tenant_id, 'call', created_at FROM billing_callcharge
"""
ENTRIES = """
INSERT INTO statements_fact (id, created_at, updated_at, tenant_id, kind, at)
SELECT id, now(), now(), tenant_id, 'entry', created_at FROM billing_entry AS entry
 WHERE kind <> 'call' OR NOT EXISTS (SELECT FROM billing_callcharge WHERE entry_id = entry.id)
"""
SETTINGS = """
INSERT INTO statements_statementsettings (
  id, created_at, updated_at, tenant_id, timezone, bill_to, issued, starts_at, ends_at)
SELECT gen_random_uuid(), now(), now(), id, 'UTC', '', 0, created_at,
       (date_trunc('month', (created_at + interval '2 days') AT TIME ZONE 'UTC') + interval '1 month')
       AT TIME ZONE 'UTC'
  FROM tenants_tenant
"""


def fill(apps, schema_editor):
    """What was charged before, and the months of the tenants that are there already."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.platform', 'on', true)")
        for statement in (CHARGES, ENTRIES, SETTINGS):
            cursor.execute(statement)
        cursor.execute("SELECT set_config('app.platform', '', true)")


class Migration(migrations.Migration):
    dependencies = [
        ("statements", "0001_initial"),
        ("billing", "0007_ledger_triggers"),
        ("tenants", "0009_digest_key"),
    ]

    operations = [
        EnableRowSecurity("statements_statementsettings"),
        EnableRowSecurity("statements_statementsettingsevent"),
        EnableRowSecurity("statements_usageday"),
        EnableRowSecurity("statements_fact"),
        EnableRowSecurity("statements_invoice"),
        PlatformOnly("statements_reconciliation"),
        PlatformOnly("statements_difference"),
        migrations.RunSQL(FACT_OF_CALL + FACT_OF_ENTRY, NO_FACTS),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
