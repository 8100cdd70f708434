"""Vendors as people choose them: by price and language, with keys of their own and somebody to take over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.looking import look
from tests.browser.product import Person, Product
from tests.browser.walking import confirm, told
from tests.journeys import agents

KEY = "a-key-of-the-house-1234"
VENDORS = "/t/choosers/vendors"


class Vendor(BaseHTTPRequestHandler):
    """Anthropic's door: it lets one key in."""

    def do_GET(self) -> None:
        self.send_response(200 if self.headers["x-api-key"] == KEY else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing is written."""


@pytest.fixture
def vendor() -> Iterator[str]:
    """Its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Vendor) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def chooser(product: Product) -> Person:
    return product.person("chooser", tenant="choosers")


def test_a_model_is_chosen_gets_its_key_and_is_published(
    chooser: Person, vendor: str, open_page: Callable[..., Page]
) -> None:
    agent = chooser.api.agent("Chooses", agents.reception(), publish=False)
    page = open_page(f"/t/choosers/agents/{agent}", chooser)
    _choose_model(page)
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog", name=re.compile("^Publish"))
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("no key for Anthropic")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="To the vendors’ keys").click()
    page.wait_for_url(f"**{VENDORS}")
    _give_key(page, vendor)
    page.goto(f"/t/choosers/agents/{agent}")
    expect(page.get_by_text("Not published")).to_be_visible()
    expect(page.get_by_text("no key for Anthropic")).to_have_count(0)
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Version 1", exact=True)).to_be_visible()
    page.goto(VENDORS)
    _delete_key(page)


def _choose_model(page: Page) -> None:
    """Anthropic thinks, and somebody else takes over; the draft is saved with a warning."""
    _section(page, "Model")
    page.get_by_role("radiogroup", name="Kind of model").get_by_text("Language model").click()
    page.get_by_role("group", name="Model").get_by_role("button", name="Change").click()
    picker = page.get_by_role("dialog", name="Model")
    picker.get_by_role("textbox", name="Find a vendor or model").fill("anthropic haiku")
    offer = picker.get_by_role("listitem").first
    expect(offer).to_contain_text("per million tokens in")
    expect(offer).to_contain_text("Needs a key")
    offer.get_by_role("button", name=re.compile("^Choose Anthropic")).click()
    expect(page.get_by_role("textbox", name="Its name at the vendor")).to_have_value(re.compile("haiku"))
    page.get_by_role("button", name="Add one by its address").click()
    page.get_by_role("textbox", name="Base URL").fill("https://llm.example.com/v1")
    page.get_by_role("textbox", name="Model", exact=True).fill("house-model")
    look(page, "agent-model")
    for section in ("Voice", "Turn-taking"):
        _section(page, section)
        look(page, f"agent-{section.lower()}")
    page.get_by_role("button", name="Save", exact=True).click()
    told(page, "Draft saved.")
    expect(page.get_by_role("alert").filter(has_text="Before this agent takes calls")).to_contain_text(
        "no key for Anthropic"
    )


def _section(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Sections").get_by_role("button", name=name).click()


def _give_key(page: Page, vendor: str) -> None:
    """A wrong one first: the vendor's answer stands at once where the key does."""
    row = _row(page)
    row.get_by_role("button", name="Add a key for Anthropic").click()
    _fill_key(page, "a-key-that-is-wrong", vendor)
    expect(_answer(row)).to_contain_text("does not know the key")
    row.get_by_role("button", name="What can be done with the key for Anthropic").click()
    page.get_by_role("menuitem", name="Replace or change").click()
    _fill_key(page, KEY, None)
    expect(_answer(row)).to_contain_text("Anthropic takes the key")
    expect(row).to_contain_text("…1234")
    row.get_by_role("button", name="Check the key for Anthropic").click()
    expect(_answer(row)).to_contain_text("Anthropic takes the key")
    look(page, "vendors-own-key")


def _answer(row: Locator) -> Locator:
    return row.get_by_role("status").filter(visible=True)


def _fill_key(page: Page, key: str, address: str | None) -> None:
    dialog = page.get_by_role("dialog", name="Your key for Anthropic")
    dialog.get_by_label("API key", exact=True).fill(key)
    if address is not None:
        dialog.get_by_role("textbox", name="Another address").fill(address)
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(dialog).to_have_count(0)


def _delete_key(page: Page) -> None:
    row = _row(page)
    row.get_by_role("button", name="What can be done with the key for Anthropic").click()
    page.get_by_role("menuitem", name="Delete the key").click()
    confirm(page, "Delete the key for Anthropic?", "Delete the key")
    expect(row).to_contain_text("No key")


def _row(page: Page) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_text("Anthropic", exact=True))
