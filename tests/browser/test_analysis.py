"""What is known, noted, shared and taken out of a call after it, found again by its words, and read anew."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.looking import look
from tests.browser.product import Person, Product
from tests.browser.walking import choose, confirm, told
from tests.journeys import agents
from tests.sip.wait import until

NUMBER, TALKS = "+12025556071", "+12025550101"
FIELDS = [
    {
        "name": "coming",
        "type": "boolean",
        "required": True,
        "slot": "coming",
        "description": "They will come",
    },
    {"name": "reason", "required": True, "description": "Why somebody stays away"},
]
ANALYSIS = {
    "criteria": [{"name": "The visit stands", "field": "coming", "equals": ["yes"]}],
    "topics": [{"name": "Visit", "phrases": ["your visit"]}],
    "compliance": [{"name": "Says who calls", "phrases": ["dental practice"], "within_turns": 1}],
}


@dataclass(frozen=True)
class Practice:
    """An agent that asks whether somebody comes, and two calls in which they said yes."""

    owner: Person
    agent: str
    call: str
    other: str

    @property
    def page(self) -> str:
        return f"/t/practice/calls/{self.call}"


@pytest.fixture(scope="module")
def practice(product: Product) -> Practice:
    owner = product.person("receptionist", tenant="practice")
    api = owner.api
    agent = api.agent("Reminder", agents.reminder(extraction=FIELDS, analysis=ANALYSIS))
    api.post("/numbers", {"carrier": "sandbox", "e164": NUMBER, "agent": agent})
    wish = {"from_number": NUMBER, "agent": agent, "to_number": TALKS}
    call, other = (str(api.post("/calls", wish)["id"]) for _ in range(2))
    for one in (call, other):
        api.ended(one)
        until(lambda one=one: api.call(one)["recording"], "the recording is stored", every_s=0.6)
        analysis = f"/calls/{one}/analysis"
        until(lambda path=analysis: api.get(path)["state"] == "done", "the call is analyzed", every_s=0.6)
    return Practice(owner, agent, call, other)


def _part(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def test_a_value_leads_to_the_words_it_came_from(practice: Practice, open_page: Callable[..., Page]) -> None:
    page = open_page(practice.page, practice.owner)
    analysis = _part(page, "Analysis")
    expect(analysis.get_by_text("Success", exact=True)).to_be_visible()
    expect(analysis.get_by_text("Visit", exact=True)).to_be_visible()
    expect(analysis.get_by_text(re.compile("^Incomplete"))).to_be_visible()
    expect(analysis.get_by_text(re.compile("The visit stands – Met"))).to_be_visible()
    analysis.get_by_role("button", name=re.compile("show where this was said")).first.click()
    expect(page.locator("li[data-sought] mark")).to_have_text(re.compile("yes", re.IGNORECASE))
    look(page, "call-analysis")
    analysis.get_by_role("button", name="Analyze anew").click()
    expect(analysis.get_by_text("The call is being analyzed")).to_be_visible()
    expect(analysis.get_by_role("button", name="Analyze anew")).to_be_visible()


def test_tags_find_a_call_and_notes_stay_with_a_moment(
    practice: Practice, open_page: Callable[..., Page]
) -> None:
    page = open_page(practice.page, practice.owner)
    page.get_by_role("button", name="Add tags").click()
    box = page.get_by_role("combobox", name="Tags").or_(page.get_by_role("textbox", name="Tags"))
    box.first.fill("promised")
    box.first.press("Enter")
    page.get_by_role("button", name="Save", exact=True).click()
    tag = page.get_by_role("link", name="Calls with the tag promised")
    expect(tag).to_be_visible()
    notes = _part(page, "Notes")
    notes.get_by_role("textbox", name="Write a note").fill("Comes on Tuesday.")
    notes.get_by_role("button", name="Save the note").click()
    expect(notes.get_by_role("listitem")).to_contain_text("Comes on Tuesday.")
    notes.get_by_role("button", name="What to do with this note").click()
    page.get_by_role("menuitem", name="Change the note").click()
    notes.get_by_role("textbox", name="Change the note").fill("Comes on Tuesday, with a child.")
    notes.get_by_role("button", name="Save", exact=True).click()
    expect(notes.get_by_role("listitem")).to_contain_text("with a child.")
    tag.click()
    page.wait_for_url(re.compile("tag=promised"))
    rows = page.get_by_role("row").filter(has=page.get_by_role("link", name=re.compile("Call from")))
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("promised")


def test_a_link_shows_what_was_chosen_until_it_is_revoked(
    practice: Practice, open_page: Callable[..., Page]
) -> None:
    page = open_page(practice.page, practice.owner)
    page.get_by_role("button", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog", name="Share this call")
    dialog.get_by_role("checkbox", name="The analysis").check()
    choose(dialog.get_by_role("combobox", name="It works for"), "one day")
    dialog.get_by_role("button", name="Make a link").click()
    url = dialog.locator("code").inner_text()
    look(page, "call-share")
    stranger = open_page(url)
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("+1 202 555 0101")
    expect(stranger.get_by_role("slider", name="Position").locator("canvas").first).to_be_visible()
    expect(
        _part(stranger, "Transcript").get_by_text(re.compile("yes please", re.IGNORECASE)).first
    ).to_be_visible()
    expect(_part(stranger, "Analysis").get_by_text("Success", exact=True)).to_be_visible()
    stranger.get_by_role("button", name="Play", exact=True).click()
    expect(stranger.get_by_role("slider", name="Position")).not_to_have_attribute("aria-valuenow", "0")
    look(stranger, "shared-call")
    page.reload()
    page.get_by_role("button", name="Share", exact=True).click()
    expect(dialog.get_by_text("Opened once.")).to_be_visible()
    dialog.get_by_role("button", name="Revoke").click()
    told(page, "The link works no more.")
    stranger.reload()
    expect(stranger.get_by_role("heading", name="This link does not work any more")).to_be_visible()


def test_words_and_a_part_are_taken_out_for_good(practice: Practice, open_page: Callable[..., Page]) -> None:
    page = open_page(f"/t/practice/calls/{practice.other}", practice.owner)
    said = re.compile("yes please", re.IGNORECASE)
    turn = page.get_by_role("listitem").filter(has=page.get_by_role("button", name=said))
    turn.get_by_role("button", name=re.compile("What to do with what was said")).click()
    page.get_by_role("menuitem", name="Take these words out …").click()
    confirm(page, "Take these words out?", "Take it out")
    told(page, "The part is being taken out.")
    expect(page.get_by_text("••••").first).to_be_visible()
    expect(page.get_by_text(said)).to_have_count(0)
    taken = page.get_by_role("list", name="What was taken out").get_by_role("listitem")
    expect(taken).to_have_count(1)
    page.get_by_role("button", name="Take a part out …").click()
    page.get_by_role("textbox", name="From").fill("0.2")
    page.get_by_role("textbox", name="To").fill("1.2")
    page.get_by_text("Agent", exact=True).last.click()
    look(page, "call-redact-part")
    page.get_by_role("button", name="Take it out").click()
    confirm(page, "Take 0:00 to 0:01 out?", "Take it out")
    expect(taken).to_have_count(2)
    expect(page.get_by_text("going on")).to_have_count(0)
    expect(page.get_by_role("slider", name="Position").locator("canvas").first).to_be_visible()


def test_a_turn_is_found_by_its_words(practice: Practice, open_page: Callable[..., Page]) -> None:
    page = open_page("/t/practice/calls/search", practice.owner)
    page.get_by_role("searchbox", name="Search for").fill('"your visit"')
    page.get_by_role("button", name="Search", exact=True).click()
    found = page.get_by_role("list", name="Turns found")
    expect(found.locator("mark").first).to_have_text(re.compile("visit|your"))
    look(page, "transcripts-found")
    choose(page.get_by_role("combobox", name="Said by"), "The caller")
    expect(page.get_by_role("heading", name="Nobody said that")).to_be_visible()
    choose(page.get_by_role("combobox", name="Said by"), "The agent")
    found.get_by_role("link").filter(has=page.locator("mark")).first.click()
    page.wait_for_url(re.compile(r"turn=\d+"))
    expect(page.locator("li[data-sought]")).to_contain_text(re.compile("visit"))


def test_fields_are_tried_and_past_calls_read_anew(
    practice: Practice, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"/t/practice/agents/{practice.agent}", practice.owner)
    sections = page.get_by_role("navigation", name="Sections")
    sections.get_by_role("button", name="Extraction", exact=True).click()
    page.get_by_role("button", name="Add a value").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_role("textbox", name="Name").fill("answer")
    choose(drawer.get_by_role("combobox", name="Type"), "One of")
    drawer.get_by_role("textbox", name="Choices").fill("Yes please\nNo thank you")
    look(page, "agent-extraction-field")
    drawer.get_by_role("button", name="Close").first.click()
    trial = _part(page, "Try it on past calls")
    trial.get_by_role("button", name="Try it").click()
    expect(trial.get_by_role("link", name="Open the call").first).to_be_visible()
    expect(trial.get_by_text("answer", exact=True).first).to_be_visible()
    look(page, "agent-extraction-tried")
    expect(page.get_by_text("Past calls are read by the published version.")).to_be_visible()
    anew = _part(page, "Analyze past calls anew")
    anew.get_by_role("button", name="Count and estimate").click()
    expect(anew.get_by_text("2 calls")).to_be_visible()
    anew.get_by_role("button", name="Start").click()
    look(page, "agent-rerun")
    confirm(page, "Analyze 2 calls anew?", "Start")
    expect(anew.get_by_text("2 of 2 calls read")).to_be_visible()
    expect(anew.get_by_text("Done", exact=True)).to_be_visible()
    sections.get_by_role("button", name="Analysis", exact=True).click()
    expect(page.get_by_role("switch", name="Analyze calls after they have ended")).to_be_visible()
    look(page, "agent-analysis")
