import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0016_trunk_slots_security"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="call",
            trigger=pgtrigger.compiler.Trigger(
                name="late_for_trunk_slots",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="IF TG_OP = 'UPDATE' THEN\nIF OLD.trunk_id IS NOT NULL\n   AND coalesce(OLD.dialing_at, OLD.created_at) < clock_timestamp() - interval '4 hours' THEN\n  INSERT INTO calls_trunkslotmark (id, created_at, updated_at, tenant_id, trunk_id, begins)\n  SELECT gen_random_uuid(), now(), now(), OLD.tenant_id, OLD.trunk_id, slot\n    FROM (SELECT coalesce(OLD.dialing_at, OLD.created_at) AS began) AS time,\n         generate_series(\n           date_bin('15 minutes', began, 'epoch'::timestamptz),\n           least(greatest(coalesce(OLD.ended_at, now()), began), began + interval '5 hours'),\n           interval '15 minutes') AS slot;\nEND IF;\nEND IF;\nIF NEW.trunk_id IS NOT NULL\n   AND coalesce(NEW.dialing_at, NEW.created_at) < clock_timestamp() - interval '4 hours' THEN\n  INSERT INTO calls_trunkslotmark (id, created_at, updated_at, tenant_id, trunk_id, begins)\n  SELECT gen_random_uuid(), now(), now(), NEW.tenant_id, NEW.trunk_id, slot\n    FROM (SELECT coalesce(NEW.dialing_at, NEW.created_at) AS began) AS time,\n         generate_series(\n           date_bin('15 minutes', began, 'epoch'::timestamptz),\n           least(greatest(coalesce(NEW.ended_at, now()), began), began + interval '5 hours'),\n           interval '15 minutes') AS slot;\nEND IF;\nRETURN NULL;",
                    hash="16f1d3edf2f80dcf8a3662f49a30ff6bf2d12e47",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_late_for_trunk_slots_b48e6",
                    table="calls_call",
                    when="AFTER",
                ),
            ),
        ),
    ]
