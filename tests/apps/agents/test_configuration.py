from __future__ import annotations

from typing import Any

import pytest

from apps.agents.configuration import config_schema, parse_config
from tenants.errors import InvalidFields
from tests.tenancy import SCRIPT

CHAT = {"provider": "openai", "model": "m"}
LLM = {"provider": "openai_compatible", "base_url": "https://llm.example/v1", "model": "m"}


def script(**node: Any) -> dict[str, Any]:
    return {"model": {"provider": "script", "nodes": {"start": node}}}


@pytest.mark.parametrize(
    ("config", "field", "says"),
    [
        ({}, "config.model", "required"),
        ([], "config", "valid dictionary"),
        ({"model": {}}, "config.model", "script, openai_compatible, openai, anthropic"),
        ({"model": {"provider": "x"}}, "config.model", "gemini_live"),
        ({"model": {"provider": "anthropic"}}, "config.model.model", "required"),
        ({"model": CHAT | {"base_url": "https://x"}}, "config.model.base_url", "Unknown field"),
        ({"model": CHAT | {"extra": {"Effort": "low"}}}, "config.model.extra.Effort", "small letter"),
        (
            SCRIPT | {"tools": [{"type": "http", "name": "x", "url": "shop"}]},
            "config.tools.0.url",
            "https://",
        ),
        (SCRIPT | {"language": "English"}, "config.language", "en-US"),
        ({"model": {"provider": "gemini_live"}}, "config.model.model", "required"),
        (SCRIPT | {"fallbacks": {"models": [{}]}}, "config.fallbacks.models.0", "openai_compatible, openai"),
        (
            {"model": CHAT, "fallbacks": {"models": [CHAT | {"model": "n"}, {"provider": "groq"}]}},
            "config.fallbacks.models.1.model",
            "required",
        ),
        (
            {"model": CHAT, "fallbacks": {"models": [LLM | {"base_url": "ftp://x"}]}},
            "config.fallbacks.models.0.base_url",
            "http",
        ),
        (SCRIPT | {"voice": {"provider": "deepgram", "voice": "a;b"}}, "config.voice.voice", "pattern"),
        (SCRIPT | {"zz": 1}, "config.zz", "Unknown field"),
        (SCRIPT | {"turn_taking": {"endpointing_ms": 5}}, "config.turn_taking.endpointing_ms", "100"),
        (SCRIPT | {"voice": {"voice": "nobody"}}, "config.voice.voice", "flite has no voice 'nobody'"),
        (SCRIPT | {"variables": {"Name": "x"}}, "config.variables.Name", "small letter"),
        (SCRIPT | {"max_duration_ms": "long"}, "config.max_duration_ms", "integer"),
        (script(expect=[{}]), "config.model.nodes.start.expect.0", "at least one phrase"),
        (
            script(expect=[{"phrases": ["a"]}, {"phrases": ["b"], "goto": "nowhere"}]),
            "config.model.nodes.start.expect.1.goto",
            "no node 'nowhere'",
        ),
        (script(otherwise_goto="nowhere"), "config.model.nodes.start.otherwise_goto", "no node"),
        (script(expect=[{"phrases": ["{day}"]}]), "config.model.nodes.start.expect.0.phrases", "'day'"),
        ({"model": SCRIPT["model"] | {"start": "begin"}}, "config.model.start", "does not exist"),
        ({"model": LLM | {"base_url": "ftp://x"}}, "config.model.base_url", "http"),
        (
            {"model": LLM, "tools": [{"type": "http", "name": "a b", "url": "http://x"}]},
            "config.tools.0.name",
            "figures, _ and -",
        ),
        ({"model": LLM, "tools": [{"name": "a"}]}, "config.tools.0", "Give a `type`"),
        ({"model": LLM, "tools": [{"type": "fax", "name": "a"}]}, "config.tools.0", "'send_digits'"),
        (
            SCRIPT | {"transfers": [{"name": "desk"}]},
            "config.transfers.0.number",
            "exactly one of number, sip_uri and agent",
        ),
        (
            {"model": LLM, "flow": {"nodes": {"start": {"kind": "prompt", "prompt": 5}}}},
            "config.flow.nodes.start.prompt",
            "valid string",
        ),
        ({"model": LLM | {"tools": []}}, "config.model.tools", "Unknown field"),
    ],
)
def test_a_fault_is_told_by_its_place(config: Any, field: str, says: str) -> None:
    with pytest.raises(InvalidFields) as refused:
        parse_config(config)

    (fault,) = refused.value.errors
    assert fault.field == field
    assert says in fault.detail
    assert "Value error" not in fault.detail


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InvalidFields) as refused:
        parse_config(SCRIPT | {"zz": 1, "turn_taking": {"endpointing_ms": 5, "min_speech_ms": "x"}})

    assert {e.field for e in refused.value.errors} == {
        "config.zz",
        "config.turn_taking.endpointing_ms",
        "config.turn_taking.min_speech_ms",
    }


def test_the_schema_names_every_part() -> None:
    schema = config_schema()

    assert set(schema["properties"]) >= {"prompt", "model", "voice", "turn_taking", "extraction", "variables"}
    assert schema["additionalProperties"] is False
