from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0023_withdrawn_and_dial_rates"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="hook",
            field=models.JSONField(
                blank=True,
                help_text="What a call hook said of the call, or why it was passed over.",
                null=True,
            ),
        ),
    ]
