from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0007_pause_code"),
    ]

    operations = [
        migrations.AddField(
            model_name="progress",
            name="finish_at",
            field=models.DateTimeField(blank=True, help_text="As estimated at `estimated_at`.", null=True),
        ),
        migrations.AddField(
            model_name="progress",
            name="estimated_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
