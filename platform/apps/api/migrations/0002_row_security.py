from django.db import migrations

from tenants.rls import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("api", "0001_initial")]

    operations = [
        EnableRowSecurity("api_idempotencykey"),
    ]
