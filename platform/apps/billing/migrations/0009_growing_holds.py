from django.db import migrations, models
from django.utils import timezone


class Migration(migrations.Migration):
    dependencies = [("billing", "0008_limits")]

    operations = [
        migrations.AlterField(
            model_name="hold",
            name="created_at",
            field=models.DateTimeField(default=timezone.now),
        ),
        migrations.AddField(model_name="hold", name="from_ms", field=models.BigIntegerField(default=0)),
        migrations.AddField(model_name="hold", name="before_micros", field=models.BigIntegerField(default=0)),
        migrations.AddField(model_name="hold", name="legs", field=models.JSONField(blank=True, default=dict)),
        migrations.AddField(model_name="hold", name="included_ms", field=models.BigIntegerField(default=0)),
    ]
