"""One running program and one real browser for all tests of the dashboard.

A page that logs an error, breaks its content security policy or is answered with a 500 fails the test,
whatever it is about.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Response,
    expect,
    sync_playwright,
)

from config.local.environment import BASE_DIR
from tests.browser.console import console
from tests.browser.product import Person, Product
from tests.fakes.github_server import GithubServer
from tests.fakes.oidc_server import OidcServer
from tests.fakes.stripe_server import KEY, SECRET, StripeServer
from tests.fakes.twilio_server.server import twilio_server
from tests.journeys.stack import Stack

WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
PATIENCE_MS = 30_000
SCREENSHOTS = BASE_DIR / "var" / "screenshots"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]

expect.set_options(timeout=PATIENCE_MS)

HARMLESS = ("Failed to load resource",)
"""Chromium's own line for every 4xx answer; whether that was right is the test's business."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """`manage.py up` in production mode, its mail in files, what it asks of others beside it."""
    folder = tmp_path_factory.mktemp("browser")
    mail = folder / "mail"
    mail.mkdir()
    with (
        OidcServer(scope="email").running() as google,
        GithubServer().running() as github,
        StripeServer().running() as stripe,
        twilio_server() as twilio,
    ):
        stack = Stack(
            folder / "data",
            EMAIL_URL=f"filemail://{mail}",
            DJANGO_SETTINGS_MODULE="tests.browser.settings",
            SSO_ALLOW_PRIVATE_ADDRESSES="1",
            FAKE_GOOGLE_URL=google.issuer,
            GOOGLE_CLIENT_ID=google.client_id,
            GOOGLE_CLIENT_SECRET=google.client_secret,
            FAKE_GITHUB_URL=github.url,
            GITHUB_CLIENT_ID=github.client_id,
            GITHUB_CLIENT_SECRET=github.client_secret,
            STRIPE_SECRET_KEY=KEY,
            STRIPE_WEBHOOK_SECRETS=SECRET,
            STRIPE_API_BASE=stripe.url,
            TWILIO_ACCOUNT_SID=twilio.sid,
            TWILIO_AUTH_TOKEN=twilio.token,
            TWILIO_API_BASE=twilio.url,
            CARRIER_SIP_URIS="sip:sip.example.com:5060;transport=udp",
        )
        try:
            stack.start()
            stripe.webhooks_to = f"{stack.web_url}/webhooks-in/stripe"
            with console(stack) as shell:
                yield Product(stack, mail, shell, google, github, stripe, twilio)
        finally:
            stack.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def launch(playwright: Playwright) -> Callable[..., Browser]:
    """Starts a browser; the caller closes it."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)

    def start(*arguments: str) -> Browser:
        return playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, *arguments])

    return start


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Browser]) -> Iterator[Browser]:
    running = launch()
    yield running
    running.close()


@pytest.fixture
def open_page(product: Product, browser: Browser) -> Iterator[Callable[..., Page]]:
    """`open_page("/t/acme/calls", person)`: a page in a browser of that person's own."""
    faults: list[str] = []
    with ExitStack() as closing:

        def opened(
            path: str = "/",
            person: Person | None = None,
            *,
            on: Browser | None = None,
            **options: Any,
        ) -> Page:
            options = {"viewport": WIDE, "base_url": product.url} | options
            context: BrowserContext = (on or browser).new_context(**options)
            closing.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            if person is not None:
                context.add_cookies([person.cookie])  # type: ignore[list-item]
            page = context.new_page()
            watch(page, faults)
            page.goto(path)
            return page

        yield opened
        assert not faults, "\n".join(faults)


def watch(page: Page, faults: list[str]) -> None:
    """Notes what a person would not see and must not happen."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(HARMLESS):
            faults.append(f"{page.url}: console: {message.text}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))

    def on_response(response: Response) -> None:
        if response.status >= 500:
            faults.append(f"{response.url}: {response.status}")

    page.on("response", on_response)
