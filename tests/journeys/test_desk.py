"""What an agent does for a caller: asks other machines, looks things up, and is changed in mid-operation.

The shop's server, the model and the ears are fakes on real sockets; everything else is the program.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.fakes.hearing import whatever
from tests.fakes.openai_server import OpenAIServer, answer
from tests.fakes.stt_deepgram import DeepgramServer
from tests.fakes.tool_server import Page, ToolServer
from tests.journeys import agents
from tests.journeys.client import Json, turns_of
from tests.journeys.conftest import World
from tests.sip.wait import until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(240)]

SHOP, QUESTIONS, ORDERS = "+12025555001", "+12025555002", "+12025555003"
CALLER = {SHOP: "+12025550181", QUESTIONS: "+12025550182"}
KEY = "secret-key"
SORRY = "I cannot see your order now."
LEAFLET = """# Returns
You may return what you bought within thirty days. Bring the receipt.

# Deliveries
We deliver on Tuesdays and Fridays.
"""
PRESSES = [step for key in "123459" for step in ({"do": "listen"}, {"do": "press", "digits": key})]


def shop(url: str) -> Json:
    """Asks the shop's server for each key that is pressed, without any language model."""
    return {
        "model": {"provider": "script", "nodes": {"start": {}}},
        "secrets": {"shop_key": KEY},
        "tools": [
            {
                "type": "http",
                "name": "order_status",
                "method": "GET",
                "url": url + "/orders/{order}",
                "headers": {"Authorization": "Bearer {{secret.shop_key}}"},
                "parameters": {
                    "type": "object",
                    "properties": {"order": {"type": "string"}},
                    "required": ["order"],
                },
                "timeout_ms": 1_000,
                "save": {"status": "order.status"},
            }
        ],
        "flow": {
            "start": "ask",
            "nodes": {
                "ask": {
                    "kind": "collect",
                    "ask": "Which order?",
                    "save_as": "order",
                    "type": "digits",
                    "by": "keys",
                    "max_digits": 1,
                    "edges": [
                        {"goto": "bye", "conditions": [{"name": "order", "is": "equal", "value": "9"}]},
                        {"goto": "look"},
                    ],
                },
                "look": {
                    "kind": "tool",
                    "tool": "order_status",
                    "arguments": {"order": "{order}"},
                    "failed_goto": "sorry",
                    "edges": [{"goto": "tell"}],
                },
                "tell": {"kind": "say", "text": "Your order is {status}.", "edges": [{"goto": "ask"}]},
                "sorry": {"kind": "say", "text": SORRY, "edges": [{"goto": "ask"}]},
                "bye": {"kind": "end", "say": "Goodbye."},
            },
        },
    }


def questions(base: str) -> Json:
    return {
        "first_message": "Hello, what would you like to know?",
        "prompt": "You answer from the shop's leaflet.",
        "model": {"provider": "mistral", "model": "mistral-small-latest"},
        "transcriber": {"provider": "deepgram"},
        "knowledge": {"bases": [base], "timeout_ms": 3_000},
    }


@dataclass
class Machines:
    """The fakes, in one thread with a loop of its own."""

    loop: asyncio.AbstractEventLoop
    server: ToolServer = field(
        default_factory=lambda: ToolServer(
            Page({"order": {"status": "on its way"}}),
            Page({"order": {"status": "late"}}, after_s=8.0),
            Page("The shop is on fire.", status=500),
            Page(b"\x00\xff\xfe garbage", type="application/octet-stream"),
            Page({"order": {"status": "packed"}}),
        )
    )
    ears: DeepgramServer = field(
        default_factory=lambda: DeepgramServer(whatever(["How long may I return things?"]))
    )
    model: OpenAIServer = field(default_factory=OpenAIServer)

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    @contextlib.contextmanager
    def running(self) -> Iterator[Machines]:
        for fake in (self.server, self.ears, self.model):
            self.wait(fake.__aenter__())
        self.model.will(*[answer("You may return it within thirty days.")] * 50)
        try:
            yield self
        finally:
            for fake in (self.server, self.ears, self.model):
                self.wait(fake.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def machines() -> Iterator[Machines]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="machines", daemon=True)
    thread.start()
    try:
        with Machines(loop).running() as running:
            yield running
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


@dataclass
class Calls:
    """One call to each agent, over."""

    calls: dict[str, Json]
    events: dict[str, list[Json]]


@pytest.fixture(scope="module")
def calls(world: World, machines: Machines, tmp_path_factory: pytest.TempPathFactory) -> Calls:
    work = tmp_path_factory.mktemp("desk")
    for vendor, url in {"deepgram": machines.ears.url, "mistral": machines.model.url}.items():
        put = world.api.http.put(f"/vendor-keys/{vendor}", json={"api_key": KEY, "base_url": url})
        assert put.is_success, put.text
    trunk = world.api.get("/trunks")["results"][0]["id"]
    for number, config in {SHOP: shop(machines.server.url), QUESTIONS: questions(leaflet(world))}.items():
        made = world.api.agent(f"Desk {number}", config)
        world.api.post("/numbers", {"carrier": "byoc", "e164": number, "trunk": trunk, "agent": made})
    scripts = {
        SHOP: [*PRESSES, {"do": "wait_for_end"}],
        QUESTIONS: [
            {"do": "listen"},
            {"do": "say", "text": "How long may I return things?"},
            {"do": "listen"},
            {"do": "hang_up"},
        ],
    }
    running = {n: world.caller(n, CALLER[n], script, work) for n, script in scripts.items()}
    for caller in running.values():
        caller.result()
    ids = {n: world.api.find(to_number=n, from_number=CALLER[n]) for n in scripts}
    over = {number: world.api.ended(call_id) for number, call_id in ids.items()}
    return Calls(over, {number: world.api.events(call_id) for number, call_id in ids.items()})


