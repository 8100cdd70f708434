"""What pages show only after a click: sections of an agent, its other tabs, drawers, dialogs, a running call.

In both colour schemes and at both widths, as `test_every_page` does it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from config.local.environment import BASE_DIR
from tests.browser.looking import look
from tests.browser.product import Person, Product
from tests.browser.walking import choose
from tests.journeys import agents
from tests.sip.wait import until

NUMBER, SILENT = "+12025556021", "+12025550105"
DEMO = BASE_DIR / "platform" / "config" / "demo"
CASE = {
    "name": "Takes leave",
    "over": "text",
    "caller": {"kind": "script", "steps": [{"do": "say", "text": "Goodbye"}]},
    "assertions": [{"kind": "said", "text": "Goodbye"}, {"kind": "tool_not_called", "tool": "order_status"}],
}


@dataclass(frozen=True)
class Desk:
    """A tenant whose agent does all that agents can do: flow, tools, transfers, documents, tests."""

    owner: Person
    agent: str
    waiting: str
    base: str
    document: str

    @property
    def page(self) -> str:
        return f"/t/desk/agents/{self.agent}"


@pytest.fixture(scope="module")
def desk(product: Product) -> Desk:
    owner = product.person("desk", tenant="desk")
    api = owner.api
    waiting = api.agent("Waits", agents.reminder(silence={"prompt_after_ms": 60_000, "prompts": ["Hello?"]}))
    api.post("/numbers", {"carrier": "sandbox", "e164": NUMBER, "agent": waiting})
    base = api.post("/knowledge-bases", {"name": "Leaflets", "description": "What lies at the counter"})["id"]
    text = {"title": "Leaflet", "text": (DEMO / "leaflet.md").read_text(encoding="utf-8")}
    document = api.post(f"/knowledge-bases/{base}/documents", text)["id"]
    agent = api.agent("Desk", _config(base))
    api.http.patch(f"/agents/{agent}", json={"config": _config(base, say="Good evening, this is the store.")})
    api.post(f"/agents/{agent}/publish", {"note": "Another greeting"})
    suite = api.post(f"/agents/{agent}/suites", {"name": "Before opening", "gate": False, "cases": [CASE]})
    run = api.post(f"/suites/{suite['id']}/runs", {"source": "draft"})["id"]
    until(lambda: api.get(f"/suite-runs/{run}")["state"] != "running", "the suite has run", every_s=0.6)
    shelf = f"/knowledge-bases/{base}/documents/{document}"
    until(lambda: api.get(shelf)["state"] == "ready", "the document has been read", every_s=0.6)
    return Desk(owner, agent, waiting, str(base), str(document))


def _config(base: str, **start: str) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((DEMO / "desk.json").read_text(encoding="utf-8"))
    config["flow"]["nodes"]["menu"] |= start
    config["knowledge"]["bases"] = [base]
    config["secrets"] = {"shop_key": "secret-key"}
    config["prefetch"] = [{"url": "http://127.0.0.1:1/callers", "take": {"name": "name"}}]
    config["languages"] = [{"language": "en-GB", "voice": {"provider": "flite", "voice": "awb"}}]
    config["variables"] = {"name": "friend"}
    config["voicemail"] = {"action": "leave_message", "message": "Please call back.", "navigate": True}
    return config


SECTIONS = (
    "Flow",
    "Tools",
    "Before the call",
    "Transfers",
    "Knowledge",
    "Languages",
    "Keys",
    "Answering machines",
)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_of_an_agent(section: str, desk: Desk, open_page: Callable[..., Page]) -> None:
    page = open_page(desk.page, desk.owner)
    _section(page, section)
    look(page, f"agent-{section.lower().replace(' ', '-')}")


def _section(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Sections").get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=2, name=name, exact=True)).to_be_visible()
    page.wait_for_load_state("networkidle")


def test_a_flow_as_a_list(desk: Desk, open_page: Callable[..., Page]) -> None:
    page = open_page(desk.page, desk.owner)
    _section(page, "Flow")
    page.get_by_role("radiogroup", name="View of the flow").get_by_text("List", exact=True).click()
    steps = page.get_by_role("navigation", name="Flow")
    steps.get_by_role("button", name=re.compile("Order number")).click()
    expect(page.get_by_role("textbox", name="The agent asks")).to_be_visible()
    look(page, "agent-flow-list")


@pytest.mark.parametrize(
    ("section", "button", "field"),
    [
        ("Tools", "Edit the tool order_status", "When to use it"),
        ("Transfers", "Edit the target colleague", "When to transfer there"),
    ],
)
def test_a_drawer_of_an_agent(
    section: str, button: str, field: str, desk: Desk, open_page: Callable[..., Page]
) -> None:
    page = open_page(desk.page, desk.owner)
    _section(page, section)
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("dialog").get_by_role("textbox", name=field)).to_be_visible()
    look(page, f"agent-{section.lower()}-drawer")


def test_versions_and_what_they_differ_in(desk: Desk, open_page: Callable[..., Page]) -> None:
    page = open_page(desk.page, desk.owner)
    page.get_by_role("tab", name="Versions").click()
    expect(page.get_by_role("slider")).to_be_visible()
    page.wait_for_load_state("networkidle")
    look(page, "agent-versions")
    page.get_by_role("button", name="Compare").first.click()
    expect(page.get_by_role("dialog").locator("ins").first).to_be_visible()
    look(page, "agent-versions-difference")


def test_tests_of_an_agent(desk: Desk, open_page: Callable[..., Page]) -> None:
    page = open_page(desk.page, desk.owner)
    page.get_by_role("tab", name="Tests").click()
    suite = page.get_by_role("button", name="Before opening")
    expect(suite).to_be_visible()
    look(page, "agent-suites")
    suite.click()
    expect(page.get_by_role("textbox", name="Name of the case")).to_be_visible()
    look(page, "agent-suite")
    page.get_by_text("Runs", exact=True).click()
    page.get_by_role("button", name=re.compile("Report of the run")).click()
    expect(page.get_by_text("Takes leave")).to_be_visible()
    look(page, "agent-suite-report")


def test_a_knowledge_base(desk: Desk, open_page: Callable[..., Page]) -> None:
    page = open_page("/t/desk/knowledge", desk.owner)
    expect(page.get_by_role("link", name="Leaflets")).to_be_visible()
    look(page, "knowledge")
    page.get_by_role("button", name="New knowledge base").click()
    form = page.get_by_role("dialog", name="New knowledge base")
    choose(form.get_by_role("combobox", name="Search by meaning"), "OpenAI")
    look(page, "knowledge-new")
    page.goto(f"/t/desk/knowledge/{desk.base}")
    page.get_by_role("textbox", name="Question").fill("return")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("mark").first).to_be_visible()
    look(page, "knowledge-base")
    page.goto(f"/t/desk/knowledge/{desk.base}/documents/{desk.document}")
    expect(page.get_by_role("heading", level=1, name="Leaflet")).to_be_visible()
    page.wait_for_load_state("networkidle")
    look(page, "knowledge-document")


def test_a_running_call_and_what_can_be_done_to_it(desk: Desk, open_page: Callable[..., Page]) -> None:
    wish = {"from_number": NUMBER, "agent": desk.waiting, "to_number": SILENT}
    call = str(desk.owner.api.post("/calls", wish)["id"])
    page = open_page("/t/desk/calls/live", desk.owner)
    expect(page.get_by_role("button", name="Say something")).to_be_visible()
    look(page, "live-call")
    page.get_by_role("button", name="More that can be done to this call").click()
    page.get_by_role("menuitem", name="Transfer").click()
    expect(page.get_by_role("dialog", name="Transfer")).to_be_visible()
    look(page, "live-call-transfer")
    desk.owner.api.post(f"/calls/{call}/hangup", {"reason": ""})
