"""An agent's tools by their types: who does them, and what the model is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from media_workers.contract.agent import AgentConfig
from media_workers.contract.requests import Done
from media_workers.contract.transfers import TransferTarget
from media_workers.conversation import tools as functions
from media_workers.conversation.agent_tools import AgentTools
from media_workers.conversation.backoffice import NoBackoffice
from media_workers.conversation.control import Deed, NoControl
from media_workers.conversation.secrecy import Secrecy
from media_workers.conversation.tools import Result
from media_workers.providers import sharing
from media_workers.providers.base import HAND_OVER_CALL, TRANSFER_CALL, ToolCall
from media_workers.providers.tools.offers import Offers
from media_workers.providers.tools.remote import Remote
from tests.fakes.tool_server import Page, ToolServer

TRANSFERS = [
    {"name": "sales", "number": "+12025550120", "description": "Wants to buy."},
    {"name": "helper", "agent": "agt_1"},
]
TOKEN = "tok-of-the-crm"


class Control(NoControl):
    def __init__(self) -> None:
        self.done: list[str] = []

    async def transfer(self, target: TransferTarget) -> Deed:
        self.done.append(f"transfer {target.name}")
        return Deed(True, "They talk to each other.", over=True)

    async def hand_over(self, target: TransferTarget) -> Deed:
        self.done.append(f"hand over {target.agent}")
        return Deed(False, "Nobody is there.")

    async def send_digits(self, digits: str) -> Deed:
        self.done.append(f"press {digits}")
        return Deed(True, "Pressed.")


class Office(NoBackoffice):
    def __init__(self) -> None:
        self.asked: list[str] = []

    async def callback(self, at: datetime, note: str) -> Done:
        self.asked.append(f"callback {note}")
        return Done(ok=True, words="Called back.", kind="callback")

    async def message(self, text: str) -> Done:
        self.asked.append(f"message {text}")
        return Done(ok=False, words="The number cannot send messages.", kind="message")

    async def do_not_call(self) -> Done:
        self.asked.append("do not call")
        return Done(ok=True, words="It is on the list.", kind="do_not_call")


class Bench:
    def __init__(self, *tools: dict[str, Any], **fields: Any) -> None:
        config = AgentConfig.model_validate(
            {
                "model": {"provider": "script", "nodes": {"start": {}}},
                "tools": list(tools),
                "transfers": TRANSFERS,
                "secrets": {"crm": TOKEN},
                **fields,
            }
        )
        self.offers = Offers(config)
        self.control, self.office, self.secrecy = Control(), Office(), Secrecy()
        self.secrecy.keep_secrets(config.secrets)
        self.tools = AgentTools(
            config,
            variables={"name": "Ada"},
            remote=Remote(config, {"name": "Ada"}, self.offers, public_only=False),
            control=self.control,
            backoffice=self.office,
            secrecy=self.secrecy,
        )

    async def run(self, name: str, **arguments: object) -> Result:
        assert self.tools.has(name)
        return await functions.run(self.tools, ToolCall("c1", name, json.dumps(arguments)))


@pytest.fixture(autouse=True)
async def _closed() -> AsyncIterator[None]:
    yield
    await sharing.close()


async def test_the_model_transfers_only_where_it_may() -> None:
    bench = Bench({"type": "transfer", "targets": ["sales"]})
    (offer,) = bench.offers
    assert "sales: Wants to buy." in offer.description
    assert "helper" not in json.dumps(offer.parameters)
    assert await bench.run("transfer_call", target="sales") == Result("They talk to each other.", over=True)
    refused = await bench.run("transfer_call", target="helper")
    assert refused.text == "Error: there is no target 'helper'; choose one of: sales."
    assert bench.control.done == ["transfer sales"]


async def test_a_flow_transfers_and_hands_over_without_a_tool_for_it() -> None:
    bench = Bench()
    assert list(bench.offers) == []
    assert (await bench.run(TRANSFER_CALL, target="helper")).trouble == "Nobody is there."
    await bench.run(HAND_OVER_CALL, agent="agt_2")
    assert bench.control.done == ["hand over agt_1", "hand over agt_2"]


async def test_callbacks_and_messages() -> None:
    sms = {"type": "send_sms", "text": "Hello {{name}}, your code is {code}."}
    bench = Bench({"type": "schedule_callback"}, sms)
    bench.tools.memory.keep("code", "77")
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    assert (await bench.run("schedule_callback", at=later, note="shoes")).text == "Called back."
    for at in ("tomorrow", "2030-01-01T10:00:00", "2001-01-01T10:00:00+00:00"):
        assert "`at`" in (await bench.run("schedule_callback", at=at)).trouble
    assert (await bench.run("send_sms")).trouble == "The number cannot send messages."
    assert bench.office.asked == ["callback shoes", "message Hello Ada, your code is 77."]


async def test_the_other_side_is_not_to_be_called_again() -> None:
    bench = Bench({"type": "do_not_call"})
    (offer,) = bench.offers
    assert offer.name == "do_not_call"
    assert (await bench.run("do_not_call")).text == "It is on the list."
    assert bench.office.asked == ["do not call"]


async def test_nothing_secret_is_written_into_a_message_or_a_note() -> None:
    bench = Bench({"type": "schedule_callback"}, {"type": "send_sms", "text": "Your card {card}."})
    bench.secrecy.keep("card", "4111222233334444")
    bench.tools.memory.keep("card", "4111222233334444")
    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    await bench.run("schedule_callback", at=later, note="pays by 4111 2222 3333 4444")
    await bench.run("send_sms")
    assert bench.office.asked == ["callback pays by **** **** **** ****", f"message Your card {'*' * 16}."]


async def test_a_secret_slot_is_used_and_never_shown() -> None:
    async with ToolServer(Page({"you_sent": "4711", "key": TOKEN, "name": "Ada"})) as server:
        check = {
            "type": "http",
            "name": "check",
            "url": server.url,
            "headers": {"X-Key": "{{secret.crm}}"},
            "save": {"who": "name"},
            "parameters": {"type": "object", "properties": {"pin": {"type": "string", "maxLength": 5}}},
        }
        bench = Bench(check, {"type": "send_digits"})
        bench.tools.memory.keep("pin", "4711")
        bench.secrecy.keep("pin", "4711")
        result = await bench.run("check", pin="{pin}")
    assert server.asked[0].json == {"pin": "4711"}
    assert result.text == '{"you_sent": "****", "key": "[secret]", "name": "Ada"}'
    assert bench.tools.memory.slots["who"] == "Ada"
    await bench.run("send_digits", digits="{pin}#")
    assert bench.control.done == ["press 4711#"]


async def test_tools_that_are_slow_fail_or_give_garbage() -> None:
    garbage = Page("\x00\x01", type="application/json")
    pages = [Page({}, after_s=30), Page("down", 503), garbage, Page(vanish=True)]
    async with ToolServer(*pages) as server:
        bench = Bench({"type": "http", "name": "crm", "url": server.url, "timeout_ms": 500})
        told = [(await bench.run("crm")).trouble for _ in pages]
    assert told == [
        "the server did not answer within 0.5 s",
        "the server answered 503",
        "the server answered with application/json, which cannot be read",
        "the connection to the server broke",
    ]


async def test_garbage_from_the_model_is_told() -> None:
    bench = Bench({"type": "send_digits"})
    call = ToolCall("c1", "send_digits", "[1, 2")
    assert "no JSON object" in (await functions.run(bench.tools, call)).text
    await asyncio.sleep(0)
    assert bench.control.done == []
