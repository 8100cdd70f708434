"""Sessions and connections end while people are typing. Nothing of what they typed is lost."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.product import PASSWORD, Person, Product
from tests.browser.walking import told
from tests.journeys import agents

END_SESSION = """
from django.contrib.sessions.models import Session
print(Session.objects.filter(pk={key!r}).delete()[0])
"""
TYPED = "Typed before the session had gone."


@pytest.fixture(scope="module")
def writer(product: Product) -> Person:
    return product.person("sitter", tenant="sitting")


def test_a_lost_session_keeps_what_was_typed(
    product: Product, writer: Person, open_page: Callable[..., Page]
) -> None:
    agent = writer.api.agent("Interrupted", agents.reception(), publish=False)
    page = open_page(f"/t/sitting/agents/{agent}", writer)
    page.get_by_label("First message").fill(TYPED)
    ended = product.console.run(END_SESSION.format(key=writer.cookie["value"]))
    assert json.loads(ended) == 1
    page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog", name="You are no longer logged in")
    expect(dialog.get_by_label("E-mail")).to_have_value(writer.email)
    dialog.get_by_label("Password", exact=True).fill("not this one at all")
    dialog.get_by_role("button", name="Log in", exact=True).click()
    expect(dialog.get_by_text("are not correct")).to_be_visible()
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Log in", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_label("First message")).to_have_value(TYPED)
    page.get_by_role("button", name="Save", exact=True).click()
    told(page, "Draft saved.")
    page.reload()
    expect(page.get_by_label("First message")).to_have_value(TYPED)
    _log_out_elsewhere(page)


def _log_out_elsewhere(page: Page) -> None:
    """The other tab of the same browser logs out; this one asks at its next request."""
    other = page.context.new_page()
    other.goto("/t/sitting/team")
    other.get_by_role("button", name="Sitter").click()
    other.get_by_role("menuitem", name="Log out").click()
    other.wait_for_url("**/login")
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Numbers").click()
    dialog = page.get_by_role("dialog", name="You are no longer logged in")
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Log in", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(
        page.get_by_role("heading", name="No numbers yet").or_(page.get_by_role("table")).first
    ).to_be_visible()


def test_without_a_connection_nothing_is_lost(product: Product, open_page: Callable[..., Page]) -> None:
    person = product.person("traveller", tenant="travelling")
    agent = person.api.agent("On a train", agents.reception(), publish=False)
    page = open_page(f"/t/travelling/agents/{agent}", person)
    page.get_by_label("First message").fill(TYPED)
    page.context.set_offline(True)
    bar = page.get_by_role("status").filter(has_text="No connection to the server")
    expect(bar).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="The server cannot be reached")).to_be_visible()
    expect(page.get_by_label("First message")).to_have_value(TYPED)
    expect(page.get_by_text("Not saved")).to_be_visible()
    page.context.set_offline(False)
    expect(bar).to_have_count(0)
    page.get_by_role("button", name="Save", exact=True).click()
    told(page, "Draft saved.")
