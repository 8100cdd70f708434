from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0003_agent_audit"),
        ("calls", "0011_admitted_once_by_source"),
        ("edge", "0003_lines_and_devices"),
        ("numbers", "0004_fallback"),
        ("tenants", "0007_leaving"),
        ("trunks", "0007_inbound_username_index"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="call",
            name="calls_call_trunk_statistics",
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("trunk__isnull", False)),
                fields=["trunk", "id"],
                include=(
                    "tenant",
                    "created_at",
                    "dialing_at",
                    "direction",
                    "state",
                    "answered_at",
                    "ended_at",
                    "duration_ms",
                    "end_reason",
                    "sip_code",
                    "pdd_ms",
                    "mos",
                ),
                name="calls_call_trunk_statistics",
            ),
        ),
    ]
