"""Numbers as people get them: searched for, bought, paid by the month, given a name, brought, given back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.looking import look
from tests.browser.product import Person, Product
from tests.browser.walking import choose, confirm, told
from tests.fakes.twilio_server.server import Offer
from tests.journeys import agents, campaigning
from tests.sip.wait import until

NUMBERS = "/t/buyers/numbers"

LONDON = Offer("+442079460018", country="GB", locality="London", address="local", bundle=True)
_DOCUMENT = {
    "name": "Address",
    "type": "document",
    "requirement_name": "local_address_proof",
    "description": "An address in the United Kingdom",
    "accepted_documents": [
        {
            "name": "Utility bill",
            "type": "utility_bill",
            "detailed_fields": [{"machine_name": "address_sids", "friendly_name": "Address"}],
        }
    ],
}
_BUSINESS = {
    "name": "Business",
    "type": "business",
    "requirement_name": "business_info",
    "detailed_fields": [{"machine_name": "business_name", "friendly_name": "Business Name"}],
}
REGULATION: dict[str, Any] = {
    "sid": "RN" + "0" * 32,
    "friendly_name": "United Kingdom: Local - Business",
    "iso_country": "GB",
    "number_type": "local",
    "end_user_type": "business",
    "requirements": {"end_user": [_BUSINESS], "supporting_document": [[_DOCUMENT]]},
}

ASK_NOW = """
from django.utils import timezone
from apps.numbers.models import NumberBundle
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
with platform_scope():
    tenant = Tenant.objects.get(slug={slug!r})
with tenant_scope(tenant.pk):
    NumberBundle.objects.update(next_at=timezone.now())
"""
BALANCE = """
from apps.billing.selectors import get_wallet
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.money import set_balance
with platform_scope():
    tenant = Tenant.objects.get(slug={slug!r})
with tenant_scope(tenant.pk):
    held = get_wallet().held_micros
