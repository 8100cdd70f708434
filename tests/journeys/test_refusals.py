"""Calls and messages that must not get through, and a line that lives on."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import RECEPTION, World
from tests.sip import malformed, sipp

pytestmark = pytest.mark.journey


def test_an_unknown_number_is_404(world: World, tmp_path) -> None:
    result = sipp.run(sipp.Case("uac_unknown_number", world.stack.sip, "+12025552099"), tmp_path)
    assert result.ok, result.messages + result.errors


def test_a_source_that_is_not_the_trunks_is_403_and_the_tenant_sees_it(world: World, tmp_path) -> None:
    case = sipp.Case("uac_blocked", world.stack.sip, RECEPTION, caller="+12025550166", local_ip="127.0.0.2")
    result = sipp.run(case, tmp_path)
    assert result.ok, result.messages + result.errors
    call = world.api.ended(world.api.find(to_number=RECEPTION, from_number="+12025550166"))
    assert (call["end_reason"], call["sip_code"]) == ("blocked", 403)
    assert call["answered_at"] is None


def test_an_offer_without_pcmu_and_pcma_is_488(world: World, tmp_path) -> None:
    result = sipp.run(sipp.Case("uac_no_codec", world.stack.sip, RECEPTION), tmp_path)
    assert result.ok, result.messages + result.errors


def test_malformed_messages_are_dropped_or_400_and_the_line_lives(world: World) -> None:
    node = world.stack.pids()["node"]
    malformed.send(malformed.messages(world.stack.sip), world.stack.sip)
    assert malformed.answers_options(world.stack.sip)
    assert world.stack.pids()["node"] == node


def test_a_caller_who_gives_up_while_the_platform_decides_is_487(world: World, tmp_path) -> None:
    case = sipp.Case("uac_cancel", world.stack.sip, RECEPTION, caller="+12025550167", stay_ms=500)
    with world.stack.frozen("web"):
        result = sipp.run(case, tmp_path)
    assert result.ok, result.messages + result.errors
    call = world.api.ended(world.api.find(to_number=RECEPTION, from_number="+12025550167"))
    assert call["end_reason"] == "cancelled"
    assert call["answered_at"] is None


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"model": {"provider": "script", "nodes": {}}}, "config.model"),
        ({"voice": {"provider": "flite", "voice": "nobody"}}, "config.voice"),
        ({"turn_taking": {"endpointing_ms": -1}}, "config.turn_taking.endpointing_ms"),
        ({"max_duration_ms": "long"}, "config.max_duration_ms"),
        ({"no_such_field": 1}, "config.no_such_field"),
    ],
)
def test_a_bad_configuration_is_422_and_names_the_path(world: World, change: dict, path: str) -> None:
    config = {"model": {"provider": "script", "nodes": {"start": {}}}, **change}
    response = world.api.try_post("/agents", {"name": "Bad", "config": config})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert any(path in str(error) for error in response.json()["errors"]), response.text
