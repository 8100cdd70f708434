"""What a flow is refused for when it is saved, and what is only worth a word: each by its place."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from apps.agents.configuration import parse_config
from apps.agents.flow_checks import flow_warnings
from apps.agents.models import Agent
from apps.agents.services import create_agent, review_flow
from media_workers.contract.agent import AgentConfig
from tenants.errors import InvalidFields
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.tenancy import make_tenant

SCRIPT = {"provider": "script"}
CHAT = {"provider": "openai", "model": "gpt-4.1-mini"}
END = {"kind": "end"}
ON = [{"goto": "end"}]
IF_SET = {"goto": "end", "conditions": [{"name": "x", "is": "set"}]}
IF_UNSET = {"goto": "end", "conditions": [{"name": "x", "is": "unset"}]}

Nodes = dict[str, Any]


def agent(nodes: Nodes, *, start: str = "start", model: Any = SCRIPT, **more: Any) -> dict[str, Any]:
    return {"model": model, "flow": {"start": start, "nodes": nodes}, **more}


def faults(document: dict[str, Any]) -> list[tuple[str, str]]:
    try:
        parse_config(document)
    except InvalidFields as found:
        return [(e.field.removeprefix("config.flow.").removeprefix("nodes."), e.code) for e in found.errors]
    return []


def warned(document: dict[str, Any]) -> list[tuple[str, str]]:
    config = AgentConfig.model_validate(document)
    return [(r.place.removeprefix("flow.nodes."), r.code) for r in flow_warnings(config)]


def test_a_flow_of_all_kinds_is_saved() -> None:
    sales = {"name": "sales", "sip_uri": "sip:desk@pbx.example"}
    look = {"type": "http", "name": "look", "url": "https://shop.example/orders/{order}"}
    nodes = {
        "start": {"kind": "say", "text": "Hello.", "edges": [{"goto": "ask"}]},
        "ask": {
            "kind": "collect",
            "ask": "Your order number?",
            "save_as": "order",
            "type": "digits",
            "otherwise_goto": "person",
            "edges": [{"goto": "look"}],
        },
        "look": {"kind": "tool", "tool": "look", "failed_goto": "person", "edges": [{"goto": "which"}]},
        "which": {"kind": "condition", "edges": [IF_SET, {"goto": "talk"}]},
        "talk": {
            "kind": "prompt",
            "prompt": "Help.",
            "tools": ["look"],
            "edges": [{"goto": "person", "when": "They want a person."}, {"goto": "menu", "when": "A menu."}],
        },
        "menu": {"kind": "listen", "expect": [{"phrases": ["bye"], "action": "end_call"}]},
        "person": {"kind": "transfer", "target": "sales", "failed_goto": "end"},
        "end": {"kind": "end", "say": "Bye.", "outcome": "done"},
    }
    document = agent(nodes, model=CHAT, transfers=[sales], tools=[look])
    assert (faults(document), warned(document)) == ([], [])


CASES: list[tuple[Nodes, list[tuple[str, str]]]] = [
    ({"a": END}, [("start", "unknown_node")]),
    (
        {"start": {"kind": "say", "text": "x", "edges": [{"goto": "no"}]}},
        [("start.edges.0.goto", "unknown_node")],
    ),
    (
        {"start": {"kind": "tool", "tool": "t", "failed_goto": "no", "edges": ON}, "end": END},
        [("start.failed_goto", "unknown_node"), ("start.tool", "unknown_tool")],
    ),
    ({"start": {"kind": "transfer", "target": "sales"}}, [("start.target", "unknown_target")]),
    (
        {"start": {"kind": "say", "text": "x", "edges": [{"goto": "start"}]}},
        [("config.flow", "no_exit")],
    ),
    (
        {
            "start": {
                "kind": "listen",
                "expect": [{"phrases": ["a"], "goto": "end"}, {"dtmf": "1", "goto": "on"}],
            },
            "on": {"kind": "say", "text": "x", "edges": [{"goto": "on"}]},
            "end": END,
        },
        [("on", "no_exit")],
    ),
    (
        {"start": {"kind": "say", "text": "x", "edges": [IF_SET]}, "end": END},
        [("start.edges", "no_way_on")],
    ),
    ({"start": {"kind": "say", "text": "x"}}, [("start.edges", "no_way_on"), ("config.flow", "no_exit")]),
    ({"start": {"kind": "condition", "edges": [IF_SET, IF_UNSET]}, "end": END}, []),
    (
        {"start": {"kind": "condition", "edges": [{"goto": "end", "when": "late"}, *ON]}, "end": END},
        [("start.edges.0.when", "unheard")],
    ),
    ({"start": {"kind": "prompt", "prompt": "x", "edges": ON}, "end": END}, [("start", "needs_model")]),
    (
        {"start": {"kind": "collect", "ask": "x", "save_as": "x", "type": "choice", "edges": ON}, "end": END},
        [("start.choices", "missing")],
    ),
    (
        {
            "start": {
                "kind": "collect",
                "ask": "x",
                "save_as": "x",
                "type": "choice",
                "choices": ["Red", "red"],
                "min_digits": 9,
                "max_digits": 2,
                "edges": ON,
            },
            "end": END,
        },
        [("start.choices.1", "duplicate"), ("start.min_digits", "range")],
    ),
    (
        {
            "start": {
                "kind": "listen",
                "expect": [
                    {"phrases": ["on {day}"], "dtmf": "1", "action": "end_call"},
                    {"dtmf": "1", "action": "end_call"},
                ],
            }
        },
        [("start.expect.0.phrases", "unknown_slot"), ("start.expect.1.dtmf", "duplicate")],
    ),
]


@pytest.mark.parametrize(("nodes", "found"), CASES)
def test_what_a_flow_is_refused_for(nodes: Nodes, found: list[tuple[str, str]]) -> None:
    assert faults(agent(nodes)) == found


def test_a_model_that_speaks_itself_takes_no_flow_and_a_script_without_nodes_needs_one() -> None:
    speaking = {"provider": "openai_realtime", "model": "gpt-realtime"}
    assert ("config.flow", "realtime") in faults(agent({"start": END}, model=speaking))
    assert faults({"model": SCRIPT}) == [("config.model.nodes", "missing")]


def test_tools_of_a_server_that_is_not_asked_yet_are_taken_on_trust() -> None:
    server = {"type": "mcp", "name": "crm", "url": "https://crm.example/mcp"}
    nodes = {"start": {"kind": "tool", "tool": "anything", "edges": ON}, "end": END}
    assert faults(agent(nodes, tools=[server])) == []


def test_what_is_worth_a_word() -> None:
    nodes = {
        "start": {"kind": "say", "text": "x", "edges": [IF_SET, {"goto": "round"}, {"goto": "end"}]},
        "round": {"kind": "condition", "edges": [IF_SET, {"goto": "start"}]},
        "lost": {"kind": "collect", "ask": "x", "save_as": "x", "edges": ON},
        "end": END,
    }
    assert warned(agent(nodes)) == [
        ("start.edges.2", "never_taken"),
        ("lost", "unreachable"),
        ("lost.type", "not_heard"),
        ("round", "circle"),
        ("start", "circle"),
    ]


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant()


def test_a_caller_is_handed_to_agents_of_the_tenant_only(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        other = create_agent(name="Other", config=AgentConfig.model_validate({"model": SCRIPT}))
        assert faults(agent({"start": {"kind": "hand_over", "agent": other.public_id}})) == []
        for unknown in (f"agt_{uuid4().hex}", "agt_1"):
            found = faults(agent({"start": {"kind": "hand_over", "agent": unknown}}))
            assert found == [("start.agent", "unknown_agent")]
            named = {"name": "x", "agent": unknown}
            assert faults(agent({"start": END}, transfers=[named])) == [
                ("config.transfers.0.agent", "unknown_agent")
            ]


def test_a_flow_is_checked_with_the_rest_of_the_draft(tenant: Tenant) -> None:
    sales = {"name": "sales", "number": "+12025550120"}
    draft = AgentConfig.model_validate(agent({"start": END}, transfers=[sales]))
    with tenant_scope(tenant.pk):
        saved: Agent = create_agent(name="A", config=draft)
        found = review_flow(agent=saved, flow={"nodes": {"start": {"kind": "transfer", "target": "sales"}}})
        assert found == ([], [])
        problems, _ = review_flow(agent=saved, flow={"nodes": {"start": {"kind": "end", "sy": "?"}}})
        assert [(p.place, p.code) for p in problems] == [("config.flow.nodes.start.sy", "extra_forbidden")]
        _, warnings = review_flow(agent=saved, flow={"nodes": {"start": END, "lost": END}})
        assert [(w.place, w.code) for w in warnings] == [("config.flow.nodes.lost", "unreachable")]
