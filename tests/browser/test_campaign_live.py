"""A campaign as people watch it: live, paused, its contacts; numbers that are not called any more."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import look
from tests.browser.product import Person, Product
from tests.browser.walking import told
from tests.journeys import agents, campaigning

CALLER = "+12025556073"
ENDINGS = [1, 7, 99]
"""Talks, is busy, does not exist."""
TALK_MS = 120_000
HOME = "/t/dialers"


@pytest.fixture(scope="module")
def owner(product: Product) -> Person:
    return product.person("dialer", tenant="dialers")


@pytest.fixture(scope="module")
def campaign(owner: Person) -> str:
    """Runs, over three phones of the sandbox, one call at a time."""
    agent = owner.api.agent("Reminder", agents.reminder())
    caller = owner.api.post("/numbers", {"carrier": "sandbox", "e164": CALLER})["id"]
    made = campaigning.make(
        owner.api,
        agent=agent,
        caller=str(caller),
        numbers=campaigning.crowd(3, ENDINGS),
        pacing={"max_concurrent": 1, "calls_per_second": 1},
    )
    owner.api.post(f"/campaigns/{made}/start", {})
    return made


def test_a_campaign_is_watched_paused_and_resumed(
    campaign: str, owner: Person, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{HOME}/campaigns/{campaign}", owner)
    figures = page.get_by_role("region", name="How far it is")
    expect(figures.get_by_text("Live: figures change as calls end.")).to_be_visible()
    page.get_by_role("button", name="Pause", exact=True).click()
    told(page, "“Journey” is paused.")
    expect(page.get_by_text("The campaign is paused")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    told(page, "“Journey” goes on.")
    # Nobody loads the page again: what follows came over the socket.
    expect(page.get_by_text("3 done", exact=False)).to_be_visible(timeout=TALK_MS)
    expect(page.get_by_text("Completed", exact=True)).to_be_visible(timeout=TALK_MS)
    outcomes = page.get_by_role("region", name="How attempts ended")
    for words in ("Talked to a person", "Busy", "The number does not exist"):
        expect(outcomes.get_by_text(words)).to_be_visible()
    page.wait_for_load_state("networkidle")
    look(page, "campaign")
    page.get_by_role("tab", name="Contacts").click()
    page.get_by_role("combobox", name="Last outcome").click()
    page.get_by_role("option", name="Talked to a person").click()
    opening = page.get_by_role("button", name=re.compile("Attempts to reach"))
    expect(opening).to_have_count(1)
    opening.click()
    look(page, "campaign-contacts")
    page.get_by_role("link", name=re.compile("^Attempt 1, .*Talked to a person")).click()
    page.wait_for_url(re.compile("/calls/call_"))


def test_numbers_are_put_on_the_list_and_taken_off(owner: Person, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{HOME}/do-not-call", owner)
    page.get_by_role("button", name="Add numbers").click()
    form = page.get_by_role("dialog", name="Numbers that are not called any more")
    numbers = form.get_by_role("textbox", name="Numbers")
    numbers.fill("+1 202 555 0180\nnobody")
    form.get_by_role("button", name="Add numbers").click()
    expect(form.get_by_text("Not a number in international form: nobody")).to_be_visible()
    numbers.fill("+1 202 555 0180\n+44 20 7946 0018")
    form.get_by_role("button", name="Add numbers").click()
    told(page, "2 numbers added.")
    row = page.get_by_role("row").filter(has_text="+1 202 555 0180")
    expect(row).to_contain_text("By a person")
    look(page, "do-not-call")
    row.get_by_role("button", name="Take +1 202 555 0180 off the list").click()
    page.get_by_role("dialog").get_by_role("button", name="Take off the list").click()
    told(page, "+1 202 555 0180 may be called again.")
    expect(row).to_have_count(0)


def test_a_file_of_numbers_is_put_on_the_list(owner: Person, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{HOME}/do-not-call", owner)
    page.get_by_role("button", name="Import a file").click()
    dialog = page.get_by_role("dialog", name="A file of numbers that are not called any more")
    rows = b"Phone,Note\n+1 202 555 0181,Asked by letter\nnobody,\n"
    dialog.locator("input[type=file]").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": rows}
    )
    dialog.get_by_role("button", name="Read the file").click()
    expect(dialog.get_by_text("1 good, 0 duplicates, 1 refused.")).to_be_visible()
    look(page, "do-not-call-import")
    dialog.get_by_role("button", name="Put 1 number on the list").click()
    told(page, "“list.csv” is on the list.")
    expect(page.get_by_role("row").filter(has_text="+1 202 555 0181")).to_contain_text("From a file")
