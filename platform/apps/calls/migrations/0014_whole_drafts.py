from django.db import migrations, models

from apps.agents.migrations import _earlier as earlier


def forward(apps, schema_editor):
    changes = {"config": earlier.whole, "api_keys": earlier.keys_by_place}
    earlier.change_rows(apps.get_model("calls", "CallDraft"), schema_editor, changes)


def backward(apps, schema_editor):
    changes = {"config": earlier.split, "api_keys": earlier.model_key}
    earlier.change_rows(apps.get_model("calls", "CallDraft"), schema_editor, changes)


class Migration(migrations.Migration):
    """The configurations of browser calls, like those of agents."""

    dependencies = [("agents", "0004_whole_configurations"), ("calls", "0013_account")]

    operations = [
        migrations.RenameField("calldraft", "api_key", "api_keys"),
        migrations.AlterField(
            "calldraft", "config", models.JSONField(help_text="Contract AgentConfig, less its keys.")
        ),
        migrations.RunPython(forward, backward),
    ]
