"""The tenant's own server is asked about real calls while they wait."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.webhook_receiver import WebhookReceiver
from tests.journeys.agents import GREETING, reception
from tests.journeys.client import turns_of
from tests.journeys.conftest import RECEPTION, World
from tests.journeys.test_failures import END

pytestmark = [pytest.mark.journey, pytest.mark.timeout(240)]

TALKS = "+12025550101"


class Hooks:
    """The tenant's hooks and the server that they ask."""

    def __init__(self, world: World, server: WebhookReceiver) -> None:
        self._world = world
        self.server = server
        self.secrets: dict[str, str] = {}

    def put(self, moment: str, reply: Any, **fields: Any) -> None:
        """Asks the server from now on, which says `reply`."""
        self.server.reply = reply
        body = {"url": self.server.url, "deadline_ms": 5_000, **fields}
        answer = self._world.api.http.put(f"/call-hooks/{moment}", json=body)
        assert answer.status_code == 201, answer.text
        self.secrets[moment] = answer.json()["secret"]

    def delete_all(self) -> None:
        for moment in self.secrets:
            self._world.api.http.delete(f"/call-hooks/{moment}")


@pytest.fixture
def hooks(world: World) -> Iterator[Hooks]:
    with WebhookReceiver() as server:
        made = Hooks(world, server)
        yield made
        made.delete_all()


def test_another_agent_is_chosen_and_greets_by_name(world: World, hooks: Hooks, tmp_path: Path) -> None:
    greeter = world.api.agent("Greeter", reception(first_message="Welcome back, {{first_name}}."))
    hooks.put("before_answer", {"action": "answer", "agent": greeter, "variables": {"first_name": "Ada"}})

    phone = world.caller(RECEPTION, "+12025550171", END, tmp_path)
    call = world.api.ended(world.api.find(to_number=RECEPTION, from_number="+12025550171"))

    assert phone.result()["completed"]
    assert (call["agent"], call["variables"]) == (greeter, {"first_name": "Ada"})
    assert turns_of(call, "agent")[0] == "Welcome back, Ada."
    took = call["hook"]["took_ms"]
    assert call["hook"]["words"] == (
        f"The call hook chose the agent Greeter and gave first_name (after {took} ms)."
    )
    (asked,) = hooks.server.received
    hooks.server.verify(hooks.secrets["before_answer"])
    told = asked.event["call"]
    assert (told["from"], told["to"], asked.event["agent"]) == ("+12025550171", RECEPTION, world.reception)


def test_a_caller_is_turned_away_with_the_hooks_code(world: World, hooks: Hooks, tmp_path: Path) -> None:
    hooks.put("before_answer", {"action": "reject", "code": 486, "reason": "Nobody is in."})

    phone = world.caller(RECEPTION, "+12025550172", END, tmp_path)
    call = world.api.ended(world.api.find(to_number=RECEPTION, from_number="+12025550172"))

    assert phone.result()["sip_code"] == 486
    assert (call["end_reason"], call["sip_code"], call["answered_at"]) == ("blocked", 486, None)
    assert call["end_detail"] == "The call hook rejected the call with 486: Nobody is in."


def test_a_hook_that_hangs_costs_no_caller(world: World, hooks: Hooks, tmp_path: Path) -> None:
    """Its deadline is longer than a line waits for a connection to the control plane."""
    hooks.server.manner = "hang"
    hooks.put("before_answer", {}, deadline_ms=3_500)

    phone = world.caller(RECEPTION, "+12025550173", END, tmp_path)
    call = world.api.ended(world.api.find(to_number=RECEPTION, from_number="+12025550173"))

    assert phone.result()["completed"]
    assert len(hooks.server.received) == 1
    assert turns_of(call, "agent")[0] == GREETING
    assert call["hook"]["problem"] == "It gave no whole answer within 3500 ms."
    assert call["hook"]["words"].endswith("The call went on as if there were none.")


def test_a_call_that_is_denied_never_rings(world: World, hooks: Hooks) -> None:
    hooks.put("before_dial", {"action": "deny", "reason": "Paid yesterday."})

    denied = world.api.ended(world.place(TALKS, metadata={"order": 7}))

    assert (denied["end_reason"], denied["dialing_at"], denied["ringing_at"]) == ("withdrawn", None, None)
    assert denied["end_detail"] == "The call hook denied the call: Paid yesterday."
    assert world.api.get(f"/calls/{denied['id']}/sip")["results"] == []
    assert hooks.server.received[0].event["call"]["metadata"] == {"order": 7}

    hooks.server.reply = {"action": "allow"}
    allowed = world.api.ended(world.place(TALKS))
    assert allowed["answered_at"] is not None
    assert allowed["hook"]["action"] == "allow"
