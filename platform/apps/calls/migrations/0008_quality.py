from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0007_settings_read_once"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="codec",
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AddField(
            model_name="call",
            name="gateway",
            field=models.CharField(
                blank=True, help_text="host:port/transport that answered, or was tried last.", max_length=300
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="mos",
            field=models.FloatField(
                blank=True, help_text="By the E-model, of the worse direction.", null=True
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="one_way",
            field=models.CharField(
                blank=True,
                choices=[
                    ("we_hear_nothing", "We hear nothing"),
                    ("they_hear_nothing", "They hear nothing"),
                    ("both_silent", "Neither side hears the other"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="pdd_ms",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Post-dial delay: from our INVITE to the first sign of ringing.",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="ptime_ms",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="remote_agent",
            field=models.CharField(
                blank=True, help_text="User-Agent or Server of the far side.", max_length=255
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="setup_ms",
            field=models.PositiveIntegerField(blank=True, help_text="From the INVITE to the 200.", null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="srtp",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="call",
            name="transport",
            field=models.CharField(blank=True, help_text="That the SIP messages take.", max_length=8),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("trunk__isnull", False)),
                fields=["trunk", "id"],
                include=(
                    "tenant",
                    "created_at",
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
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("one_way__in", ["", "we_hear_nothing", "they_hear_nothing", "both_silent"])
                ),
                name="calls_call_one_way_known",
            ),
        ),
    ]