set_balance(tenant, held + {micros})
"""


@pytest.fixture(scope="module")
def buyer(product: Product) -> Person:
    return product.person("buyer", tenant="buyers")


def test_a_number_is_searched_for_bought_and_given_back(
    buyer: Person, open_page: Callable[..., Page]
) -> None:
    page = open_page(NUMBERS, buyer)
    page.get_by_role("link", name="Buy a number").click()
    page.wait_for_url(f"**{NUMBERS}/buy")
    _search(page, area="4a5")
    expect(page.get_by_text("Digits only.")).to_be_visible()
    _search(page, area="415")
    expect(page.get_by_text("No such number is free")).to_be_visible()
    _search(page, area="202", contains="55-51")
    found = page.get_by_role("row").filter(has_text="Washington")
    expect(found.first).to_contain_text("$1.00 a month")
    look(page, "numbers-found")
    number = found.first.locator(".tl-mono").first.inner_text()
    found.first.get_by_role("button", name="Buy").click()
    dialog = page.get_by_role("dialog", name=f"Buy {number}")
    dialog.get_by_role("textbox", name="Label").fill("Bought")
    look(page, "numbers-order")
    dialog.get_by_role("button", name="Buy for $1.00").click()
    told(page, f"{number} is ordered.")
    order = page.get_by_role("row").filter(has_text=number)
    expect(order).to_contain_text("Yours", timeout=60_000)
    order.get_by_role("button", name="Steps of the order").click()
    look(page, "numbers-orders")
    page.get_by_role("tab", name="Yours").click()
    mine = page.get_by_role("row").filter(has_text=number)
    expect(mine).to_contain_text("$1.00 a month · Paid until")
    look(page, "numbers-rented")
    _name(page, mine, number)
    _give_back(page, mine, number)


def _search(page: Page, *, area: str, contains: str = "") -> None:
    page.get_by_role("textbox", name="Area code").fill(area)
    page.get_by_role("textbox", name="With these digits").fill(contains)
    page.get_by_role("button", name="Search", exact=True).click()


def _name(page: Page, row: Locator, number: str) -> None:
    """The name that callees see."""
    row.get_by_role("button", name=f"More for {number}").click()
    page.get_by_role("menuitem", name="Edit").click()
    dialog = page.get_by_role("dialog", name=number)
    dialog.get_by_role("textbox", name="Name that callees see").fill("BUYERS INC")
    dialog.get_by_role("button", name="Save").click()
    told(page, f"{number} is changed.")
    expect(dialog).to_have_count(0)
    row.get_by_role("button", name=f"More for {number}").click()
    page.get_by_role("menuitem", name="Edit").click()
    expect(dialog.get_by_role("textbox", name="Name that callees see")).to_have_value("BUYERS INC")
    look(page, "numbers-edit")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def _give_back(page: Page, row: Locator, number: str) -> None:
    row.get_by_role("button", name=f"More for {number}").click()
    page.get_by_role("menuitem", name="Release").click()
    confirm(page, f"Release {number}?", "Release")
    expect(row).to_have_count(0)


def test_papers_are_handed_in_and_a_number_comes_with_them(
    product: Product, buyer: Person, open_page: Callable[..., Page]
) -> None:
    product.twilio.sells(LONDON, month="1.15")
    product.twilio.account.regulations.append(REGULATION)
    page = open_page(f"{NUMBERS}/buy", buyer)
    choose(page.get_by_role("combobox", name="Country"), "United Kingdom")
    page.get_by_role("button", name="Search", exact=True).click()
    found = page.get_by_role("row").filter(has_text="London")
    expect(found).to_contain_text("Needs papers")
    found.get_by_role("button", name="Buy").click()
    dialog = page.get_by_role("dialog", name=re.compile("^Buy"))
    buy = dialog.get_by_role("button", name=re.compile("^Buy for"))
    buy.click()
    expect(dialog.get_by_text("The regulator wants an address: choose one")).to_be_visible()
    _write_address(dialog, city="London", postal_code="SW1A 1AA")
    _hand_in(page, dialog)
    expect(dialog.get_by_text("A Company is being looked at")).to_be_visible()
    look(page, "numbers-papers-waiting")
    until(lambda: _bundle(buyer)["state"] == "pending", "the carrier has the papers", 30)
    [bundle] = product.twilio.account.all("BU")
    bundle["status"] = "twilio-approved"
    product.console.run(ASK_NOW.format(slug=buyer.tenant))
    papers = dialog.get_by_role("combobox", name="Papers")
    expect(dialog.get_by_text("A Company is being looked at")).to_have_count(0)
    choose(papers, "A Company")
    buy.click()
    order = page.get_by_role("row").filter(has_text="+44 207")
    expect(order).to_contain_text("Yours", timeout=60_000)
    assert product.twilio.account.owned == [LONDON.e164]
    page.get_by_role("tab", name="Papers").click()
    expect(page.get_by_role("region", name="Papers handed in")).to_contain_text("Approved")
    look(page, "numbers-papers")


def _bundle(buyer: Person) -> dict[str, Any]:
    [bundle] = buyer.api.get("/numbers/bundles")["results"]
    return dict(bundle)


def _hand_in(page: Page, order: Locator) -> None:
    order.get_by_role("button", name="Hand in papers").click()
    dialog = page.get_by_role("dialog", name="Hand in papers")
    dialog.get_by_role("button", name="Hand in", exact=True).click()
    expect(dialog.get_by_text("This is needed.")).to_be_visible()
    dialog.get_by_role("textbox", name="Who uses the numbers").fill("A Company")
    dialog.get_by_role("textbox", name="E-mail for the carrier").fill("owner@example.com")
    dialog.get_by_role("textbox", name="Business Name").fill("A Company")
    proof = dialog.get_by_role("group", name="An address in the United Kingdom")
    choose(proof.get_by_role("combobox", name="Address"), "Buyers Inc")
    look(page, "numbers-papers-new")
    dialog.get_by_role("button", name="Hand in", exact=True).click()
    told(page, "The papers are handed in.")


def test_who_has_too_little_is_told_so_and_where_to_top_up(
    product: Product, buyer: Person, open_page: Callable[..., Page]
) -> None:
    product.console.run(BALANCE.format(slug=buyer.tenant, micros=900_000))
    page = open_page(f"{NUMBERS}/buy", buyer)
    _search(page, area="202")
    page.get_by_role("button", name=re.compile("^Buy \\+1")).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Buy for $1.00").click()
    expect(dialog.get_by_role("alert").filter(has_text=re.compile("0.90"))).to_be_visible()
    look(page, "numbers-short")
    dialog.get_by_role("link", name="Top up").click()
    page.wait_for_url("**/t/buyers/billing")
    product.console.run(BALANCE.format(slug=buyer.tenant, micros=5_000_000))


def test_a_number_is_brought_from_another_carrier(buyer: Person, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{NUMBERS}?tab=ports", buyer)
    page.get_by_role("button", name="Bring a number").click()
    dialog = page.get_by_role("dialog", name="Bring a number")
    number = dialog.get_by_role("textbox", name="Phone number", exact=True)
    choose(dialog.get_by_role("combobox", name="Carrier here"), "Sandbox")
    number.fill("+12065550123")
    dialog.get_by_role("button", name="Can it come?").click()
    expect(dialog.get_by_role("alert")).to_contain_text("cannot come")
    number.fill("+12025551777")
    dialog.get_by_role("button", name="Can it come?").click()
    expect(dialog.get_by_text(re.compile("can come. It then costs"))).to_be_visible()
    submit = dialog.get_by_role("button", name="Order the transfer")
    submit.click()
    expect(dialog.get_by_text("This is needed.").first).to_be_visible()
    dialog.get_by_role("textbox", name=re.compile("^Holder")).fill("Buyers Inc")
    dialog.get_by_role("textbox", name="Who signs for the holder").fill("The owner")
    dialog.get_by_role("textbox", name="E-mail of who signs").fill("owner@example.com")
    _write_address(dialog, city="Washington", postal_code="20001")
    look(page, "numbers-port")
    submit.click()
    expect(dialog).to_have_count(0)
    row = page.get_by_role("row").filter(has_text="+1 202 555 1777")
    expect(row).to_contain_text(re.compile("Here|Being sent|Sent"))
    look(page, "numbers-ports")


def _write_address(dialog: Locator, *, city: str, postal_code: str) -> None:
    dialog.get_by_role("button", name="New address").click()
    address = dialog.get_by_role("group", name="New address")
    address.get_by_role("button", name="Save the address").click()
    expect(address.get_by_text("This is needed.").first).to_be_visible()
    address.get_by_role("textbox", name="Person or company").fill("Buyers Inc")
    address.get_by_role("textbox", name="Street and house number").fill("1 Main Street")
    address.get_by_role("textbox", name="Postal code").fill(postal_code)
    address.get_by_role("textbox", name="Place").fill(city)
    address.get_by_role("textbox", name="State or region").fill("DC")
    address.get_by_role("button", name="Save the address").click()
    expect(address).to_have_count(0)


def test_a_number_that_a_campaign_needs_goes_only_when_it_is_typed(
    buyer: Person, open_page: Callable[..., Page]
) -> None:
    agent = buyer.api.agent("Caller", agents.reminder())
    number = buyer.api.post("/numbers", {"carrier": "sandbox"})
    campaign = campaigning.make(
        buyer.api, agent=agent, caller=number["id"], numbers=["+12025550144"], stay_open=True
    )
    buyer.api.post(f"/campaigns/{campaign}/start", {})
    page = open_page(NUMBERS, buyer)
    row = page.get_by_role("row").filter(has=page.get_by_text(_shown(number["e164"]), exact=True))
    row.get_by_role("button", name="More for").click()
    page.get_by_role("menuitem", name="Release").click()
    title = f"Release {_shown(number['e164'])}?"
    # The same question again, for more: `confirm` waits until it is gone.
    page.get_by_role("dialog", name=title).get_by_role("button", name="Release", exact=True).click()
    dialog = page.get_by_role("dialog", name=title).filter(has_text="It is needed")
    expect(dialog.get_by_role("alert")).to_contain_text("Campaigns need this number")
    again = dialog.get_by_role("textbox", name="To release it all the same")
    again.fill("+12025550199")
    dialog.get_by_role("button", name="Release").click()
    expect(dialog.get_by_text("This is not the number.")).to_be_visible()
    look(page, "numbers-needed")
    again.fill(number["e164"])
    dialog.get_by_role("button", name="Release").click()
    told(page, "is released.")
    expect(row).to_have_count(0)
    buyer.api.post(f"/campaigns/{campaign}/stop", {})


def _shown(e164: str) -> str:
    return re.sub(r"^\+1(\d{3})(\d{3})(\d{4})$", r"+1 \1 \2 \3", e164)


def test_who_may_only_look_finds_nothing_to_buy_with(
    product: Product, buyer: Person, open_page: Callable[..., Page]
) -> None:
    looker = product.person("looks", tenant="buyers", role="analyst")
    page = open_page(f"{NUMBERS}/buy", looker)
    _search(page, area="202")
    expect(page.get_by_role("row").filter(has_text="Washington").first).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Buy"))).to_have_count(0)
