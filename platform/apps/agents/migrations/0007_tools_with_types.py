from django.db import migrations

from apps.agents.migrations import _earlier as earlier

DEFAULTS = {
    "languages": [],
    "flow": None,
    "transfers": [],
    "secrets": {},
    "prefetch": [],
    "knowledge": {"bases": [], "mode": "auto", "results": 4, "timeout_ms": 400},
    "keys": {"length": 1, "terminator": "", "timeout_ms": 2500, "sensitive": False},
    "voicemail": {
        "detect": True,
        "action": "hang_up",
        "message": "",
        "decide_within_ms": 6000,
        "beep_within_ms": 30000,
        "screening_reply": "",
        "navigate": False,
        "goal": "",
    },
}
TABLES = (("Agent", "draft"), ("AgentVersion", "config"))


def whole(config):
    """Everything new at its default. Tools had a name, a description and parameters, and nobody ever ran them:
    those without a type go."""
    tools = [tool for tool in config.get("tools", []) if "type" in tool]
    return DEFAULTS | config | {"tools": tools}


def less(config):
    """As it was before; none of its tools can be said without a type."""
    return {name: value for name, value in config.items() if name not in DEFAULTS} | {"tools": []}


def forward(apps, schema_editor):
    for name, config in TABLES:
        earlier.change_rows(apps.get_model("agents", name), schema_editor, {config: whole})


def backward(apps, schema_editor):
    for name, config in TABLES:
        earlier.change_rows(apps.get_model("agents", name), schema_editor, {config: less})


class Migration(migrations.Migration):
    """What an agent can do beside talking; a tool says by its type what it does."""

    dependencies = [("agents", "0006_version_split")]

    operations = [migrations.RunPython(forward, backward)]
