from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def confirm_all(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """People from before there was a sign-up were made by the platform's staff: their addresses count."""
    address = apps.get_model("account", "EmailAddress")
    for user in apps.get_model("tenants", "User").objects.iterator():
        if not address.objects.filter(user_id=user.pk).exists():
            address.objects.create(user_id=user.pk, email=user.email, verified=True, primary=True)


class Migration(migrations.Migration):
    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("tenants", "0004_invitations"),
    ]

    operations = [migrations.RunPython(confirm_all, migrations.RunPython.noop)]
