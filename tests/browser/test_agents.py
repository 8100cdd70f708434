"""Agents as people write them: drafts, versions, the way back, and somebody else at the same draft."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.product import Person, Product
from tests.browser.walking import confirm, told
from tests.journeys import agents

SENTENCES = "Good morning.", "Good afternoon.", "Good evening."


@pytest.fixture(scope="module")
def writer(product: Product) -> Person:
    return product.person("writer", tenant="writers")


@pytest.fixture
def agent(writer: Person, request: pytest.FixtureRequest) -> str:
    """The address of an agent's page; nothing of it is published."""
    made = writer.api.agent(request.node.name[:60], agents.reception(), publish=False)
    return f"/t/writers/agents/{made}"


def test_versions_are_published_compared_and_rolled_back(
    agent: str, writer: Person, open_page: Callable[..., Page]
) -> None:
    page = open_page(agent, writer)
    expect(page.get_by_text("Not published")).to_be_visible()
    morning, afternoon, evening = SENTENCES
    _say_first(page, morning)
    expect(page.get_by_text("Not saved")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    told(page, "Draft saved.")
    expect(page.get_by_text("Not saved")).to_have_count(0)
    _publish(page, "The first words")
    expect(page.get_by_text("Version 1", exact=True)).to_be_visible()
    _say_first(page, afternoon)
    _publish(page, "Later in the day")
    expect(page.get_by_text("Version 2", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_label("First message")).to_have_value(afternoon)
    _say_first(page, evening)
    page.keyboard.press("Control+s")
    told(page, "Draft saved.")
    expect(page.get_by_text("Unpublished changes")).to_be_visible()
    _compare_and_roll_back(page)


def _say_first(page: Page, words: str) -> None:
    page.get_by_label("First message").fill(words)


def _publish(page: Page, note: str) -> None:
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog", name=re.compile("^Publish"))
    dialog.get_by_label("Note").fill(note)
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(dialog).to_have_count(0)


def _compare_and_roll_back(page: Page) -> None:
    """Version 2 takes calls; it is compared with 1 and with the draft, then 1 takes calls again."""
    page.get_by_role("tab", name="Versions").click()
    first, second = (page.get_by_role("row").filter(has_text=f"Version {n}") for n in (1, 2))
    expect(first).to_contain_text("The first words")
    expect(first).to_contain_text("writer@example.com")
    expect(second).to_contain_text("Later in the day")
    expect(second).to_contain_text("Takes calls")
    second.get_by_role("button", name="Compare").click()
    dialog = page.get_by_role("dialog", name="Version 2")
    expect(dialog.locator("li").filter(has_text="first message")).to_contain_text("changed")
    expect(dialog.locator("del")).to_have_text(["morning."])
    expect(dialog.locator("ins")).to_have_text(["afternoon."])
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    first.get_by_role("button", name="Roll back").click()
    confirm(page, "Let version 1 take calls again?", "Roll back")
    expect(first).to_contain_text("Takes calls")
    expect(second).not_to_contain_text("Takes calls")
    page.get_by_role("tab", name="Draft").click()
    expect(page.get_by_label("First message")).to_have_value(SENTENCES[2])


def test_two_people_at_one_draft_lose_nothing(
    agent: str, writer: Person, open_page: Callable[..., Page]
) -> None:
    mine, theirs = open_page(agent, writer), open_page(agent, writer)
    _say_first(mine, "What I have typed.")
    _say_first(theirs, "What they have typed.")
    theirs.get_by_role("button", name="Save", exact=True).click()
    told(theirs, "Draft saved.")
    mine.get_by_role("button", name="Save", exact=True).click()
    dialog = mine.get_by_role("dialog", name="Somebody else has saved this agent")
    expect(dialog.locator("del")).to_have_text(["they"])
    expect(dialog.locator("ins")).to_have_text(["I"])
    dialog.get_by_role("button", name="Decide later").click()
    expect(mine.get_by_label("First message")).to_have_value("What I have typed.")
    mine.get_by_role("button", name="Save", exact=True).click()
    dialog.get_by_role("button", name="Keep mine").click()
    told(mine, "Draft saved.")
    theirs.reload()
    expect(theirs.get_by_label("First message")).to_have_value("What I have typed.")


def test_leaving_with_unsaved_changes_asks(
    agent: str, writer: Person, open_page: Callable[..., Page]
) -> None:
    page = open_page(agent, writer)
    away = page.get_by_role("navigation", name="Menu").get_by_role("link", name="Numbers")
    asked = page.get_by_role("dialog", name="Leave without saving?")
    _say_first(page, "Half a thought")
    away.click()
    asked.get_by_role("button", name="Stay").click()
    expect(asked).to_have_count(0)
    expect(page.get_by_label("First message")).to_have_value("Half a thought")
    away.click()
    asked.get_by_role("button", name="Save and leave").click()
    page.wait_for_url("**/t/writers/numbers")
    page.goto(agent)
    expect(page.get_by_label("First message")).to_have_value("Half a thought")


def test_faults_stand_at_their_fields(agent: str, writer: Person, open_page: Callable[..., Page]) -> None:
    """Those that the page finds by itself, and those that only the server does."""
    page = open_page(agent, writer)
    sections = page.get_by_role("navigation", name="Sections")
    save = page.get_by_role("button", name="Save", exact=True)
    sections.get_by_role("button", name="Turn-taking").click()
    endpointing = page.get_by_role("textbox", name="After a complete sentence")
    endpointing.fill("5")
    sections.get_by_role("button", name="End of call").click()
    ending = page.get_by_role("textbox", name="Phrases that end the call")
    ending.fill("goodbye " * 40)
    save.click()
    expect(endpointing).to_have_accessible_description(re.compile("Give a number from 100 to 3000."))
    expect(endpointing).to_have_attribute("aria-invalid", "true")
    endpointing.fill("400")
    save.click()
    expect(ending).to_have_attribute("aria-invalid", "true")
    expect(ending).to_have_accessible_description(re.compile("200"))
    ending.fill("goodbye")
    save.click()
    told(page, "Draft saved.")
    expect(ending).not_to_have_attribute("aria-invalid", "true")
