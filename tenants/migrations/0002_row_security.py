from django.db import migrations

from tenants.rls import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        EnableRowSecurity("tenants_tenant", "id"),
        EnableRowSecurity("tenants_tenantevent", "id"),
        EnableRowSecurity("tenants_membership"),
        EnableRowSecurity("tenants_membershipevent"),
        EnableRowSecurity("tenants_apikey"),
        EnableRowSecurity("tenants_apikeyevent"),
    ]
