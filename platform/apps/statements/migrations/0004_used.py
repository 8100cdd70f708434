from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("statements", "0003_counted_in")]

    operations = [
        migrations.AddField(
            model_name="reconciliation",
            name="used",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
