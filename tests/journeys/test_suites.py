"""Simulated callers test an agent on the running program: by text, by a real call, before it is published."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from config.local.environment import BASE_DIR
from tests.journeys.client import Json
from tests.journeys.conftest import World
from tests.sip.wait import until

pytestmark = pytest.mark.journey

CONFIG: Json = {
    "first_message": "Hello, this is the bakery.",
    "model": {
        "provider": "script",
        "nodes": {
            "start": {
                "expect": [
                    {
                        "phrases": ["[what are your] opening hours"],
                        "reply": "We are open from nine to five.",
                    },
                    {"phrases": ["goodbye"], "reply": "Goodbye.", "action": "end_call"},
                ]
            }
        },
    },
}
STEPS = [{"do": "say", "text": "What are your opening hours?"}, {"do": "say", "text": "Goodbye."}]
CASES = [
    {
        "name": over,
        "over": over,
        "caller": {"kind": "script", "steps": STEPS},
        "assertions": [{"kind": "said", "text": "nine to five"}, {"kind": "ended_by", "by": "agent"}],
    }
    for over in ("text", "audio")
]


def over(world: World, path: str) -> Json:
    """A run or a publication that is over."""
    return until(
        lambda: (found := world.api.get(path)) and found["state"] != "running" and found,
        f"{path} is over",
        120,
        every_s=0.6,
    )


@pytest.fixture(scope="module")
def agent(world: World) -> Json:
    """An agent with a gate, published through it."""
    made: dict[str, Any] = world.api.post("/agents", {"name": "Bakery", "config": CONFIG})
    suite = world.api.post(f"/agents/{made['id']}/suites", {"name": "Hours", "gate": True, "cases": CASES})
    held = world.api.post(f"/agents/{made['id']}/publish", {"note": "The first"})
    return made | {"suite": suite["id"], "publication": over(world, f"/publications/{held['id']}")}


def test_an_agent_that_passes_by_text_and_by_telephone_is_published(world: World, agent: Json) -> None:
    publication = agent["publication"]
    assert (publication["state"], publication["version"]) == ("published", 1), publication
    run = world.api.get(f"/suite-runs/{publication['runs'][0]['id']}")
    text, audio = run["results"]
    said = [turn["text"] for turn in text["transcript"] if turn["speaker"] == "agent"]
    assert said == ["Hello, this is the bakery.", "We are open from nine to five.", "Goodbye."]
    assert [turn["text"] for turn in audio["transcript"] if turn["speaker"] == "agent"] == said
    call = world.api.call(audio["call"])
    assert (call["test"], call["end_reason"], call["agent_version"]) == (True, "agent_hung_up", None)
    assert audio["latency"]["p95_ms"] > 0


def test_a_broken_draft_is_not_published(world: World, agent: Json) -> None:
    nodes = {"start": {"expect": [], "otherwise": "What?"}}
    broken = CONFIG | {"model": {"provider": "script", "nodes": nodes}}
    world.api.http.patch(f"/agents/{agent['id']}", json={"config": broken}).raise_for_status()
    held = world.api.post(f"/agents/{agent['id']}/publish", {})
    publication = over(world, f"/publications/{held['id']}")

    assert (publication["state"], publication["version"]) == ("failed", None)
    assert world.api.get(f"/agents/{agent['id']}")["published_version"]["number"] == 1
    after = publication["runs"][0]["id"]
    before = agent["publication"]["runs"][0]["id"]
    compared = world.api.get(f"/suite-runs/{after}/comparison", before=before)
    assert {case["change"] for case in compared["cases"]} == {"broken"}


def run_suite(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BASE_DIR / "manage.py"), "run_suite", *arguments]
    return subprocess.run(
        command, cwd=BASE_DIR, env=world.stack.env, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_command_line_exits_with_what_came_of_it(world: World, agent: Json) -> None:
    world.api.post(f"/agents/{agent['id']}/suites", {"name": "By text", "cases": CASES[:1]})
    passed = run_suite(world, agent["id"], "By text", "--version", "1")
    assert (passed.returncode, "1 of 1 cases passed" in passed.stdout) == (0, True), passed
    broken = [CASES[0] | {"assertions": [{"kind": "said", "text": "closed"}]}]
    world.api.post(f"/agents/{agent['id']}/suites", {"name": "Broken", "cases": broken})
    failed = run_suite(world, agent["id"], "Broken", "--version", "1", "--json")
    assert failed.returncode == 1, failed
    assert json.loads(failed.stdout)["results"][0]["failures"][0]["kind"] == "said"
