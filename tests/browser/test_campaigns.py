"""A campaign from a file of contacts to its start, as somebody sets it up for the first time."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.looking import look
from tests.browser.product import Person, Product
from tests.browser.walking import choose, told
from tests.journeys import agents

CALLER = "+12025556072"
HOME = "/t/recallers"
TABLE = (
    "Telefon;Vorname;Praxis\r\n"
    "+1 202 556 0001;Jürgen;Nord\r\n"
    "(202) 556-0107;Anna;Süd\r\n"
    "morgen anrufen;Bernd;Nord\r\n"
    "+12025560001;Jürgen;Nord\r\n"
).encode("cp1252")
"""Two who can be called, one row without a number, and the first once more."""


@pytest.fixture(scope="module")
def owner(product: Product) -> Person:
    return product.person("recaller", tenant="recallers")


@pytest.fixture(scope="module")
def agent(owner: Person) -> str:
    """Not published yet, in a workspace with one number to call from."""
    owner.api.post("/numbers", {"carrier": "sandbox", "e164": CALLER})
    return owner.api.agent("Reminder", agents.reminder(), publish=False)


def test_a_campaign_is_set_up_from_a_file_and_started(
    agent: str, owner: Person, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{HOME}/campaigns", owner)
    page.get_by_role("main").get_by_role("link", name="New campaign").first.click()
    name_it(page, "Recall of spring")
    bring(page, "kontakte.csv", TABLE)
    look_at_the_columns(page)
    take_the_file_over(page)
    set_the_hours(page)
    leave_dialing_as_it_is(page)
    see_what_stands_in_the_way(page)
    owner.api.post(f"/agents/{agent}/publish", {})
    page.get_by_role("link", name="Mend it: Dialing").click()
    choose_callers_and_pace(page)
    start(page)


def name_it(page: Page, name: str) -> None:
    page.get_by_role("textbox", name="Name").fill(name)
    agent = page.get_by_role("combobox", name="Agent")
    if not agent.input_value():
        choose(agent, "Reminder")
    expect(agent).to_have_value(re.compile("not published"))
    page.get_by_role("button", name="Create the draft and go on").click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def bring(page: Page, name: str, content: bytes) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )


def look_at_the_columns(page: Page) -> None:
    """Encoding and delimiter are found; another one is tried and seen at once."""
    file = page.get_by_role("region", name="kontakte.csv")
    encoding = file.get_by_role("combobox", name="Encoding")
    # Of these few letters, more than one code page says the same.
    expect(encoding).to_have_value(re.compile("European"))
    expect(file.get_by_role("combobox", name="Columns are divided by")).to_have_value("Semicolon (;)")
    first_names = file.get_by_role("row", name=re.compile("^Vorname"))
    expect(first_names).to_contain_text("Jürgen")
    choose(encoding, "Cyrillic")
    expect(first_names).to_contain_text("Jьrgen")
    choose(encoding, "Western European (Windows")
    expect(first_names).to_contain_text("Jürgen")
    role = file.get_by_role("combobox", name="What the column Telefon is")
    expect(role).to_have_value("Telephone number")
    choose(file.get_by_role("combobox", name="What the column Praxis is"), "Variable of the prompt")
    file.get_by_role("textbox", name="Variable of the column Praxis").fill("practice")
    look(page, "setup-columns")
    file.get_by_role("button", name="Read the file").click()


def take_the_file_over(page: Page) -> None:
    """What is wrong is told by row and column before anything counts."""
    file = page.get_by_role("region", name="kontakte.csv")
    expect(figure(file, "Good")).to_have_text("2")
    expect(figure(file, "Duplicates")).to_have_text("1")
    expect(figure(file, "Refused")).to_have_text("1")
    wrong = file.get_by_role("table", name="Row by row").get_by_role("row")
    expect(wrong.filter(has_text="morgen anrufen")).to_contain_text(re.compile("^4Telefon"))
    look(page, "setup-report")
    expect(page.get_by_text("The campaign has 0 contacts.")).to_be_visible()
    file.get_by_role("button", name="Take over 2 contacts").click()
    expect(page.get_by_text("The campaign has 2 contacts.")).to_be_visible()
    page.get_by_role("textbox", name="Another variable").fill("office")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("textbox", name="office").fill("Harbor Street")
    page.get_by_role("button", name="Go on: Hours").click()


def figure(place: Locator, name: str) -> Locator:
    """The number under a heading of the results."""
    return place.locator("dl > div").filter(has=place.page.get_by_text(name, exact=True)).locator("dd")


def set_the_hours(page: Page) -> None:
    """The week is that of Washington, where both of them are, and follows what is typed."""
    week = page.get_by_role("table", name=re.compile("New York"))
    expect(week.get_by_role("cell", name="09:00–20:00").first).to_be_visible()
    page.get_by_label("Until").fill("18:30")
    expect(week.get_by_role("cell", name="09:00–18:30").first).to_be_visible()
    look(page, "setup-hours")
    page.get_by_role("button", name="Go on: Dialing").click()


def leave_dialing_as_it_is(page: Page) -> None:
    expect(page.get_by_role("heading", name="Caller numbers")).to_be_visible()
    page.get_by_role("button", name="Go on: Check and start").click()


def see_what_stands_in_the_way(page: Page) -> None:
    faults = page.get_by_role("alert").filter(has_text="2 things stand in the way")
    expect(faults).to_contain_text("Publish the agent first")
    expect(faults).to_contain_text("Choose at least one caller number.")
    expect(faults.get_by_role("link", name="Open the agent")).to_be_visible()
    expect(page.get_by_role("button", name="Start the campaign")).to_be_disabled()
    look(page, "setup-refused")


def choose_callers_and_pace(page: Page) -> None:
    page.get_by_role("checkbox", name=re.compile("202 555 6072")).check()
    page.get_by_label("Calls at once", exact=True).fill("1")
    page.get_by_role("checkbox", name="Only a test: all calls stay in the sandbox").check()
    look(page, "setup-dialing")
    page.get_by_role("button", name="Go on: Check and start").click()


def start(page: Page) -> None:
    """The wizard gives way to the page of the campaign, which runs, and does not come back."""
    expect(page.get_by_text("Nothing stands in the way of the start.")).to_be_visible()
    look(page, "setup-ready")
    page.get_by_role("button", name="Start the campaign").click()
    told(page, "Recall of spring has started.")
    page.wait_for_url(re.compile(r"/campaigns/cmp_[0-9a-f]+$"))
    expect(page.get_by_text("Running", exact=True)).to_be_visible()
    expect(page.get_by_text("of 2 contacts")).to_be_visible()
    page.goto(f"{page.url}/setup?step=hours")
    page.wait_for_url(re.compile(r"/campaigns/cmp_[0-9a-f]+$"))


@pytest.fixture
def draft(agent: str, owner: Person) -> str:
    return str(owner.api.post("/campaigns", {"name": "Files", "agent": agent})["id"])


def test_a_file_that_is_none_is_told_in_words_by_row_and_column(
    draft: str, owner: Person, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{HOME}/campaigns/{draft}/setup?step=contacts", owner)
    fault = page.get_by_role("alert").filter(has_text="was not taken")
    bring(page, "picture.csv", bytes(range(256)) * 8)
    expect(fault).to_contain_text("picture.csv was not taken: The encoding of the file is not known")
    bring(page, "empty.csv", b"")
    expect(fault).to_contain_text("file is empty.")
    # A table, but of something else.
    bring(page, "stock.csv", b"Article,Price\nLamp,12\nChair,40\n")
    file = page.get_by_role("region", name="stock.csv")
    expect(file.get_by_text("Choose the column with the telephone numbers.")).to_be_visible()
    expect(file.get_by_role("button", name="Read the file")).to_be_disabled()
    choose(file.get_by_role("combobox", name="What the column Price is"), "Telephone number")
    file.get_by_role("button", name="Read the file").click()
    rows = file.get_by_role("table", name="Row by row").get_by_role("row")
    expect(rows.nth(1)).to_contain_text(re.compile("^2Price12"))
    expect(rows.nth(2)).to_contain_text(re.compile("^3Price40"))
    expect(file.get_by_role("button", name="Take over 0 contacts")).to_be_disabled()
    file.get_by_role("button", name="Discard this file").click()
    expect(file).to_have_count(0)


def test_of_two_who_set_up_one_campaign_nobody_overwrites_the_other_unasked(
    draft: str, owner: Person, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{HOME}/campaigns/{draft}/setup?step=agent", owner)
    name = page.get_by_role("textbox", name="Name")
    expect(name).to_have_value("Files")
    theirs = {"name": "Theirs", "config": {"default_country": "DE"}}
    owner.api.http.patch(f"/campaigns/{draft}", json=theirs).raise_for_status()
    name.fill("Mine")
    conflict = page.get_by_role("alert").filter(has_text="Somebody else has saved this campaign")
    expect(conflict).to_be_visible()
    # Whoever leaves now is asked.
    page.get_by_role("main").get_by_role("link", name="Campaigns").click()
    page.get_by_role("dialog", name="Leave without saving?").get_by_role("button", name="Stay").click()
    look(page, "setup-conflict")
    conflict.get_by_role("button", name="Store my changes").click()
    expect(page.get_by_text("All changes are saved.")).to_be_visible()
    stored = owner.api.get(f"/campaigns/{draft}")
    assert (stored["name"], stored["config"]["default_country"]) == ("Mine", "DE")
