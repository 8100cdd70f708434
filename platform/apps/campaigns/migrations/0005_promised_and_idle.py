from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0004_contacts_in_order")]

    operations = [
        migrations.AddField(
            model_name="progress",
            name="idle_until",
            field=models.DateTimeField(
                blank=True,
                help_text="No line is granted before: it had no caller or no money for one.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("promised", True), ("state", "waiting")),
                fields=["campaign", "next_at", "id"],
                name="campaigns_contact_promised",
            ),
        ),
    ]
