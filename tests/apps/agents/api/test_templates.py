"""Templates to begin with, copies, and finding an agent by its name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.agents.configuration import parse_config
from apps.agents.flow_checks import flow_warnings
from apps.agents.templates import templates
from media_workers.contract.agent import ScriptModel
from media_workers.contract.flow import CollectNode
from media_workers.providers.llm.flow.dialogue import FlowDialogue
from media_workers.providers.llm.flow.graph import of_script
from media_workers.providers.stt.pocketsphinx import DecoderProcess
from tests.speech import say
from tests.tenancy import SCRIPT, key_client, make_key, make_member, make_tenant

AGENTS = "/api/v1/agents"
SCRIPTED = [
    template
    for template in templates()
    if template["config"]["model"]["provider"] == "script" and template["config"]["flow"] is None
]
FLOWS = [template for template in templates() if template["config"]["flow"] is not None]
SAID = {
    "reception": {
        "menu": ["what are your opening hours", "what is your address", "call me back please"],
        "when": ["in the morning", "the afternoon please"],
    },
    "appointment": {
        "menu": ["I would like to book a visit", "cancel a visit"],
        "time": ["in the morning", "the afternoon please"],
        "confirm": ["yes please", "start again"],
    },
    "survey": {"consent": ["yes please", "no thank you"], "service": ["it was very good", "not good"]},
    "reminder": {"ask": ["yes I will come", "no thank you", "another day please"]},
}


@pytest.fixture
def client(db: None) -> APIClient:
    return key_client(make_key(make_tenant()))


def made(client: APIClient, name: str = "Reception") -> dict[str, Any]:
    answer = client.post(AGENTS, {"name": name, "config": SCRIPT})
    assert answer.status_code == 201
    return answer.json()  # type: ignore[no-any-return]


def test_a_template_becomes_an_agent_as_it_is(client: APIClient) -> None:
    found = client.get(f"{AGENTS}/templates").json()["results"]

    assert [template["key"] for template in found] == [
        "reception",
        "appointment",
        "survey",
        "reminder",
        "order_status",
        "assistant",
    ]
    # One key is all that any of them needs.
    assert client.put("/api/v1/vendor-keys/openai", {"api_key": "sk-of-a-test-account"}).status_code == 201
    for template in found:
        assert template["description"]
        agent = client.post(AGENTS, {"name": template["name"], "config": template["config"]})
        assert agent.status_code == 201, agent.content
        assert agent.json()["config"] == template["config"]
        assert client.post(f"{AGENTS}/{agent.json()['id']}/publish").status_code == 201


@pytest.mark.parametrize("template", SCRIPTED, ids=lambda template: template["key"])
def test_every_way_through_a_template_ends_and_offers_keys(template: dict[str, Any]) -> None:
    model = parse_config(template["config"]).model
    assert isinstance(model, ScriptModel)
    for name, node in model.nodes.items():
        assert any(branch.dtmf for branch in node.expect), f"{name} can be answered by voice only"
        keys = [branch.dtmf for branch in node.expect if branch.dtmf]
        assert len(keys) == len(set(keys)), name
    reached, rest = {model.start}, [model.start]
    ends = False
    while rest:
        node = model.nodes[rest.pop()]
        ends |= any(branch.action == "end_call" for branch in node.expect)
        onward = {branch.goto for branch in node.expect if branch.goto} | {node.otherwise_goto} - {None}
        rest += [name for name in onward if name and name not in reached]
        reached |= {name for name in onward if name}
    assert ends
    assert reached == set(model.nodes)


@pytest.mark.parametrize("template", FLOWS, ids=lambda template: template["key"])
def test_a_flow_of_a_template_has_nothing_against_it(template: dict[str, Any]) -> None:
    config = parse_config(template["config"])
    assert list(flow_warnings(config)) == []
    assert config.flow is not None
    for node in config.flow.nodes.values():
        assert not isinstance(node, CollectNode) or node.by != "voice"


@pytest.fixture
async def decoder() -> AsyncIterator[DecoderProcess]:
    process = DecoderProcess()
    await process.started()
    yield process
    await process.close()


async def test_what_callers_say_to_the_templates_is_heard(decoder: DecoderProcess) -> None:
    wrong: list[tuple[str, str, str]] = []
    asked = 0
    for template in SCRIPTED:
        config = parse_config(template["config"])
        assert isinstance(config.model, ScriptModel)
        for node, phrases in SAID[template["key"]].items():
            model = config.model.model_copy(update={"start": node})
            expected = FlowDialogue(of_script(model), config.variables).expected()
            for phrase in phrases:
                heard = await decoder.recognise(expected, await asyncio.to_thread(say, phrase, "rms"))
                asked += 1
                if heard != phrase.lower():
                    wrong.append((template["key"], phrase, heard))
    assert asked > 15
    assert len(wrong) <= 2, wrong


def test_a_copy_is_an_agent_of_its_own(client: APIClient) -> None:
    model = {
        "provider": "openai_compatible",
        "base_url": "https://llm.example/v1",
        "model": "m",
        "api_key": "sk-hidden",
    }
    first = client.post(AGENTS, {"name": "First", "config": {"model": model}}).json()
    client.post(f"{AGENTS}/{first['id']}/publish")

    copy = client.post(f"{AGENTS}/{first['id']}/duplicate")
    named = client.post(f"{AGENTS}/{first['id']}/duplicate", {"name": "Second"}).json()

    told = copy.json()
    assert (copy.status_code, told["name"], named["name"]) == (201, "Copy of First", "Second")
    assert told["id"] != first["id"]
    assert (told["config"], told["published_version"], told["api_key_set"]) == (first["config"], None, True)
    assert "sk-hidden" not in copy.content.decode()
    client.patch(f"{AGENTS}/{told['id']}", {"name": "Changed"})
    assert client.get(f"{AGENTS}/{first['id']}").json()["name"] == "First"


def test_the_longest_name_can_be_copied(client: APIClient) -> None:
    agent = made(client, "x" * 200)

    copy = client.post(f"{AGENTS}/{agent['id']}/duplicate").json()

    assert len(copy["name"]) == 200
    assert copy["name"].startswith("Copy of xxx")


def test_part_of_the_name(client: APIClient) -> None:
    made(client, "Reception")
    night = made(client, "Night reception")
    made(client, "Survey")

    def found(q: str) -> list[str]:
        return [agent["name"] for agent in client.get(AGENTS, {"q": q}).json()["results"]]

    assert found("RECEP") == ["Night reception", "Reception"]
    assert found("night") == [night["name"]]
    assert found("%") == []


@pytest.mark.django_db
def test_who_published_a_version() -> None:
    tenant = make_tenant()
    person = make_member(tenant, "developer")
    client = APIClient()
    client.force_login(person)
    agent = made(client)
    client.post(f"{AGENTS}/{agent['id']}/publish")
    key_client(make_key(tenant)).post(f"{AGENTS}/{agent['id']}/publish")

    versions = client.get(f"{AGENTS}/{agent['id']}/versions").json()["results"]

    assert [version["created_by"] for version in versions] == [None, person.email]


def test_the_numbers_of_an_agent(client: APIClient) -> None:
    agent = made(client)
    number = client.post("/api/v1/numbers", {"carrier": "sandbox", "agent": agent["id"]}).json()
    client.post("/api/v1/numbers", {"carrier": "sandbox"})

    found = client.get("/api/v1/numbers", {"agent": agent["id"]}).json()["results"]

    assert [row["id"] for row in found] == [number["id"]]
    assert client.get("/api/v1/numbers", {"agent": "agt_7"}).status_code == 422
