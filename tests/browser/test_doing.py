"""What agents do, as people make it: a tool, documents, a flow, tests before publishing, a hand in a call."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.product import Person, Product
from tests.browser.walking import choose, told
from tests.fakes.tool_server import Page as Answer
from tests.fakes.tool_server import ToolServer
from tests.journeys import agents

NUMBER, SILENT = "+12025556031", "+12025550105"
HOME = "/t/doers"
LEAFLET = """# Returns
You may return what you bought within thirty days. Bring the receipt.

# Deliveries
We deliver on Tuesdays and Fridays.
"""


@pytest.fixture(scope="module")
def doer(product: Product) -> Person:
    return product.person("doer", tenant="doers")


@contextlib.contextmanager
def shop(*answers: Answer) -> Iterator[ToolServer]:
    """The tenant's own server, in a thread: the browser's driver has the loop of this one."""
    loop, server = asyncio.new_event_loop(), ToolServer(*answers)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(30)
        yield server
        asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _agent(doer: Person, name: str) -> str:
    """The address of a new agent's page; nothing of it is published."""
    return f"{HOME}/agents/{doer.api.agent(name, agents.reception(), publish=False)}"


def _section(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Sections").get_by_role("button", name=name, exact=True).click()


def test_a_tool_is_made_and_tried(doer: Person, open_page: Callable[..., Page]) -> None:
    page = open_page(_agent(doer, "With a tool"), doer)
    _section(page, "Tools")
    page.get_by_role("button", name="HTTP request").click()
    drawer = page.get_by_role("dialog", name=re.compile("^HTTP request"))
    drawer.get_by_role("textbox", name="Name", exact=True).fill("order_status")
    drawer.get_by_role("textbox", name="When to use it").fill("Where an order is.")
    choose(drawer.get_by_role("combobox", name="Method"), "GET")
    drawer.get_by_role("button", name="Keep a value").click()
    drawer.get_by_role("textbox", name="Name of value 1").fill("status")
    drawer.get_by_role("textbox", name="Path of value 1").fill("order.status")
    with shop(Answer({"order": {"status": "on its way"}})) as server:
        drawer.get_by_role("textbox", name="Address").fill(f"{server.url}/orders/17")
        tried = drawer.get_by_role("region", name="Try it")
        tried.get_by_role("button", name="Run", exact=True).click()
        expect(tried.get_by_text("Worked", exact=True)).to_be_visible()
        assert [(asked.method, asked.target) for asked in server.asked] == [("GET", "/orders/17")]
    expect(tried.get_by_text("HTTP 200")).to_be_visible()
    expect(tried.get_by_role("definition").get_by_text("on its way", exact=True)).to_be_visible()
    tried.get_by_role("button", name="Run again").click()
    expect(tried.get_by_text("Did not work", exact=True)).to_be_visible()
    drawer.get_by_role("button", name="Back to the list").click()
    page.get_by_role("button", name="Save", exact=True).click()
    told(page, "Draft saved.")
    page.reload()
    _section(page, "Tools")
    expect(page.get_by_role("button", name="Edit the tool order_status")).to_be_visible()


def test_a_document_is_uploaded_and_found(doer: Person, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{HOME}/knowledge", doer)
    page.get_by_role("button", name="New knowledge base").click()
    form = page.get_by_role("dialog", name="New knowledge base")
    form.get_by_role("textbox", name="Name", exact=True).fill("Leaflets")
    form.get_by_role("button", name="Create", exact=True).click()
    page.wait_for_url(re.compile("/knowledge/kb_"))
    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="Choose files").click()
    leaflet = {"name": "leaflet.md", "mimeType": "text/markdown", "buffer": LEAFLET.encode()}
    choosing.value.set_files(leaflet)  # type: ignore[arg-type]
    row = page.get_by_role("row").filter(has_text="leaflet")
    expect(row).to_contain_text("Ready")
    page.get_by_role("textbox", name="Question").fill("Which days do you deliver?")
    page.get_by_role("button", name="Search", exact=True).click()
    found = page.get_by_role("region", name="What would an agent find?").get_by_role("listitem")
    expect(found.first).to_contain_text("Tuesdays and Fridays")
    expect(found.first.locator("mark").first).to_be_visible()
    found.first.get_by_role("link").click()
    expect(page.get_by_role("region", name="2 pieces")).to_contain_text("within thirty days")


def test_a_step_without_a_way_on_is_marked(doer: Person, open_page: Callable[..., Page]) -> None:
    wish = agents.reception(model={"provider": "script", "nodes": {"start": {}}})
    made = doer.api.agent("With a flow", wish, publish=False)
    page = open_page(f"{HOME}/agents/{made}", doer)
    _section(page, "Flow")
    page.get_by_role("button", name="Make a flow").click()
    canvas = page.locator(".react-flow")
    script = canvas.get_by_role("group", name=re.compile("^Script step: start"))
    expect(script).to_be_visible()
    _add_step(page, "Say")
    say, end = (canvas.get_by_role("group", name=re.compile(f"^{kind}: ")) for kind in ("Say", "End"))
    page.get_by_role("textbox", name="The agent says").fill("We are closed.")
    page.get_by_role("button", name="Begin here").click()
    script.click()
    page.get_by_role("button", name="Remove step").click()
    mark = say.get_by_label(re.compile("fault"))
    expect(mark).to_be_visible()
    _add_step(page, "End")
    page.get_by_role("textbox", name="Last words").fill("Goodbye.")
    page.get_by_role("button", name="Show all").click()
    way = canvas.get_by_role("group", name=re.compile("^From say to end"))
    expect(way).to_have_count(0)
    out, into = "Drag from here to the next step", "The way into this step"
    _drag(page, say.get_by_title(out), end.get_by_title(into))
    expect(way).to_have_count(1)
    expect(mark).to_have_count(0)
    expect(page.get_by_text("No faults.")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    told(page, "Draft saved.")


def _add_step(page: Page, kind: str) -> None:
    page.get_by_role("button", name="Add a step").click()
    page.get_by_role("menuitem", name=re.compile(f"^{kind}")).click()


def _drag(page: Page, start: Locator, end: Locator) -> None:
    start.hover()
    page.mouse.down()
    end.hover(force=True)
    # The second move is what tells the canvas whereto.
    end.hover(force=True, position={"x": 5, "y": 5})
    page.mouse.up()


def test_a_broken_draft_does_not_pass_its_tests(doer: Person, open_page: Callable[..., Page]) -> None:
    page = open_page(_agent(doer, "With tests"), doer)
    page.get_by_role("tab", name="Tests").click()
    page.get_by_role("button", name="New suite").click()
    form = page.get_by_role("dialog", name="New suite")
    form.get_by_role("textbox", name="Name of the suite").fill("Hours")
    form.get_by_role("button", name="Create").click()
    page.get_by_role("button", name="Add a case").click()
    page.get_by_role("textbox", name="Words of line 1").fill("What are your opening hours?")
    must = page.get_by_role("group", name="Assertion 1")
    expect(must).to_contain_text("The agent says")
    must.get_by_role("textbox", name="Words", exact=True).fill("nine to five")
    page.get_by_role("switch", name="Guards publishing").check(force=True)
    page.get_by_role("button", name="Save and run").click()
    expect(page.get_by_text("1 of 1 passed")).to_be_visible()
    page.get_by_role("tab", name="Draft").click()
    _section(page, "Model")
    reply = page.get_by_role("textbox", name="The agent replies").first
    reply.fill("We are closed.")
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog", name=re.compile("^Publish"))
    dialog.get_by_role("button", name="Publish", exact=True).click()
    stopped = dialog.get_by_role("alert")
    expect(stopped).to_contain_text("Mend the draft or the test")
    expect(dialog).to_contain_text("0 of 1 passed")
    dialog.get_by_role("button", name="See the report").click()
    expect(page.get_by_text("1 assertion failed")).to_be_visible()
    expect(page.get_by_text("Not published")).to_be_visible()


def test_a_hand_in_a_running_call(doer: Person, open_page: Callable[..., Page]) -> None:
    patient = agents.reminder(silence={"prompt_after_ms": 60_000, "prompts": ["Hello?"]})
    waits = doer.api.agent("Waits", patient)
    doer.api.post("/numbers", {"carrier": "sandbox", "e164": NUMBER, "agent": waits})
    wish = {"from_number": NUMBER, "agent": waits, "to_number": SILENT}
    page = open_page(f"{HOME}/calls/{doer.api.post('/calls', wish)['id']}", doer)
    page.get_by_role("button", name="Say something").click()
    _tell(page, "Say something", "What the agent says next", "Say it", "We are nearly there.")
    told(page, "The agent will say it.")
    expect(page.get_by_role("log").get_by_text("We are nearly there.")).to_be_visible()
    _more(page, "Silence the agent")
    expect(page.get_by_text("Agent silenced").first).to_be_visible()
    _more(page, "Let the agent speak")
    told(page, "The agent speaks again.")
    page.get_by_role("button", name="Whisper").click()
    _tell(page, "Whisper", "What the agent is to know", "Whisper", "The caller is in a hurry.")
    told(page, "The agent was told.")
    page.get_by_role("button", name="End the call").click()
    page.get_by_role("dialog").get_by_role("button", name="End the call").click()
    expect(page.get_by_text("The call was ended from the API.")).to_be_visible()


def _tell(page: Page, title: str, label: str, button: str, words: str) -> None:
    dialog = page.get_by_role("dialog", name=title)
    dialog.get_by_role("textbox", name=label).fill(words)
    dialog.get_by_role("button", name=button, exact=True).click()
    expect(dialog).to_have_count(0)


def _more(page: Page, act: str) -> None:
    page.get_by_role("button", name="More that can be done to this call").click()
    page.get_by_role("menuitem", name=act).click()
