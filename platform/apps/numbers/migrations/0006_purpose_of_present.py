from django.db import migrations


def keep_inbound(apps, schema_editor):
    """Numbers that an agent answers on stay out of campaigns unless somebody says otherwise."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.platform', 'on', true)")
        cursor.execute("UPDATE numbers_phonenumber SET purpose = 'inbound' WHERE agent_id IS NOT NULL")
        cursor.execute("SELECT set_config('app.platform', '', true)")


class Migration(migrations.Migration):
    dependencies = [("numbers", "0005_purpose")]

    operations = [migrations.RunPython(keep_inbound, migrations.RunPython.noop)]
