from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0010_capture_security"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="call", name="calls_call_admitted_once"),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.UniqueConstraint(
                condition=~Q(sip_call_id="") & ~Q(state="ended"),
                fields=("node", "sip_call_id", "source_address"),
                name="calls_call_admitted_once",
            ),
        ),
    ]
