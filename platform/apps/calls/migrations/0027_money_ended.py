from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0026_after_call_security")]

    operations = [
        migrations.AlterField(
            model_name="call",
            name="end_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("caller_hung_up", "caller_hung_up"),
                    ("callee_hung_up", "callee_hung_up"),
                    ("agent_hung_up", "agent_hung_up"),
                    ("api_hung_up", "api_hung_up"),
                    ("cancelled", "cancelled"),
                    ("busy", "busy"),
                    ("no_answer", "no_answer"),
                    ("rejected", "rejected"),
                    ("unreachable", "unreachable"),
                    ("number_unknown", "number_unknown"),
                    ("blocked", "blocked"),
                    ("no_codec", "no_codec"),
                    ("no_capacity", "no_capacity"),
                    ("silence", "silence"),
                    ("transferred", "transferred"),
                    ("voicemail", "voicemail"),
                    ("max_duration", "max_duration"),
                    ("money_ended", "money_ended"),
                    ("media_lost", "media_lost"),
                    ("not_ready", "not_ready"),
                    ("provider_failed", "provider_failed"),
                    ("node_lost", "node_lost"),
                    ("node_stopped", "node_stopped"),
                    ("job_expired", "job_expired"),
                    ("withdrawn", "withdrawn"),
                    ("failed", "failed"),
                ],
                max_length=20,
            ),
        ),
    ]
