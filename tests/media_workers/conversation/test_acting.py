"""Several functions of one answer: side by side, told in their places, stopped with the turn or not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from media_workers.contract.acts import ToolUsed
from media_workers.contract.events import Trouble
from media_workers.conversation.tools import About, NoTools, Result
from media_workers.providers.base import TextDelta, ToolCall
from tests.media_workers.conversation.phone import Phone, config
from tests.media_workers.conversation.vendors import Thinker

SECONDS = {"quick": 0.2, "slow": 2.5, "book": 3.0, "pass_on": 1.0}
KINDS = {
    "book": About("http", firm=True),
    "pass_on": About("transfer", alone=True),
}


@dataclass
class Several(NoTools):
    """Each takes its time; `marks` says when one began and ended."""

    marks: list[str] = field(default_factory=list)

    def has(self, name: str) -> bool:
        return name in SECONDS

    def about(self, name: str) -> About:
        return KINDS.get(name, About("http"))

    async def run(self, call: ToolCall) -> Result:
        self.marks.append(f"{call.name} begins")
        try:
            await asyncio.sleep(SECONDS[call.name])
        except asyncio.CancelledError:
            self.marks.append(f"{call.name} is stopped")
            raise
        self.marks.append(f"{call.name} ends")
        return Result(f"{call.name} is done", over=call.name == "pass_on")


def calls(*names: str) -> list[ToolCall]:
    """Of one answer."""
    return [ToolCall(f"c{n}", name, "{}", more=n < len(names)) for n, name in enumerate(names, 1)]


def phone_of(*names: str, after: str = "That is that.") -> tuple[Phone, Several, Thinker]:
    tools = Several()
    mind = Thinker({"go on": [TextDelta("One moment. "), *calls(*names), TextDelta(after)]})
    phone = Phone(agent=config(), mind=mind, tools=tools)
    phone.says("go on", at=1_000)
    return phone, tools, mind


def test_functions_of_one_answer_run_side_by_side() -> None:
    phone, tools, mind = phone_of("slow", "quick", "nothing")
    phone.call(8_000)
    assert tools.marks == ["slow begins", "quick begins", "quick ends", "slow ends"]
    assert sorted(mind.results) == [
        ("nothing", "There is no function called nothing."),
        ("quick", "quick is done"),
        ("slow", "slow is done"),
    ]
    took = {used.name: used.took_ms for used in phone.of(ToolUsed)}
    assert took["slow"] - took["quick"] >= 1_500
    assert phone.texts()[-1] == "agent: One moment. That is that."


def test_what_acts_on_the_call_runs_in_its_place_and_may_end_the_answer() -> None:
    phone, tools, _ = phone_of("quick", "pass_on", "slow")
    phone.call(8_000)
    assert tools.marks == ["quick begins", "quick ends", "pass_on begins", "pass_on ends"]
    assert phone.texts()[-1] == "agent: One moment."
    assert [(used.name, used.kind) for used in phone.of(ToolUsed)] == [
        ("quick", "http"),
        ("pass_on", "transfer"),
    ]


def test_what_another_machine_may_have_done_already_goes_on_when_the_caller_cuts_in() -> None:
    phone, tools, mind = phone_of("book", "slow")
    phone.says("no wait", at=2_800)
    phone.call(9_000)
    assert tools.marks == ["book begins", "slow begins", "slow is stopped", "book ends"]
    assert mind.results == [("book", "book is done")]
    assert [used.name for used in phone.of(ToolUsed)] == ["book"]
    assert "caller: no wait" in phone.texts()
    assert phone.of(Trouble) == []


def test_a_flow_that_takes_its_node_up_again_waits_for_the_call_that_still_runs() -> None:
    phone, tools, mind = phone_of("book")
    mind.answers["no wait"] = [ToolCall("c1", "book", "{}"), TextDelta("It is booked.")]
    phone.says("no wait", at=2_800)
    phone.call(9_000)
    assert tools.marks == ["book begins", "book ends"]
    assert mind.results == [("book", "book is done")]
    assert [used.name for used in phone.of(ToolUsed)] == ["book"]
    assert phone.texts()[-1] == "agent: It is booked."
