from django.db import migrations

_CHANGE = """
DO $do$ BEGIN
  EXECUTE replace(
    pg_get_functiondef('audit_record_change(text, text, jsonb, jsonb, text[], text[])'::regprocedure),
    $sql${old}$sql$, $sql${new}$sql$);
END $do$
"""
_EMAIL = "this ->> 'email',"
_VENDOR = f"{_EMAIL} this ->> 'vendor',"


class Migration(migrations.Migration):
    """A vendor's key is called by its vendor."""

    dependencies = [("audit", "0002_search")]

    operations = [
        migrations.RunSQL(_CHANGE.format(old=_EMAIL, new=_VENDOR), _CHANGE.format(old=_VENDOR, new=_EMAIL))
    ]
