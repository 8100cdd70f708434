from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("statements", "0002_facts")]

    operations = [
        migrations.AddField(
            model_name="statementsettings",
            name="counted_in",
            field=models.CharField(db_default="UTC", default="UTC", editable=False, max_length=64),
        ),
    ]
