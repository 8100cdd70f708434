"""Campaigns of real calls to the crowd of sandbox phones."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.journeys import campaigning
from tests.journeys.conftest import World
from tests.sip.wait import until

pytestmark = pytest.mark.journey

CALLER = "+12025552033"
ENDINGS = {1: "answered", 7: "busy", 9: "blocked", 10: "no_answer", 99: "invalid_number", 4: "hung_up_early"}


@pytest.fixture(scope="module")
def caller(world: World) -> str:
    """A number that nobody answers on."""
    return str(world.api.post("/numbers", {"carrier": "sandbox", "e164": CALLER})["id"])


def test_every_contact_is_dialed_as_its_attempts_say_though_the_workers_are_killed(
    world: World, caller: str
) -> None:
    numbers = campaigning.crowd(18, ENDINGS)
    before = campaigning.rung(world.stack.log)
    campaign = campaigning.make(world.api, agent=world.reminder, caller=caller, numbers=numbers)
    world.api.post(f"/campaigns/{campaign}/start", {})
    until(
        lambda: world.api.get(f"/campaigns/{campaign}/progress")["attempts"] >= 4, "some have been called", 60
    )
    world.stack.kill("celery")
    progress = campaigning.completed(world.api, campaign)
    attempts = campaigning.listed(world.api, f"/campaigns/{campaign}/attempts")
    contacts = campaigning.listed(world.api, f"/campaigns/{campaign}/contacts")
    assert not campaigning.disagreements(attempts, campaigning.rung(world.stack.log) - before)
    assert {c["e164"]: c["last_outcome"] for c in contacts} == {
        number: ENDINGS[int(number[-2:])] for number in numbers
    }
    dialed = Counter(a["e164"] for a in attempts if a["dialed"])
    assert all(
        dialed[number] == (2 if ENDINGS[int(number[-2:])] in campaigning.RETRIES else 1) for number in numbers
    )
    assert progress["done"] == len(numbers)
    assert progress["outcomes"] == Counter(a["outcome"] for a in attempts if a["dialed"])


def test_stopped_at_once_it_dials_nobody_any_more(world: World, caller: str) -> None:
    campaign = campaigning.make(
        world.api, agent=world.reminder, caller=caller, numbers=campaigning.crowd(12, [2])
    )
    world.api.post(f"/campaigns/{campaign}/start", {})
    until(lambda: world.api.get(f"/campaigns/{campaign}/progress")["calls_now"], "a call goes on", 60)
    world.api.post(f"/campaigns/{campaign}/stop", {"running_calls": "hang_up"})
    seen = campaigning.rung(world.stack.log)
    until(lambda: not world.api.get(f"/campaigns/{campaign}/progress")["calls_now"], "the calls are over", 60)
    assert campaigning.rung(world.stack.log) == seen


def test_what_could_never_dial_is_refused_with_every_reason(world: World, caller: str) -> None:
    campaign = campaigning.make(
        world.api,
        agent=world.reminder,
        caller=caller,
        numbers=[],
        hours={"windows": [], "rules": []},
        callers={"numbers": []},
    )
    answer = world.api.try_post(f"/campaigns/{campaign}/start", {})
    assert answer.status_code == 422
    assert {error["code"] for error in answer.json()["errors"]} >= {"no_contacts", "no_numbers", "no_windows"}
