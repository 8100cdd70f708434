"""Another agent goes on with a call, with what was said and collected."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from media_workers.audio.vad import VadEngine
from media_workers.contract.acts import FlowMoved, HandedOver, ToolUsed
from media_workers.contract.agent import AgentConfig
from media_workers.contract.calls import CallPlan
from media_workers.contract.events import EndReason, EventBody, TurnSpoken
from media_workers.contract.requests import AgentAnswer
from media_workers.conversation.backoffice import BackofficeError, NoBackoffice
from media_workers.providers import registry
from media_workers.providers.base import FRAME_BYTES
from media_workers.runtime.company import Company
from media_workers.runtime.hand_over import MOST_HAND_OVERS, HandOvers
from media_workers.runtime.talk import Talk

SCRIPT = {"provider": "script", "nodes": {"start": {}}}
QUIET: dict[str, Any] = {"sounds": {"comfort_noise": False}, "model": SCRIPT}
FIRST = QUIET | {
    "first_message": "Hello.",
    "flow": {
        "nodes": {
            "start": {
                "kind": "collect",
                "ask": "Order number?",
                "save_as": "order",
                "type": "digits",
                "max_digits": 1,
                "edges": [{"goto": "on"}],
            },
            "on": {"kind": "hand_over", "agent": "agt_second"},
        }
    },
}
SECOND = QUIET | {
    "first_message": "Bookings. Your order is {{missing}}",
    "flow": {
        "nodes": {
            "start": {"kind": "say", "text": "{order}.", "edges": [{"goto": "end"}]},
            "end": {"kind": "end", "say": "Bye."},
        }
    },
}
CIRCLE = QUIET | {"flow": {"nodes": {"start": {"kind": "hand_over", "agent": "agt_circle"}}}}


class Office(NoBackoffice):
    """The control plane knows these agents."""

    def __init__(self, **agents: dict[str, Any]) -> None:
        self._agents = agents
        self.asked: list[str] = []

    async def agent(self, agent: str) -> AgentAnswer:
        self.asked.append(agent)
        if agent not in self._agents:
            raise BackofficeError("There is no such agent.")
        config = AgentConfig.model_validate(self._agents[agent])
        return AgentAnswer(agent=config, agent_name=agent.removeprefix("agt_"), version=3)


class Call:
    """A talk without a telephone, that ends when the agent hangs up."""

    def __init__(self, agent: dict[str, Any], office: Office) -> None:
        self.events: list[EventBody] = []
        self.ending: EndReason | None = None
        self.limits: list[float] = []
        self.taken_on: list[AgentConfig] = []
        plan = CallPlan(
            call_id=uuid4(),
            tenant_id=uuid4(),
            direction="inbound",
            from_number="+12025550199",
            to_number="+12025550100",
            agent=AgentConfig.model_validate(agent),
        )
        self.talk = Talk(
            plan, vad=VadEngine(), emit=self.events.append, hang_up=self._hang_up, backoffice=office
        )
        hand_overs = HandOvers(
            plan,
            self.talk,
            office,
            emit=self.events.append,
            limit=self.limits.append,
            overtime_s=1.0,
            taken_on=self.taken_on.append,
        )
        self.talk.acts.on_hand_over = hand_overs.hand_over
        self.company = Company(self.events.append, self.talk)

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def run(self, until: Callable[[], bool] | None = None) -> None:
        await self.company.prepare()
        self.company.on_answered("pcmu")
        pressed = False
        async with asyncio.timeout(60):
            while self.ending is None and not (until and until()):
                await asyncio.sleep(0)
                for _ in range(5):  # five times as fast as a telephone
                    self.company.next_frame()
                    self.company.on_frame(bytes(FRAME_BYTES))
                await asyncio.sleep(0.02)
                if self.of(TurnSpoken) and not pressed:
                    self.company.on_dtmf("7")
                    pressed = True
        self.talk.ended(0)
        await self.company.close()
        await registry.close()

    def _hang_up(self, reason: EndReason, detail: str) -> None:
        self.ending = reason


async def test_the_second_agent_knows_what_the_first_has_collected() -> None:
    office = Office(agt_second=SECOND)
    call = Call(FIRST, office)
    await call.run()
    assert call.ending is EndReason.AGENT_HUNG_UP
    assert [turn.text for turn in call.of(TurnSpoken)] == [
        "Hello. Order number?",
        "7",
        "Bookings. Your order is 7. Bye.",
    ]
    assert [turn.index for turn in call.of(TurnSpoken)] == [0, 1, 2]
    (event,) = call.of(HandedOver)
    assert (event.agent, event.agent_name, event.version) == ("agt_second", "second", 3)
    assert event.at_ms > 0
    assert call.taken_on == [AgentConfig.model_validate(SECOND)]
    assert call.talk.slots["order"] == "7"
    moves = [(move.node, move.came_from, move.by) for move in call.of(FlowMoved)]
    assert moves == [
        ("start", "", ""),
        ("on", "start", "keys"),
        ("start", "", ""),
        ("end", "start", "always"),
    ]
    assert call.limits
    assert call.limits[0] <= 30 * 60 + 1


async def test_an_agent_that_cannot_be_had_leaves_the_caller_with_the_first() -> None:
    failing = {**FIRST, "fallback_message": "Nobody can take it."}
    call = Call(failing, Office())
    await call.run()
    assert call.ending is EndReason.PROVIDER_FAILED
    assert call.of(HandedOver) == []
    (used,) = call.of(ToolUsed)
    assert used.result == "The other agent cannot take the call: There is no such agent."
    assert call.of(TurnSpoken)[-1].text == "Nobody can take it."


async def test_agents_that_send_a_caller_round_are_stopped() -> None:
    office = Office(agt_circle=CIRCLE)
    call = Call(CIRCLE, office)
    await call.run()
    assert call.ending is EndReason.PROVIDER_FAILED
    assert len(call.of(HandedOver)) == len(office.asked) == MOST_HAND_OVERS


async def test_a_transfer_to_an_agent_says_its_message_first_and_else_why_not() -> None:
    other = {"name": "other", "agent": "agt_second", "message": "One moment.", "on_failure": "They are out."}
    nodes = {
        "start": {"kind": "transfer", "target": "other", "failed_goto": "end"},
        "end": {"kind": "end", "say": "Bye."},
    }
    first = QUIET | {"flow": {"nodes": nodes}, "transfers": [other]}
    call = Call(first, Office(agt_second=SECOND))
    await call.run()
    said = [turn.text for turn in call.of(TurnSpoken) if turn.speaker == "agent"]
    assert said == ["One moment.", "Bookings. Your order is . Bye."]

    alone = Call(first, Office())
    await alone.run()
    said = [turn.text for turn in alone.of(TurnSpoken) if turn.speaker == "agent"]
    assert said == ["They are out. Bye."]
