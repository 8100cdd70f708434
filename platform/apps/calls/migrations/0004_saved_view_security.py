from django.db import migrations

from tenants.rls import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("calls", "0003_dashboard")]

    operations = [EnableRowSecurity("calls_savedview")]
