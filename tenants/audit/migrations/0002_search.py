import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("tenants", "0007_leaving"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="words",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Lower(
                    django.db.models.functions.text.Concat(
                        "actor_label",
                        models.Value(" "),
                        "impersonator",
                        models.Value(" "),
                        "object_label",
                        models.Value(" "),
                        "object_type",
                        models.Value(" "),
                        "action",
                    )
                ),
                help_text="What a search looks at.",
                output_field=models.TextField(),
            ),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["tenant", "action", "-id"], name="audit_by_action"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["tenant", "object_type", "-id"], name="audit_by_type"),
        ),
    ]
