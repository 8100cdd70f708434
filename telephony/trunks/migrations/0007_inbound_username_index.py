from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0007_leaving"),
        ("trunks", "0006_learned_addresses"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="trunk",
            index=models.Index(fields=["inbound_username"], name="trunks_inbound_username"),
        ),
    ]
