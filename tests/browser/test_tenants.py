"""Workspaces never mix: not for one person in two of them, and not for strangers with an address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.product import Person, Product
from tests.journeys import agents

NOTHING = "There is nothing here"


@dataclass(frozen=True)
class Two:
    """One person in two workspaces, with an agent in each."""

    north: Person
    south: Person
    agent_of: dict[str, str]


@pytest.fixture(scope="module")
def two(product: Product) -> Two:
    north, south = (product.person("commuter", tenant=slug) for slug in ("north", "south"))
    made = {
        person.tenant: person.api.agent(f"The {person.tenant} agent", agents.reception())
        for person in (north, south)
    }
    return Two(north, south, made)


def test_two_workspaces_side_by_side(two: Two, open_page: Callable[..., Page]) -> None:
    left = open_page("/t/north/agents", two.north)
    right = left.context.new_page()
    right.goto("/t/south/agents")
    _shows(left, "north", but_not="south")
    _shows(right, "south", but_not="north")
    for page, slug in ((left, "north"), (right, "south")):
        page.get_by_role("button", name="New agent").click()
        page.get_by_role("textbox", name="Name", exact=True).fill(f"Second of the {slug}")
        page.get_by_role("button", name="Create", exact=True).click()
        page.wait_for_url(f"**/t/{slug}/agents/agt_*")
        page.get_by_role("link", name="Agents", exact=True).last.click()
    left.reload()
    _shows(left, "north", but_not="south")
    _shows(right, "south", but_not="north")
    expect(left.get_by_role("link", name="Second of the north")).to_be_visible()
    expect(right.get_by_role("link", name="Second of the south")).to_be_visible()


def _shows(page: Page, slug: str, *, but_not: str) -> None:
    expect(page.get_by_role("link", name=f"The {slug} agent")).to_be_visible()
    expect(page.get_by_role("link", name=but_not)).to_have_count(0)


def test_switching_leaves_nothing_behind(two: Two, open_page: Callable[..., Page]) -> None:
    page = open_page("/t/north/agents", two.north)
    _shows(page, "north", but_not="south")
    for slug, other in (("south", "north"), ("north", "south")):
        page.get_by_role("button", name="Commuter").click()
        page.get_by_role("menuitem", name=slug.title(), exact=True).click()
        expect(page.get_by_role("button", name=f"{slug.title()} Commuter")).to_be_visible()
        page.get_by_role("navigation", name="Menu").get_by_role("link", name="Agents").click()
        _shows(page, slug, but_not=other)
    page.go_back()
    page.go_back()
    page.wait_for_url("**/t/south/agents")
    _shows(page, "south", but_not="north")


def test_a_strangers_address_leads_nowhere(
    two: Two, product: Product, open_page: Callable[..., Page]
) -> None:
    """Neither to the pages of another workspace, nor to its things under one's own address."""
    stranger = product.person("stranger", tenant="elsewhere")
    page = open_page("/t/elsewhere/agents", stranger)
    agent = two.agent_of["north"]
    for path in ("agents", f"agents/{agent}", "calls", "settings"):
        answer = page.goto(f"/t/north/{path}")
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading", name=NOTHING)).to_be_visible()
        expect(page.get_by_text("north", exact=False)).to_have_count(0)
    page.goto(f"/t/elsewhere/agents/{agent}")
    expect(page.get_by_role("heading", name=NOTHING)).to_be_visible()
    asked = page.request.get(f"/api/v1/agents/{agent}", headers={"X-Tenant": _id(two.north)})
    assert asked.status in {401, 403, 404}
    assert "north" not in asked.text()


def _id(person: Person) -> str:
    return str(person.api.get("/tenant")["id"])
