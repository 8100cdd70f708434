"""What people do on every page, in the words of the page."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


def choose(field: Locator, option: str) -> None:
    """Opens a drop-down field and picks an entry by what it begins with."""
    field.click()
    field.page.get_by_role("option", name=re.compile(rf"^{re.escape(option)}")).click()


def confirm(page: Page, title: str, button: str) -> None:
    """Answers the question in front of the page."""
    dialog = page.get_by_role("dialog", name=title)
    dialog.get_by_role("button", name=button, exact=True).click()
    expect(dialog).to_have_count(0)


def told(page: Page, text: str) -> None:
    """The page says that something was done."""
    expect(page.get_by_role("alert").filter(has_text=text)).to_be_visible()


def navigation(page: Page) -> list[str]:
    """The names of the pages that the side bar leads to."""
    links = page.get_by_role("navigation", name="Menu").get_by_role("link")
    expect(links.first).to_be_visible()
    return links.all_inner_texts()
