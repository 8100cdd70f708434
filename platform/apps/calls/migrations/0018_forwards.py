from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0017_trunk_slot_marks"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="forwards",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="The caller is sent to the number's fallback: the trunk carries two calls then.",
            ),
        ),
    ]
