"""Lists and exports of a campaign's contacts go through them page by page."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0003_import_staged_key")]

    operations = [
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["campaign", "id"], name="campaigns_contact_in_order"),
        ),
    ]
