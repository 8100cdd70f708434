"""Keys: turns of one or several, numbers that a function waits for, and what nobody gets to see of them."""

from __future__ import annotations

from typing import Any

from media_workers.contract.acts import ToolUsed
from media_workers.contract.events import Dtmf, SipMessage, TurnSpoken
from media_workers.contract.tools import CollectDigitsTool
from media_workers.conversation.agent_tools import AgentTools
from media_workers.conversation.backoffice import NoBackoffice
from media_workers.conversation.control import Collected, NoControl
from media_workers.conversation.secrecy import Secrecy
from media_workers.providers.base import TextDelta, ToolCall
from media_workers.providers.tools.offers import Offers
from media_workers.providers.tools.remote import Remote
from tests.media_workers.conversation.phone import Phone, config
from tests.media_workers.conversation.vendors import Thinker

PIN = {"type": "collect_digits", "name": "pin", "prompt": "Please type your PIN.", "timeout_ms": 4_000}
ASK = ToolCall("c1", "pin", "{}")


def turns(phone: Phone) -> list[str]:
    return [turn.text for turn in phone.of(TurnSpoken) if turn.dtmf]


def test_several_keys_make_one_turn_when_they_are_complete_ended_or_waited_for() -> None:
    rules = {"length": 4, "terminator": "#", "timeout_ms": 1_500}
    phone = Phone(agent=config(keys=rules), mind=Thinker({"1234": "One.", "56": "Two.", "7": "Three."}))
    for at, key in [
        (3000, "1"),
        (3300, "2"),
        (3600, "3"),
        (3900, "4"),
        (6000, "5"),
        (6300, "6"),
        (6600, "#"),
    ]:
        phone.presses(key, at=at)
    phone.presses("7", at=9_000)
    phone.call(13_000)
    assert turns(phone) == ["1234", "56", "7"]
    assert [d.digit for d in phone.of(Dtmf)] == ["1", "2", "3", "4", "5", "6", "#", "7"]
    assert phone.mind.asked == ["1234", "56", "7"]


def test_secret_keys_are_stars_for_everybody_but_the_model() -> None:
    rules = {"length": 4, "sensitive": True}
    phone = Phone(agent=config(keys=rules), mind=Thinker({"1234": "You typed 1 2 3 4."}))
    for at, key in [(3000, "1"), (3200, "2"), (3400, "3"), (3600, "4")]:
        phone.presses(key, at=at)
    phone.call(8_000)
    assert phone.mind.asked == ["1234"]
    assert turns(phone) == ["****"]
    assert {(d.digit, d.masked) for d in phone.of(Dtmf)} == {("*", True)}
    assert phone.secrecy.hiding is False


class Control(NoControl):
    """Asks the conversation of `phone`."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone

    async def collect_digits(self, tool: CollectDigitsTool) -> Collected:
        return await self.phone.talk.collect_digits(tool)


def asking(**fields: Any) -> Phone:
    """A phone whose agent asks for a PIN when it is greeted."""
    agent = config(tools=[PIN | fields])
    mind = Thinker({"hello there": [ASK, TextDelta("Thank you.")]})
    phone = Phone(agent=agent, mind=mind)
    tools = AgentTools(
        agent,
        variables={},
        remote=Remote(agent, {}, Offers(agent)),
        control=Control(phone),
        backoffice=NoBackoffice(),
        secrecy=phone.secrecy,
    )
    tools.memory = mind
    phone.tools = tools
    phone.says("hello there", at=1_000)
    return phone


def test_a_function_asks_for_a_number_and_gets_it() -> None:
    phone = asking()
    for at, key in [(5_000, "4"), (5_300, "7"), (5_600, "1"), (5_900, "1"), (6_200, "#")]:
        phone.presses(key, at=at)
    phone.call(10_000)
    assert phone.mind.slots == {"digits": "4711"}
    assert phone.mind.results == [("pin", "The caller has entered 4711")]
    assert turns(phone) == ["4711"]
    assert "Please type your PIN." in phone.texts()[-1] or any("PIN" in text for text in phone.texts())
    (used,) = phone.of(ToolUsed)
    assert (used.kind, used.trouble) == ("collect_digits", "")


def test_nothing_typed_and_too_little_typed_are_told() -> None:
    phone = asking(min_digits=4)
    phone.presses("4", at=5_000)
    phone.call(12_000)
    assert phone.mind.results == [("pin", "Error: the caller has typed 1 digits, and 4 are needed")]
    silent = asking()
    silent.call(12_000)
    assert silent.mind.results == [("pin", "Error: the caller has typed nothing")]


def test_a_secret_number_is_nowhere() -> None:
    phone = asking(sensitive=True, save_as="pin", max_digits=4)
    for at, key in [(5_000, "4"), (5_300, "7"), (5_600, "1"), (5_900, "1")]:
        phone.presses(key, at=at)
    phone.call(10_000)
    assert phone.mind.slots == {"pin": "4711"}, "other functions may use it"
    (result,) = phone.mind.results
    assert "4711" not in result[1]
    assert "{pin}" in result[1]
    assert turns(phone) == ["****"]
    masked = [phone.secrecy.masked(event) for event in phone.events]
    assert "4711" not in "".join(event.model_dump_json() for event in masked)
    assert phone.secrecy.mask("it is 4711, or 4 7 1 1, not 47110") == "it is ****, or * * * *, not 47110"
    assert phone.secrecy.hiding is False


def test_the_caller_is_hidden_while_a_secret_is_typed() -> None:
    phone = asking(sensitive=True)
    phone.says("what do you mean", at=4_200)
    phone.call(9_000)
    assert "caller: **** ** *** ****" in phone.texts()


def test_keys_in_sip_messages_are_masked_when_any_may_be_secret() -> None:
    secrecy = Secrecy()
    info = SipMessage(
        direction="in",
        peer="192.0.2.1:5060",
        transport="udp",
        first_line="INFO sip:agent@192.0.2.9 SIP/2.0",
        text="INFO sip:agent@192.0.2.9 SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\n"
        "Signal=5\r\nDuration=160\r\n",
    )
    assert secrecy.masked(info) is info
    secrecy.hides_keys = True
    assert secrecy.masked(info).text.endswith("Signal=*\r\nDuration=160\r\n")
    bare = info.model_copy(
        update={"text": info.text.replace("dtmf-relay", "dtmf").split("Signal")[0] + "5\r\n"}
    )
    assert secrecy.masked(bare).text.endswith("\r\n\r\n*\r\n")