def leaflet(world: World) -> str:
    """A knowledge base with one document that has been read."""
    base = world.api.post("/knowledge-bases", {"name": "Leaflet"})["id"]
    made = world.api.post(f"/knowledge-bases/{base}/documents", {"title": "Leaflet", "text": LEAFLET})

    def ready() -> bool:
        document = world.api.get(f"/knowledge-bases/{base}/documents/{made['id']}")
        assert document["state"] != "failed", document
        return bool(document["state"] == "ready")

    until(ready, "the leaflet is read")
    return str(base)


def used(calls: Calls, number: str) -> list[Json]:
    return [e["event"] for e in calls.events[number] if e["event"].get("kind") == "http"]


def test_every_answer_of_the_shops_server_is_dealt_with(calls: Calls) -> None:
    said = turns_of(calls.calls[SHOP], "agent")
    answers = [text.partition("Which order?")[0].strip() for text in said[1:]]

    assert answers == ["Your order is on its way.", SORRY, SORRY, SORRY, "Your order is packed.", "Goodbye."]
    assert calls.calls[SHOP]["end_reason"] == "agent_hung_up"
    troubles = [tool["trouble"] for tool in used(calls, SHOP)]
    assert [bool(trouble) for trouble in troubles] == [False, True, True, True, False]
    assert "500" in troubles[2]


def test_the_server_is_asked_with_the_secret_that_nobody_reads(
    calls: Calls, machines: Machines, world: World
) -> None:
    asked = machines.server.asked
    assert {a.headers["authorization"] for a in asked} == {f"Bearer {KEY}"}
    assert [a.target for a in asked if a.target != "/orders/2"] == [f"/orders/{n}" for n in "1345"]
    told = json.dumps([calls.calls, calls.events, world.api.get("/agents")])
    assert KEY not in told
    assert KEY not in world.stack.log.read_text(errors="replace")


def test_the_way_through_the_flow_is_told(calls: Calls) -> None:
    path = [e["event"]["node"] for e in calls.events[SHOP] if e["type"] == "flow"]

    assert path[:5] == ["ask", "look", "tell", "ask", "look"]
    assert path[-1] == "bye"


def test_a_question_is_answered_with_its_source(calls: Calls, machines: Machines) -> None:
    call = calls.calls[QUESTIONS]
    turn = next(t for t in call["turns"] if t["speaker"] == "agent" and "thirty" in t["text"])

    assert turn["account"]["retrieval"]["sources"][0]["title"] == "Leaflet"
    assert "thirty days" in turn["account"]["retrieval"]["sources"][0]["text"]
    assert turn["latency"]["retrieval"] is not None
    sent = json.dumps(machines.model.requests[0].body)
    assert "within thirty days" in sent


def test_a_version_is_rolled_back_while_calls_go_on(world: World) -> None:
    """What is being said is said to its end; the next call has the version before."""
    made = world.api.agent("Callback desk", agents.reminder(first_message="This is the first version."))
    world.api.post("/numbers", {"carrier": "sandbox", "e164": ORDERS, "agent": made})
    second = {"config": agents.reminder(first_message="This is the second version.")}
    changed = world.api.http.patch(f"/agents/{made}", json=second)
    assert changed.is_success, changed.text
    world.api.post(f"/agents/{made}/publish", {})

    def place() -> str:
        body = {"from_number": ORDERS, "to_number": "+12025550101", "agent": made}
        return str(world.api.post("/calls", body)["id"])

    running = place()
    until(lambda: world.api.call(running)["state"] == "in_progress", "the call is up")
    world.api.post(f"/agents/{made}/rollback", {"number": 1})
    later = place()

    assert turns_of(world.api.ended(running), "agent")[0] == "This is the second version."
    assert turns_of(world.api.ended(later), "agent")[0] == "This is the first version."
    numbers = {r["number"]: r["calls"] for r in world.api.get(f"/agents/{made}/versions/results")["results"]}
    assert numbers == {1: 1, 2: 1}


def test_a_broken_agent_is_caught_before_it_is_published(world: World) -> None:
    made = world.api.agent("Tested desk", agents.reception())
    asks_hours = {
        "name": "Asks for the opening hours",
        "caller": {"kind": "script", "steps": [{"do": "say", "text": "What are your opening hours?"}]},
        "assertions": [{"kind": "said", "text": "nine to five"}],
    }
    world.api.post(f"/agents/{made}/suites", {"name": "Reception", "gate": True, "cases": [asks_hours]})
    broken = agents.reception()
    broken["model"]["nodes"]["start"]["expect"][0]["reply"] = "I do not know."

    assert publication(world, made, broken) == ("failed", 1)
    assert publication(world, made, agents.reception(first_message="Good day.")) == ("published", 2)


def publication(world: World, agent: str, config: Json) -> tuple[str, int]:
    """What came of publishing `config`, and the version that takes calls then."""
    changed = world.api.http.patch(f"/agents/{agent}", json={"config": config})
    assert changed.is_success, changed.text
    asked = world.api.post(f"/agents/{agent}/publish", {})

    def over() -> Json | None:
        found = world.api.get(f"/publications/{asked['id']}")
        return None if found["state"] == "running" else found

    state = until(over, "the suites have been run", 60)["state"]
    published = world.api.get(f"/agents/{agent}")["published_version"]["number"]
    return state, published
