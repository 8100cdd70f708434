"""The team: who is invited, what each role sees, and what happens when somebody is taken out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.product import PASSWORD, Person, Product
from tests.browser.walking import choose, confirm, navigation, told
from tests.journeys import agents

INVITED = "colleague@example.com"

WORK = ["Home", "Agents", "Knowledge", "Calls", "Live", "Transcripts", "Campaigns", "Do not call"]
WORK += ["Response times", "Numbers", "Number health", "Trunks"]
EVERYBODYS = ["Settings", "API reference"]
PAGES_OF = {
    "owner": [*WORK, "Team", "Billing", "API keys", "Vendors", "Webhooks", "Privacy", "Audit", *EVERYBODYS],
    "admin": [*WORK, "Team", "Billing", "API keys", "Vendors", "Webhooks", "Privacy", "Audit", *EVERYBODYS],
    "developer": [*WORK, "Team", "API keys", "Vendors", "Webhooks", *EVERYBODYS],
    "analyst": [*WORK, "Team", *EVERYBODYS],
    "billing": ["Team", "Billing", *EVERYBODYS],
}
BUTTONS_OF = {
    "agents": ("New agent", {"owner", "admin", "developer"}),
    "calls": ("Place a call", {"owner", "admin", "developer"}),
    "team": ("Invite", {"owner", "admin"}),
    "keys": ("New key", {"owner", "admin", "developer"}),
    "settings": ("Save", {"owner"}),
}
"""By page: a button, and the roles that have it."""


@pytest.fixture(scope="module")
def people(product: Product) -> dict[str, Person]:
    """One of each role, by role, in a workspace with an agent."""
    made = {role: product.person(f"the-{role}", tenant="crew", role=role) for role in PAGES_OF}
    made["owner"].api.agent("Reception", agents.reception())
    return made


@pytest.mark.parametrize("role", PAGES_OF)
def test_a_role_sees_what_it_may_do(
    role: str, people: dict[str, Person], open_page: Callable[..., Page]
) -> None:
    page = open_page("/t/crew/team", people[role])
    assert navigation(page) == PAGES_OF[role]
    for place, (button, having) in BUTTONS_OF.items():
        page.goto(f"/t/crew/{place}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("status", name=re.compile("Loading"))).to_have_count(0)
        here = page.get_by_role("main").get_by_role("button", name=button, exact=True)
        if role in having:
            expect(here.first).to_be_visible()
        else:
            expect(here).to_have_count(0)
    page.goto("/t/crew/audit")
    if role in {"owner", "admin"}:
        expect(page.get_by_role("row").filter(has_text="Reception").first).to_be_visible()
    else:
        expect(page.get_by_role("heading", name="Your role may not see this")).to_be_visible()


def test_somebody_is_invited_joins_is_changed_and_taken_out(
    product: Product, people: dict[str, Person], open_page: Callable[..., Page]
) -> None:
    page = open_page("/t/crew/team", people["owner"])
    _invite(page)
    theirs = open_page(product.link_in_mail(INVITED, "/join/"))
    _join(theirs, product)
    assert navigation(theirs) == PAGES_OF["analyst"]
    page.reload()
    row = page.get_by_role("row").filter(has_text=INVITED)
    expect(row).to_contain_text("Colleague")
    choose(row.get_by_role("combobox", name="Role of Colleague"), "Developer")
    told(page, "Colleague is Developer now.")
    theirs.goto("/t/crew/agents")
    expect(theirs.get_by_role("button", name="New agent")).to_be_visible()
    row.get_by_role("button", name="More about Colleague").click()
    page.get_by_role("menuitem", name="Remove from the workspace").click()
    confirm(page, "Remove Colleague?", "Remove from the workspace")
    told(page, "Colleague is removed.")
    expect(row).to_have_count(0)
    _is_outside(theirs)


def _invite(page: Page) -> None:
    page.get_by_role("button", name="Invite", exact=True).click()
    dialog = page.get_by_role("dialog", name="Invite to Crew")
    dialog.get_by_label("E-mail").fill("no address")
    dialog.get_by_role("button", name="Send the invitation").click()
    expect(dialog.get_by_text("Enter an e-mail address")).to_be_visible()
    dialog.get_by_label("E-mail").fill(INVITED)
    choose(dialog.get_by_role("combobox", name="Role"), "Analyst")
    dialog.get_by_role("button", name="Send the invitation").click()
    told(page, f"The invitation to {INVITED} is on its way.")
    expect(page.get_by_role("row").filter(has_text=INVITED)).to_contain_text("Analyst")


def _join(page: Page, product: Product) -> None:
    """From the link in the mail to the workspace, by way of an account made on the spot."""
    expect(page.get_by_role("heading", name="Join Crew")).to_be_visible()
    expect(page.get_by_text(f"invites {INVITED} to Crew as")).to_be_visible()
    page.get_by_role("link", name="Create an account to join").click()
    expect(page.get_by_label("E-mail")).to_have_value(INVITED)
    page.get_by_label("Full name").fill("Colleague")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    page.goto(product.link_in_mail(INVITED, "/verify-email/"))
    page.get_by_role("button", name="Yes, confirm it").click()
    page.wait_for_url("**/join/*")
    page.get_by_role("button", name="Join", exact=True).click()
    page.wait_for_url("**/t/crew")


def _is_outside(page: Page) -> None:
    """What was open shows nothing new, and another try finds no such workspace."""
    page.get_by_role("navigation", name="Menu").get_by_role("link", name="Numbers").click()
    expect(
        page.get_by_role("alert").or_(page.get_by_role("heading", name="There is nothing here")).first
    ).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("number", re.IGNORECASE))).to_have_count(0)
    page.goto("/t/crew/agents")
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
