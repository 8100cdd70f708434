from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0011_goal_reached_afterwards"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="contact", name="campaigns_contact_by_outcome"),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("last_outcome", ""), _negated=True),
                fields=["campaign", "last_outcome", "id"],
                name="campaigns_contact_by_outcome",
            ),
        ),
    ]
