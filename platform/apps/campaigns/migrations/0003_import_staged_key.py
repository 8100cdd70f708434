from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0002_row_security")]

    operations = [
        migrations.AddField(
            model_name="import",
            name="staged_key",
            field=models.CharField(blank=True, max_length=255),
        ),
    ]
