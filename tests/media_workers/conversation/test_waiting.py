"""What the caller hears while a function runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from media_workers.audio import ambience
from media_workers.contract.acts import ToolUsed
from media_workers.conversation.tools import NoTools
from media_workers.providers.base import TextDelta, ToolCall
from tests.media_workers.conversation.phone import Phone, config
from tests.media_workers.conversation.vendors import Thinker

LOOK_UP = ToolCall("c1", "look_up", "{}")
ANSWER = [TextDelta("Let me see. "), LOOK_UP, TextDelta("It is there.")]


@dataclass
class Slow(NoTools):
    """Functions that take their time."""

    seconds: float = 5.0
    ran: list[str] = field(default_factory=list)

    def has(self, name: str) -> bool:
        return name == "look_up"

    async def run(self, call: ToolCall) -> str:
        self.ran.append(call.name)
        await asyncio.sleep(self.seconds)
        return "found"


def phone_of(answer: list[Any], seconds: float = 5.0, **changes: Any) -> Phone:
    phone = Phone(agent=config(**changes), mind=Thinker({"where is it": answer}), tools=Slow(seconds))
    phone.says("where is it", at=1000)
    return phone


FILLERS = {"phrases": ["One moment please.", "Still looking."], "after_ms": 1_000}


def test_a_long_wait_is_filled_with_the_phrases_in_turn() -> None:
    phone = phone_of(ANSWER, fillers=FILLERS)
    phone.call(12_000)
    assert phone.texts()[1:] == [
        "caller: where is it",
        "agent: Let me see. One moment please. Still looking. It is there.",
    ]
    assert phone.mouth.spoken[1:] == ["Let me see.", "One moment please.", "Still looking.", "It is there."]
    # Each after a second in which nothing was said.
    begin = phone.spoke()[1:]
    assert 1_000 <= begin[1][0] - begin[0][1] <= 1_200
    assert 1_000 <= begin[2][0] - begin[1][1] <= 1_200
    (used,) = phone.of(ToolUsed)
    assert used.took_ms == 5_000


def test_a_short_wait_is_not_filled() -> None:
    phone = phone_of(ANSWER, seconds=1.2, fillers=FILLERS)
    phone.call(8_000)
    assert phone.texts()[-1] == "agent: Let me see. It is there."


def test_a_function_that_runs_before_anything_was_said_is_filled_too() -> None:
    phone = phone_of([LOOK_UP, TextDelta("It is there.")], fillers=FILLERS)
    phone.call(12_000)
    assert phone.texts()[-1] == "agent: One moment please. Still looking. It is there."


def test_every_wait_goes_on_in_the_list() -> None:
    phone = phone_of(ANSWER, seconds=2.5, fillers=FILLERS)
    phone.says("where is it", at=8_000)
    phone.call(14_000)
    assert phone.texts()[2] == "agent: Let me see. One moment please. It is there."
    assert phone.texts()[4] == "agent: Let me see. Still looking. It is there."


def test_who_goes_on_while_a_function_runs_does_not_undo_it() -> None:
    phone = phone_of([LOOK_UP, TextDelta("It is there.")], seconds=2.0)
    phone.says("hello", at=3_000)
    phone.call(9_000)
    assert phone.tools is not None
    assert phone.texts()[1] == "caller: where is it"
    assert phone.mind.kept[0] == "where is it"


def test_typing_is_heard_while_a_function_runs_and_nobody_speaks() -> None:
    phone = phone_of([LOOK_UP, TextDelta("It is there.")], seconds=2.0, sounds={"thinking": "typing"})
    phone.call(8_000)
    typed = set(ambience.thinking("typing"))
    times = [at for at, frame in phone.sent if frame in typed]
    # The function runs from 2070 (silence of 400 ms and 150 ms of the model's, side by side) for 2 s.
    assert 1_900 <= times[0] <= 2_200
    assert 3_900 <= times[-1] <= 4_200
    assert len(times) >= 95


def test_no_filler_is_said_into_a_hold() -> None:
    phone = phone_of(ANSWER, seconds=4.0, fillers=FILLERS)
    phone.holds(2_600, 6_500)
    phone.call(12_000)
    assert phone.texts()[-1] == "agent: Let me see. It is there."
