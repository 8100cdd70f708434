"""A customer connects a carrier by the guided set-up, sees what goes on there, and changes its settings."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import look
from tests.browser.product import Person, Product
from tests.browser.walking import choose, told
from tests.journeys import agents

TRUNKS = "/t/connected/trunks"
OURS = "+12025557001"
TALKS, BUSY = "+12025550101", "+12025550107"


@pytest.fixture(scope="module")
def customer(product: Product) -> Person:
    owner = product.person("customer", tenant="connected")
    owner.api.agent("Reminder", agents.reminder())
    return owner


def test_a_carrier_is_connected_step_by_step_and_carries_calls(
    product: Product, customer: Person, open_page: Callable[..., Page]
) -> None:
    page = open_page(TRUNKS, customer)
    expect(page.get_by_text("No trunks yet")).to_be_visible()
    page.get_by_role("link", name="New trunk").click()
    page.get_by_role("button", name=re.compile("^A carrier with fixed addresses")).click()
    _fill_connection(page, product.stack.sip_port + 5)
    page.get_by_role("button", name="Create the trunk").click()
    expect(page.get_by_role("heading", name="“Main carrier” is set up")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^sip:<number>@main-carrier"))).to_be_visible()
    _look(page, "trunk-ready")
    _connect_number(page)
    _call_twice(customer)
    _list_shows_it(page)
    _page_shows_it(page)


def _fill_connection(page: Page, carrier_port: int) -> None:
    """A network that is too wide first: the server's reason stands at its field, and nothing is lost."""
    page.get_by_role("textbox", name="Name").fill("Main carrier")
    page.get_by_role("textbox", name="SIP server").fill("127.0.0.1")
    page.get_by_role("textbox", name="Port").fill(str(carrier_port))
    allowed = page.get_by_role("textbox", name="Calls come from")
    go_on = page.get_by_role("button", name="Check and go on")
    go_on.click()
    expect(page.get_by_text("Give the addresses that calls come from.")).to_be_visible()
    allowed.fill("203.0.113.7\n198.0.0.0/8")
    go_on.click()
    expect(page.get_by_text("198.0.0.0/8: A network may be at most /16 wide.")).to_be_visible()
    expect(allowed).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("textbox", name="SIP server")).to_have_value("127.0.0.1")
    _look(page, "trunk-fault")
    allowed.fill("203.0.113.7\n198.51.100.0/24")
    go_on.click()
    expect(page.get_by_role("combobox", name="Numbers are written")).to_be_visible()
    _look(page, "trunk-calls")


def _connect_number(page: Page) -> None:
    page.get_by_role("button", name="Connect a number").click()
    dialog = page.get_by_role("dialog", name="Add a number")
    expect(dialog.get_by_role("combobox", name="Trunk")).to_have_value("Main carrier")
    dialog.get_by_role("textbox", name="Number", exact=True).fill("+1 202 555 7001")
    choose(dialog.get_by_role("combobox", name="Reaches"), "Reminder")
    dialog.get_by_role("button", name="Add a number").click()
    expect(dialog).to_have_count(0)


def _call_twice(customer: Person) -> None:
    """One is answered, one is busy; the sandbox's phones are the far side of the carrier."""
    placed = [
        customer.api.post("/calls", {"from_number": OURS, "to_number": to})["id"] for to in (TALKS, BUSY)
    ]
    for call in placed:
        customer.api.ended(call)


def _list_shows_it(page: Page) -> None:
    page.goto(TRUNKS)
    row = page.get_by_role("row").filter(has_text="Main carrier")
    expect(row.get_by_text("0 of 10")).to_be_visible()
    expect(row.get_by_text("50 %")).to_be_visible()
    expect(row.get_by_text("of 2 calls")).to_be_visible()
    expect(row.get_by_role("cell", name="1 up", exact=True)).to_be_visible()
    row.get_by_role("button", name="Details of Main carrier").click()
    expect(page.get_by_role("list", name="Gateways")).to_contain_text("127.0.0.1")
    _look(page, "trunk-list")


def _page_shows_it(page: Page) -> None:
    page.get_by_role("link", name="Main carrier").click()
    expect(page.get_by_text("1 of 2 attempts")).to_be_visible()
    failures = page.get_by_role("region", name="Failures by SIP code")
    failures.get_by_role("button", name="Failures by SIP code: As a table").click()
    expect(failures.get_by_role("columnheader", name="486 Busy")).to_be_visible()
    failures.get_by_role("button", name="Failures by SIP code: As a chart").click()
    expect(failures.locator(".recharts-bar-rectangle path").first).to_be_attached()
    _look(page, "trunk-figures")
    page.get_by_role("radiogroup", name="Period").get_by_text("7 days").click()
    expect(page.get_by_text("1 of 2 attempts")).to_be_visible()
    page.get_by_role("radiogroup", name="Direction").get_by_text("Inbound").click()
    expect(page.get_by_text("0 of 0 attempts")).to_be_visible()


def test_settings_of_two_people_do_not_overwrite_each_other(
    customer: Person, open_page: Callable[..., Page]
) -> None:
    gateway = {"host": "127.0.0.1", "port": 5999}
    made = customer.api.post("/trunks", {"name": "Second", "direction": "outbound", "gateways": [gateway]})[
        "id"
    ]
    page = open_page(f"{TRUNKS}/{made}?tab=settings", customer)
    other = open_page(f"{TRUNKS}/{made}?tab=settings", customer)
    for one, calls in ((page, "20"), (other, "30")):
        one.get_by_role("textbox", name="Calls at a time").fill(calls)
    page.get_by_role("button", name="Save", exact=True).click()
    told(page, "“Second” is saved.")
    srtp = other.get_by_role("combobox", name="Encryption (SRTP)")
    choose(srtp, "Required")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_text("Somebody else has changed this")).to_be_visible()
    other.get_by_role("button", name="Keep mine").click()
    expect(other.get_by_text("every gateway needs tls")).to_be_visible()
    _look(other, "trunk-settings")
    choose(srtp, "Off")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_role("textbox", name="Calls at a time")).to_have_value("30")


def _look(page: Page, name: str) -> None:
    page.mouse.move(0, 0)  # no tooltip in the picture
    expect(page.get_by_role("tooltip")).to_have_count(0)
    look(page, name)
