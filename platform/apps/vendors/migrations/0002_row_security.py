from django.db import migrations

from tenants.rls import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("vendors", "0001_initial")]

    operations = [EnableRowSecurity("vendors_vendorkey"), EnableRowSecurity("vendors_vendorkeyevent")]
