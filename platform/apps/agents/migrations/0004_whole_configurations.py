from django.db import migrations

from apps.agents.migrations import _earlier as earlier


def forward(apps, schema_editor):
    for name, config, secret in (
        ("Agent", "draft", "draft_api_keys"),
        ("AgentVersion", "config", "api_keys"),
    ):
        changes = {config: earlier.whole, secret: earlier.keys_by_place}
        earlier.change_rows(apps.get_model("agents", name), schema_editor, changes)


def backward(apps, schema_editor):
    for name, config, secret in (
        ("Agent", "draft", "draft_api_keys"),
        ("AgentVersion", "config", "api_keys"),
    ):
        changes = {config: earlier.split, secret: earlier.model_key}
        earlier.change_rows(apps.get_model("agents", name), schema_editor, changes)


class Migration(migrations.Migration):
    """Functions stand beside the model, and the keys of a configuration by their places in it."""

    dependencies = [("agents", "0003_agent_audit")]

    operations = [
        migrations.RenameField("agent", "draft_api_key", "draft_api_keys"),
        migrations.RenameField("agentversion", "api_key", "api_keys"),
        migrations.RunPython(forward, backward),
    ]
