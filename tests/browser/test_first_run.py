"""From nothing to a phone call, as a person walks it: with a microphone, and nothing prepared."""

from __future__ import annotations

import re
import wave
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SCREENSHOTS
from tests.browser.product import PASSWORD, Product
from tests.speech import say

NEWCOMER = "newcomer@example.com"
TALK_MS = 90_000
"""A greeting of some ten seconds is heard out before anybody asks anything."""


@pytest.fixture
def speaking_browser(launch: Callable[..., Browser], tmp_path: Path) -> Browser:
    """Chromium whose microphone says the same question again and again, with pauses to listen in."""
    file = tmp_path / "microphone.wav"
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8_000)
        out.writeframes(bytes(16_000 * 6) + said("what are your opening hours") + bytes(16_000 * 6))
    browser = launch("--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={file}")
    yield browser
    browser.close()


def said(text: str) -> bytes:
    """`say`, away from this thread's event loop: playwright has one running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(say, text).result()


# Two conversations, spoken and heard in real time, and the start of the program.
@pytest.mark.timeout(600)
def test_from_nothing_to_the_first_call(
    product: Product, open_page: Callable[..., Page], speaking_browser: Browser
) -> None:
    page = open_page("/signup", on=speaking_browser, permissions=["microphone"])
    _sign_up(page, product)
    _make_workspace(page)
    _describe_agent(page)
    _talk(page)
    page.get_by_role("button", name="Go on", exact=True).click()
    page.get_by_role("button", name="Publish and get a number").click()
    _call(page)


def _sign_up(page: Page, product: Product) -> None:
    page.get_by_label("Full name").fill("Newcomer")
    page.get_by_label("E-mail").fill(NEWCOMER)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    page.goto(product.link_in_mail(NEWCOMER, "/verify-email/"))
    page.get_by_role("button", name="Yes, confirm it").click()
    page.wait_for_url("**/new-tenant")


def _make_workspace(page: Page) -> None:
    page.get_by_label("Name", exact=True).fill("First Run")
    page.get_by_role("button", name="Create the workspace").click()
    page.wait_for_url("**/t/first-run/start")
    menu = page.get_by_role("navigation", name="Menu")
    expect(menu.get_by_role("link", name="Home")).to_be_visible()
    expect(menu.locator("[aria-current], [data-active]")).to_have_count(0)


def _describe_agent(page: Page) -> None:
    page.get_by_role("radio", name="Reception").check()
    page.get_by_label("First message").fill("Hello, you have reached our house.")
    page.get_by_role("button", name="Create the agent").click()


def _talk(page: Page) -> None:
    """The agent speaks, hears the question, and answers it; how long that took stands there."""
    page.get_by_role("button", name="Start talking").click()
    panel = page.get_by_role("group", name="Talk to the agent")
    expect(panel.get_by_text("Hello, you have reached our house.")).to_be_visible(timeout=TALK_MS)
    expect(panel.get_by_text(re.compile("opening hours")).first).to_be_visible(timeout=TALK_MS)
    expect(panel.get_by_text(re.compile("We are open"))).to_be_visible(timeout=TALK_MS)
    expect(panel.get_by_text(re.compile(r"median \d+ ms|median \d\.\d+ s"))).to_be_visible(timeout=TALK_MS)
    floor = panel.get_by_role("region", name="Who has the floor")
    expect(floor.get_by_text(re.compile(r"The agent (began to speak|has finished)")).first).to_be_visible()
    page.screenshot(path=SCREENSHOTS / "talking-wide-light.png", full_page=True, caret="initial")
    panel.get_by_role("button", name="Hang up").click()
    expect(panel.get_by_text("The conversation is over.")).to_be_visible()
    expect(panel.get_by_role("link", name="Look at this call")).to_be_visible()


def _call(page: Page) -> None:
    """A simulated person is called; what is said appears while it is said."""
    page.get_by_role("button", name="Place the call").click()
    expect(page.get_by_text("Hello, you have reached our house.").last).to_be_visible(timeout=TALK_MS)
    expect(page.get_by_text("You are set up").first).to_be_visible(timeout=TALK_MS)
    page.get_by_role("link", name=re.compile("Look at this call: ")).click()
    expect(page.get_by_role("heading", name="SIP ladder")).to_be_visible()
    expect(page.get_by_text("INVITE").first).to_be_visible()
