"""Configurations from before vendors could be chosen are made whole, and are what they were."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from apps.agents.configuration import parse_config
from apps.agents.model_keys import read, split_keys
from apps.agents.models import Agent, AgentVersion
from apps.agents.services import create_agent, publish
from tenants.audit.models import AuditEntry
from tenants.scope import platform_scope, tenant_scope
from tests.tenancy import make_tenant, script_config

earlier = import_module("apps.agents.migrations._earlier")
acts = import_module("apps.agents.migrations.0007_tools_with_types")

TOOLS = [{"name": "end_call", "description": "", "parameters": {"type": "object", "properties": {}}}]
NEWER = {
    "tools",
    "fallbacks",
    "sounds",
    "fillers",
    "max_duration_warning_ms",
    "max_duration_warning",
    *acts.DEFAULTS,
}


def stored(model: dict[str, Any], **turn_taking: Any) -> dict[str, Any]:
    """A configuration as it lay in the database: whole, less what came later."""
    new = split_keys(parse_config({"model": model}))[0]
    old = {name: value for name, value in new.items() if name not in NEWER}
    old["voice"] = {"provider": "flite", "voice": "slt", "speed": 1.0}
    old["transcriber"] = {"provider": "pocketsphinx", "hints": ["yes"]}
    old["turn_taking"] = {
        "endpointing_ms": 450,
        "transcript_after_ms": 120,
        "transcript_timeout_ms": 1500,
        "min_speech_ms": 80,
        "barge_in": True,
        "barge_in_min_speech_ms": 200,
    } | turn_taking
    return old


@pytest.fixture
def endpoint() -> dict[str, Any]:
    model = {"provider": "openai_compatible", "base_url": "https://llm.example/v1", "model": "m"}
    old = stored(model)
    del old["model"]["first_token_ms"]
    old["model"]["tools"] = TOOLS
    return old


def test_functions_move_beside_the_model(endpoint: dict[str, Any]) -> None:
    whole = earlier.whole(endpoint)

    assert whole["tools"] == TOOLS
    assert "tools" not in whole["model"]
    assert not set(acts.DEFAULTS) & set(whole)


def test_a_script_is_made_whole_as_well() -> None:
    script = {"provider": "script", "nodes": {"start": {"expect": [{"phrases": ["yes"], "reply": "Good."}]}}}

    whole = acts.whole(earlier.whole(stored(script)))

    assert whole["tools"] == []
    assert whole == split_keys(parse_config(whole))[0]


def test_tools_without_a_type_go_and_everything_new_is_at_its_default(endpoint: dict[str, Any]) -> None:
    whole = acts.whole(earlier.whole(endpoint))

    assert whole["tools"] == []
    assert whole == split_keys(parse_config(whole))[0]
    typed = {"type": "send_digits", "name": "press", "description": ""}
    assert acts.whole(whole | {"tools": [typed, *TOOLS]})["tools"] == [typed]


def test_the_way_back_from_tools_with_types(endpoint: dict[str, Any]) -> None:
    before = earlier.whole(endpoint)

    assert acts.less(acts.whole(before)) == before | {"tools": []}


@pytest.mark.parametrize(("silence_ms", "rule"), [(450, "adaptive"), (800, "fixed"), (300, "fixed")])
def test_whoever_chose_a_silence_keeps_it(silence_ms: int, rule: str) -> None:
    script = {"provider": "script", "nodes": {"start": {}}}

    turns = earlier.whole(stored(script, endpointing_ms=silence_ms))["turn_taking"]

    assert (turns["endpointing"], turns["endpointing_ms"]) == (rule, silence_ms)


def test_what_is_whole_stays_as_it_is(endpoint: dict[str, Any]) -> None:
    whole = earlier.whole(endpoint)

    assert earlier.whole(json.loads(json.dumps(whole))) == whole


def test_the_way_back(endpoint: dict[str, Any]) -> None:
    back = earlier.split(earlier.whole(endpoint))

    assert back["model"]["tools"] == TOOLS
    assert not NEWER & set(back)


def test_a_key_gets_its_place() -> None:
    assert json.loads(earlier.keys_by_place("sk-1")) == {"model": "sk-1"}
    assert earlier.model_key(earlier.keys_by_place("sk-1")) == "sk-1"
    assert earlier.keys_by_place("") == earlier.model_key("") == ""


@pytest.mark.django_db
def test_rows_are_changed_without_a_word_in_the_audit_log(endpoint: dict[str, Any]) -> None:
    tenant = make_tenant()
    with tenant_scope(tenant.pk):
        agent = create_agent(name="A", config=script_config())
        version = publish(agent=agent)
        Agent.objects.filter(pk=agent.pk).update(draft=endpoint, draft_api_keys="sk-1")
    with platform_scope(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a migration's rows are long committed
        before = AuditEntry.objects.count()

    with connection.schema_editor() as editor:
        changes = {"draft": earlier.whole, "draft_api_keys": earlier.keys_by_place}
        earlier.change_rows(Agent, editor, changes)

    with platform_scope():
        assert AuditEntry.objects.count() == before
    with tenant_scope(tenant.pk):
        changed = Agent.objects.get(pk=agent.pk)
        assert (changed.draft["tools"], read(changed.draft_api_keys)) == (TOOLS, {"model": "sk-1"})
        with (
            pytest.raises((InternalError, ProgrammingError), match="cannot be changed"),
            transaction.atomic(),
        ):
            AgentVersion.objects.filter(pk=version.pk).update(config={})
        Agent.objects.filter(pk=agent.pk).update(name="B")
    with platform_scope():
        assert AuditEntry.objects.count() == before + 1
