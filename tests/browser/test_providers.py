"""Coming in with Google and with GitHub, over the wire, as their people do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.product import Product

BUTTON = "Go on with {}"


@pytest.fixture(autouse=True)
def _as_before(product: Product) -> Iterator[None]:
    """What one test has told a provider is nothing to the next."""
    kept = [(fake, dict(vars(fake))) for fake in (product.google, product.github)]
    yield
    for fake, state in kept:
        vars(fake).update(state)


def _go(page: Page, provider: str) -> None:
    page.get_by_role("button", name=BUTTON.format(provider)).click()


def test_google_vouches_for_the_address(product: Product, open_page: Callable[..., Page]) -> None:
    """No mail is asked for: who comes in for the first time makes a workspace."""
    product.google.person = {
        "sub": "100200300",
        "email": "googler@example.com",
        "email_verified": True,
        "name": "Ada Googler",
        "given_name": "Ada",
        "family_name": "Googler",
    }
    page = open_page("/login")
    _go(page, "Google")
    page.wait_for_url("**/new-tenant")
    page.goto("/account")
    expect(page.get_by_label("Full name")).to_have_value("Ada Googler")
    expect(page.get_by_text("googler@example.com").first).to_be_visible()


def test_github_without_an_address_asks_for_one_and_confirms_it(
    product: Product, open_page: Callable[..., Page]
) -> None:
    product.github.person = {"id": 77, "login": "hubber", "name": "Hubber", "email": None}
    product.github.emails = None
    page = open_page("/login")
    _go(page, "GitHub")
    expect(page.get_by_label("Full name")).to_have_value("Hubber")
    email = page.get_by_label("E-mail")
    expect(email).to_have_value("")
    email.fill("hubber")
    page.get_by_role("button", name="Create the account").click()
    expect(email).to_have_attribute("aria-invalid", "true")
    email.fill("hubber@example.com")
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    page.goto(product.link_in_mail("hubber@example.com", "/verify-email/"))
    page.get_by_role("button", name="Yes, confirm it").click()
    page.wait_for_url("**/new-tenant")
    _comes_back_without_questions(open_page("/login?next=%2Faccount"))


def _comes_back_without_questions(page: Page) -> None:
    _go(page, "GitHub")
    page.wait_for_url("**/account")
    expect(page.get_by_text("hubber@example.com").first).to_be_visible()


def test_who_thinks_better_of_it_reads_so(product: Product, open_page: Callable[..., Page]) -> None:
    product.github.refuses = "access_denied"
    page = open_page("/login")
    _go(page, "GitHub")
    expect(page.get_by_role("alert")).to_have_text("The login was stopped at the provider.")
    product.github.refuses = ""
    _go(page, "GitHub")
    expect(page.get_by_role("alert")).to_have_count(0)
