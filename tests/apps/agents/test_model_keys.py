"""The keys of an agent's own endpoints: out of the document, encrypted, and back for the line."""

from __future__ import annotations

from typing import Any

import pytest

from apps.agents.configuration import parse_config
from apps.agents.model_keys import kept_keys, read, split_keys, stored, with_keys
from media_workers.contract.agent import AgentConfig
from tenants.errors import InvalidFields
from tests.tenancy import SCRIPT

LLM = {"provider": "openai_compatible", "base_url": "https://llm.example/v1", "model": "m"}
OTHER = LLM | {"base_url": "https://other.example/v1"}
CHAT = {"provider": "anthropic", "model": "m"}


def config(model: Any, *fallbacks: Any) -> AgentConfig:
    return parse_config({"model": model, "fallbacks": {"models": list(fallbacks)}})


def document(model: Any, *fallbacks: Any) -> dict[str, Any]:
    return split_keys(config(model, *fallbacks))[0]


def test_the_keys_leave_the_document_and_come_back() -> None:
    whole = config(LLM | {"api_key": "sk-1"}, CHAT, OTHER | {"api_key": "sk-2"})

    found, keys = split_keys(whole)

    assert "sk-" not in str(found)
    assert found["model"]["api_key"] is None
    assert keys == {"model": "sk-1", "fallbacks.models.1": "sk-2"}
    assert with_keys(found, read(stored(keys))) == whole


def test_a_key_that_is_left_out_is_not_an_empty_one() -> None:
    assert split_keys(config(LLM))[1] == {"model": None}
    assert split_keys(config(LLM | {"api_key": ""}))[1] == {"model": ""}
    assert split_keys(parse_config(SCRIPT))[1] == {}


def test_no_keys_are_no_text() -> None:
    assert stored({"model": "", "fallbacks.models.0": None}) == ""
    assert read("") == {}


def test_a_document_without_keys_stays_without() -> None:
    assert with_keys(document(LLM, OTHER), {}) == config(LLM, OTHER)


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
@pytest.mark.parametrize("place", ["model", "fallbacks.models.0"])
def test_a_key_stays_with_its_server(address: str, kept: bool, place: str) -> None:
    def at(place: str, model: dict[str, Any]) -> dict[str, Any]:
        return document(model) if place == "model" else document(CHAT, model)

    old, new = at(place, LLM), at(place, LLM | {"base_url": address})

    if kept:
        assert kept_keys(old=old, new=new, keys={place: "sk-1"}, given={place: None}) == {place: "sk-1"}
    else:
        with pytest.raises(InvalidFields) as refused:
            kept_keys(old=old, new=new, keys={place: "sk-1"}, given={place: None})
        assert [e.field for e in refused.value.errors] == [f"config.{place}.api_key"]
    assert kept_keys(old=old, new=new, keys={}, given={place: None}) == {}


def test_a_key_goes_with_its_server_to_another_place() -> None:
    old, new = document(LLM, OTHER), document(OTHER, LLM)
    keys = {"model": "sk-1", "fallbacks.models.0": "sk-2"}

    swapped = kept_keys(old=old, new=new, keys=keys, given={"model": None, "fallbacks.models.0": None})

    assert swapped == {"model": "sk-2", "fallbacks.models.0": "sk-1"}


def test_a_place_that_is_gone_takes_its_key_along() -> None:
    kept = kept_keys(
        old=document(CHAT, LLM), new=document(CHAT), keys={"fallbacks.models.0": "sk-1"}, given={}
    )

    assert kept == {}
