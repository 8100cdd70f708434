"""The tools of docs/guides/integrations.md as they stand there: an agent takes them, and they work with
servers that answer as those services do."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from apps.agents.configuration import parse_config
from media_workers.contract.tools import HttpTool
from media_workers.providers import sharing
from media_workers.providers.tools import http
from media_workers.providers.tools.http import Around
from media_workers.providers.tools.outcome import Outcome
from media_workers.providers.tools.schema import faults
from media_workers.providers.tools.web import web
from tests.fakes.tool_server import Page, ToolServer
from tests.tenancy import SCRIPT

GUIDE = (Path(__file__).parents[3] / "docs/guides/integrations.md").read_text(encoding="utf-8")
TOOLS = {
    tool["name"]: tool for tool in map(json.loads, re.findall(r"^```json\n(.*?)^```", GUIDE, re.M | re.S))
}
SECRETS = {"slack": "xoxb-1", "n8n": "key-2", "hubspot": "pat-3"}
AROUND = Around({"from_number": "+12025550123"}, {"contact_id": "512"}, dict(SECRETS))


@pytest.fixture
async def server() -> AsyncIterator[ToolServer]:
    async with ToolServer() as server:
        yield server
    await sharing.close()


async def run(server: ToolServer, name: str, arguments: dict[str, object], *answers: Page) -> Outcome:
    """The tool with its host replaced, asked once."""
    server.answers = list(answers)
    parts = urlsplit(TOOLS[name]["url"])
    made = HttpTool.model_validate(TOOLS[name] | {"url": f"{server.url}{parts.path}"})
    return await http.run(web(public_only=False), made, arguments, AROUND)


def test_an_agent_is_saved_with_all_of_them() -> None:
    config = parse_config(SCRIPT | {"tools": list(TOOLS.values()), "secrets": SECRETS})
    assert [tool.name for tool in config.tools] == list(TOOLS)
    assert len(TOOLS) == 4


@pytest.mark.parametrize("name", TOOLS)
def test_nothing_but_what_the_service_takes_may_be_sent(name: str) -> None:
    assert faults(TOOLS[name]["parameters"], {})
    assert all(tool["description"] for tool in TOOLS.values())


async def test_slack_gets_the_message(server: ToolServer) -> None:
    told = {"channel": "C0123456789", "text": "+12025550123 asks for the kitchen, today."}
    assert faults(TOOLS["tell_the_team"]["parameters"], told) == []
    assert faults(TOOLS["tell_the_team"]["parameters"], told | {"channel": "C0000000000"})
    outcome = await run(
        server, "tell_the_team", told, Page({"ok": True, "channel": "C0123456789", "ts": "1503435956.000247"})
    )
    (asked,) = server.asked
    assert (asked.method, asked.target) == ("POST", "/api/chat.postMessage")
    assert asked.json == told
    assert asked.headers["authorization"] == "Bearer xoxb-1"
    assert asked.headers["content-type"].startswith("application/json")
    assert (outcome.trouble, outcome.saved) == (
        "",
        {"slack_ok": "true", "slack_message": "1503435956.000247"},
    )


async def test_slack_says_no_with_200(server: ToolServer) -> None:
    told = {"channel": "C0123456789", "text": "Hello."}
    outcome = await run(server, "tell_the_team", told, Page({"ok": False, "error": "not_in_channel"}))
    assert "not_in_channel" in outcome.text
    assert outcome.saved["slack_ok"] == "false"


async def test_the_sheet_gets_a_row(server: ToolServer) -> None:
    row = {"product": "Rye bread", "pieces": 3, "delivery": "2026-01-07"}
    assert faults(TOOLS["note_the_order"]["parameters"], row) == []
    outcome = await run(server, "note_the_order", row, Page({"product": "Rye bread", "row_number": 12}))
    (asked,) = server.asked
    assert (asked.target, asked.json) == ("/webhook/orders", row)
    assert (asked.headers["x-key"], asked.headers["x-caller"]) == ("key-2", "+12025550123")
    assert asked.headers["idempotency-key"]
    assert outcome.trouble == ""


async def test_what_the_guide_says_of_apps_script_is_so(server: ToolServer) -> None:
    """It answers with a redirect to where its answer is; the agent is told that this is not followed."""
    moved = Page(status=302, headers={"Location": "https://script.googleusercontent.com/macros/echo"})
    outcome = await run(server, "note_the_order", {"product": "Rye bread", "pieces": 3}, moved)
    assert outcome.trouble == "the server answered 302: it has moved, which is not followed"
    assert len(server.asked) == 1


async def test_the_crm_is_asked_who_calls(server: ToolServer) -> None:
    wanted: dict[str, Any] = {"query": "+12025550123", "properties": ["firstname", "email"], "limit": 1}
    assert faults(TOOLS["find_contact"]["parameters"], wanted) == []
    found = {"total": 1, "results": [{"id": "512", "properties": {"firstname": "Ada", "email": None}}]}
    outcome = await run(server, "find_contact", wanted, Page(found))
    (asked,) = server.asked
    assert (asked.target, asked.json) == ("/crm/v3/objects/contacts/search", wanted)
    assert asked.headers["authorization"] == "Bearer pat-3"
    assert outcome.saved == {"contact_id": "512", "first_name": "Ada"}


async def test_the_crm_knows_nobody(server: ToolServer) -> None:
    wanted: dict[str, Any] = {"query": "+12025550123", "properties": ["email"], "limit": 1}
    outcome = await run(server, "find_contact", wanted, Page({"total": 0, "results": []}))
    assert (outcome.trouble, outcome.saved) == ("", {})


async def test_the_contact_that_was_found_is_changed(server: ToolServer) -> None:
    change: dict[str, Any] = {"properties": {"email": "ada@example.com"}}
    assert faults(TOOLS["update_contact"]["parameters"], change) == []
    assert faults(TOOLS["update_contact"]["parameters"], {"properties": {"vip": "yes"}})
    outcome = await run(
        server, "update_contact", change, Page({"id": "512", "properties": {"email": "ada@example.com"}})
    )
    (asked,) = server.asked
    assert (asked.method, asked.target, asked.json) == ("PATCH", "/crm/v3/objects/contacts/512", change)
    assert outcome.saved == {"email": "ada@example.com"}


async def test_a_conflict_is_told_in_the_services_words(server: ToolServer) -> None:
    words = "Contact already exists. Existing ID: 600"
    said = Page({"status": "error", "message": words}, status=409)
    outcome = await run(server, "update_contact", {"properties": {"email": "ada@example.com"}}, said)
    assert words in outcome.text
    assert outcome.trouble == "the server answered 409"
