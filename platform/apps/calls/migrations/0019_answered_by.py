from django.db import migrations, models

WHO = ["human", "machine", "screening", "menu", "unknown"]


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0018_forwards"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="answered_by",
            field=models.CharField(
                blank=True,
                choices=[
                    ("human", "A person"),
                    ("machine", "An answering machine"),
                    ("screening", "A screening service"),
                    ("menu", "A menu"),
                    ("unknown", "Unknown"),
                ],
                db_default="",
                default="",
                help_text="Who answered an outbound call.",
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="call",
            name="answered_by_confidence",
            field=models.FloatField(blank=True, help_text="0 to 1.", null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="answered_by_ms",
            field=models.PositiveIntegerField(
                blank=True, help_text="When that was known, from the answer.", null=True
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("answered_by", ""), _negated=True),
                fields=["tenant", "answered_by", "-id"],
                name="calls_call_by_answerer",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(("answered_by__in", ["", *WHO])),
                name="calls_call_answered_by_known",
            ),
        ),
    ]
