import django.db.models.deletion
from django.db import migrations, models

import tenants.ids
import tenants.scope


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0002_row_security"),
        ("calls", "0002_row_security"),
        ("edge", "0001_initial"),
        ("numbers", "0002_row_security"),
        ("tenants", "0001_initial"),
        ("trunks", "0002_row_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.CharField(max_length=100)),
                ("page", models.CharField(choices=[("calls", "Calls")], max_length=20)),
                (
                    "query",
                    models.JSONField(
                        default=dict, help_text="Query parameters: a text or a list of them for each."
                    ),
                ),
                ("shared", models.BooleanField(default=False)),
                (
                    "maker_id",
                    models.UUIDField(
                        help_text="The person, or the API key that nobody is known to have made."
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        default=tenants.scope.tenant_of_new_row,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="call",
            name="calls_call_inbound_never_dialed",
        ),
        migrations.RemoveIndex(
            model_name="call",
            name="calls_call_newest",
        ),
        migrations.AddField(
            model_name="recording",
            name="peaks",
            field=models.BinaryField(
                blank=True,
                default=b"",
                help_text="Loudness over time, 0 to 255: half of it the left, half the right.",
            ),
        ),
        migrations.AlterField(
            model_name="call",
            name="direction",
            field=models.CharField(
                choices=[("inbound", "Inbound"), ("outbound", "Outbound"), ("browser", "Browser")],
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                fields=["tenant", "-id"], include=("from_number", "to_number"), name="calls_call_newest"
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["tenant", "direction", "-id"], name="calls_call_by_direction"),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["tenant", "end_reason", "-id"], name="calls_call_by_end"),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["tenant", "from_number", "-id"], name="calls_call_by_from"),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["tenant", "to_number", "-id"], name="calls_call_by_to"),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(fields=["tenant", "duration_ms"], name="calls_call_by_duration"),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("state", "ended"), _negated=True),
                fields=["tenant", "-id"],
                name="calls_call_live",
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("test", True)), fields=["tenant", "-id"], name="calls_call_test"
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                fields=["tenant", "id"],
                include=("created_at", "direction", "answered_at", "duration_ms", "end_reason", "agent"),
                name="calls_call_statistics",
            ),
        ),
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(
                condition=models.Q(("speaker", "agent"), ("total_ms__isnull", False)),
                fields=["tenant", "id"],
                include=("created_at", "total_ms", "call"),
                name="calls_turn_response",
            ),
        ),
        migrations.AddConstraint(
            model_name="call",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("direction__in", ["outbound", "browser"]),
                    models.Q(
                        ("direction", "inbound"),
                        models.Q(("state__in", ["queued", "dialing"]), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="calls_call_inbound_never_dialed",
            ),
        ),
        migrations.AddIndex(
            model_name="savedview",
            index=models.Index(fields=["tenant", "page", "-id"], name="calls_savedview_newest"),
        ),
    ]
