from django.db import migrations


class Migration(migrations.Migration):
    """What vendors do in a call is known when it has ended: a call may cost more than was thought."""

    dependencies = [("campaigns", "0012_by_outcome_that_is")]

    operations = [
        migrations.RemoveConstraint(model_name="attempt", name="campaigns_attempt_within_hold"),
    ]
