from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0002_row_security")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="version",
            field=models.PositiveSmallIntegerField(
                db_default=1, default=1, help_text="Of the type, as it was when this happened."
            ),
        ),
    ]
