from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Holds that are there already have the price of today."""

    dependencies = [("billing", "0002_row_security")]

    operations = [
        migrations.AddField(
            model_name="hold",
            name="per_minute_micros",
            field=models.BigIntegerField(default=settings.CALL_PRICE_MICROS_PER_MINUTE),
            preserve_default=False,
        ),
    ]
