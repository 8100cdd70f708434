from __future__ import annotations

from typing import Any

import pytest

from apps.agents.configuration import config_schema, kept_secret, parse_config, split_secret, with_secret
from media_workers.contract.agent import OpenAICompatibleModel
from tenants.errors import InvalidFields
from tests.tenancy import SCRIPT

LLM = {"provider": "openai_compatible", "base_url": "https://llm.example/v1", "model": "m"}


def script(**node: Any) -> dict[str, Any]:
    return {"model": {"provider": "script", "nodes": {"start": node}}}


@pytest.mark.parametrize(
    ("config", "field", "says"),
    [
        ({}, "config.model", "required"),
        ([], "config", "valid dictionary"),
        ({"model": {}}, "config.model", "script or openai_compatible"),
        ({"model": {"provider": "x"}}, "config.model", "script or openai_compatible"),
        (SCRIPT | {"zz": 1}, "config.zz", "Unknown field"),
        (SCRIPT | {"turn_taking": {"endpointing_ms": 5}}, "config.turn_taking.endpointing_ms", "100"),
        (SCRIPT | {"voice": {"voice": "nobody"}}, "config.voice.voice", "flite has no voice 'nobody'"),
        (SCRIPT | {"variables": {"Name": "x"}}, "config.variables.Name", "pattern"),
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
        ({"model": LLM | {"tools": [{"name": "a b"}]}}, "config.model.tools.0.name", "pattern"),
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


def test_the_secret_leaves_the_document_and_comes_back() -> None:
    config = parse_config({"model": LLM | {"api_key": "sk-1"}})

    document, secret = split_secret(config)

    assert "sk-1" not in str(document)
    assert document["model"]["api_key"] is None
    assert secret == "sk-1"
    assert with_secret(document, "sk-1") == config


def test_a_key_that_is_left_out_is_not_an_empty_one() -> None:
    assert split_secret(parse_config({"model": LLM}))[1] is None
    assert split_secret(parse_config({"model": LLM | {"api_key": ""}}))[1] == ""
    assert split_secret(parse_config(SCRIPT))[1] == ""


def test_a_document_without_a_secret_stays_without() -> None:
    document, _ = split_secret(parse_config({"model": LLM}))
    model = with_secret(document, "").model

    assert isinstance(model, OpenAICompatibleModel)
    assert model.api_key is None


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://llm.example/v1", True),
        ("https://llm.example/v2", True),
        ("http://llm.example/v1", False),
        ("https://llm.example:8443/v1", False),
        ("https://evil.example/v1", False),
    ],
)
def test_a_key_stays_with_its_server(address: str, kept: bool) -> None:
    old, _ = split_secret(parse_config({"model": LLM}))
    new, _ = split_secret(parse_config({"model": LLM | {"base_url": address}}))

    if kept:
        assert kept_secret(old=old, new=new, secret="sk-1") == "sk-1"
    else:
        with pytest.raises(InvalidFields) as refused:
            kept_secret(old=old, new=new, secret="sk-1")
        assert refused.value.errors[0].field == "config.model.api_key"
    assert kept_secret(old=old, new=new, secret="") == ""
