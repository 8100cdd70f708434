"""Agents that cannot do their work: the caller hears why, and the tenant is told."""

from __future__ import annotations

import pytest

from tests.journeys import agents
from tests.journeys.client import turns_of
from tests.journeys.conftest import DEAD_MODEL, UNPUBLISHED, World

pytestmark = pytest.mark.journey


def test_without_a_published_version_the_caller_hears_an_apology(world: World, tmp_path) -> None:
    script = [{"do": "listen", "quiet_ms": 300}, {"do": "wait_for_end"}]
    phone = world.caller(UNPUBLISHED, "+12025550181", script, tmp_path).result()
    assert phone["answered"]
    assert phone["heard_speech_ms"] > 1_000
    assert phone["ended_by"] == "other side"
    call_id = world.api.find(to_number=UNPUBLISHED, from_number="+12025550181")
    call = world.api.ended(call_id)
    assert call["end_reason"] == "not_ready"
    assert "not ready to take calls" in " ".join(turns_of(call, "agent"))
    troubles = [e["event"] for e in world.api.events(call_id) if e["type"] == "trouble"]
    assert any("agent_unpublished" in trouble["what"] for trouble in troubles)


def test_a_provider_that_is_down_is_tried_twice_and_then_excused(world: World, tmp_path) -> None:
    script = [
        {"do": "listen"},
        {"do": "say", "text": "What are your opening hours?"},
        {"do": "listen", "quiet_ms": 300},
        {"do": "wait_for_end"},
    ]
    phone = world.caller(DEAD_MODEL, "+12025550182", script, tmp_path).result()
    assert phone["ended_by"] == "other side", phone
    call_id = world.api.find(to_number=DEAD_MODEL, from_number="+12025550182")
    call = world.api.ended(call_id)
    assert call["end_reason"] == "provider_failed"
    assert agents.FALLBACK in turns_of(call, "agent")
    troubles = [e["event"] for e in world.api.events(call_id) if e["type"] == "trouble"]
    assert [trouble["component"] for trouble in troubles] == ["llm", "llm"]
