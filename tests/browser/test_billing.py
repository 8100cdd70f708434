"""Money as people meet it: paid in, given back, limited, and accounted for."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.looking import look
from tests.browser.product import Person, Product
from tests.browser.walking import choose, confirm, navigation, told
from tests.journeys import agents

BILLING = "/t/payers/billing"
DECLINED = "4000000000000002"

SPEND = """
from datetime import timedelta
from django.utils import timezone
from apps.billing.services import hold_many, settle
from apps.billing.values import HoldRequest, Line
from apps.statements.services.counting import count_all
from apps.statements.services.invoicing import make_invoices
from tenants.ids import from_public
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
with platform_scope():
    tenant = Tenant.objects.get(slug={slug!r})
lines = [
    Line("platform", "", 65, "second", 50_000, 60, 54_167),
    Line("telephony", "United States", 65, "second", 8_000, 60, 8_667),
    Line("llm", "Test model", 1204, "input_token", 3_000_000, 1_000_000, 3_612),
]
with tenant_scope(tenant.pk):
    call = from_public("call_", {call!r})
    wish = HoldRequest(per_minute_micros=100_000, first_ms=120_000, most_ms=120_000)
    assert hold_many(holds={{call: wish}})
    settle(tenant_id=tenant.pk, call_id=call, lines=lines)
count_all()
make_invoices(tenant.pk, now=timezone.now() + timedelta(days=40))
"""
PLAN = """
from apps.billing.models import Plan
from tenants.scope import platform_scope
with platform_scope():
    Plan.objects.create(
        code="team-of-payers", name="Team of payers", price_micros_month=49_000_000, included_minutes=500
    )
"""
STOP = """
from apps.billing.services.stops import stop_outbound
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
with platform_scope():
    tenant = Tenant.objects.get(slug={slug!r})
with tenant_scope(tenant.pk):
    stop_outbound(kind="hour", words="Much more was spent in an hour than ever.")
"""


@pytest.fixture(scope="module")
def payer(product: Product) -> Person:
    return product.person("payer", tenant="payers")


def test_money_is_paid_in_and_a_part_is_given_back(payer: Person, open_page: Callable[..., Page]) -> None:
    page = open_page(BILLING, payer)
    expect(_figure(page, "To spend")).to_contain_text("$5.00")
    amount = page.get_by_role("textbox", name="Amount")
    amount.fill("1")
    page.get_by_role("button", name="Go to payment").click()
    expect(page.get_by_text(re.compile("^Give an amount from"))).to_be_visible()
    page.get_by_role("button", name="$50", exact=True).click()
    expect(amount).to_have_value("$50.00")
    amount.fill("20.50")
    look(page, "billing-balance")
    page.get_by_role("button", name="Go to payment").click()
    expect(page.get_by_role("heading", name="Pay $20.50")).to_be_visible()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.get_by_text("Thank you")).to_be_visible()
    expect(_figure(page, "To spend")).to_contain_text("$25.50")
    expect(page.get_by_role("link", name="Balance $25.50").first).to_be_attached()
    row = page.get_by_role("row").filter(has_text="Top-up")
    expect(row).to_contain_text("Paid")
    look(page, "billing-paid")
    _give_back(page, row)


def _give_back(page: Page, row: Locator) -> None:
    row.get_by_role("button", name="Give back").click()
    dialog = page.get_by_role("dialog", name="Give money back")
    dialog.get_by_role("textbox", name="Amount").fill("99")
    dialog.get_by_role("button", name="Give back").click()
    expect(dialog.get_by_text("Give an amount up to $20.50.")).to_be_visible()
    dialog.get_by_role("textbox", name="Amount").fill("10")
    dialog.get_by_role("textbox", name="Why").fill("Too much")
    look(page, "billing-refund")
    dialog.get_by_role("button", name="Give back").click()
    expect(dialog).to_have_count(0)
    expect(row).to_contain_text("$10.00 given back")
    expect(_figure(page, "To spend")).to_contain_text("$15.50")


def test_a_card_that_is_refused_leaves_everything_as_it_was(
    payer: Person, open_page: Callable[..., Page]
) -> None:
    page = open_page(BILLING, payer)
    page.get_by_role("button", name="Go to payment").click()
    page.get_by_role("textbox", name="Card number").fill(DECLINED)
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.get_by_text(re.compile("declined"))).to_be_visible()
    page.go_back()
    page.goto(f"{BILLING}?tab=balance&paid=0")
    expect(page.get_by_text("Nothing was paid", exact=True)).to_be_visible()
    page.get_by_role("button", name="Close").click()
    page.wait_for_url(f"**{BILLING}?tab=balance")


def test_the_balance_recharges_itself_from_a_kept_card(payer: Person, open_page: Callable[..., Page]) -> None:
    page = open_page(BILLING, payer)
    page.get_by_role("button", name=re.compile("^(Add a card|Use another)$")).click()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.get_by_text("The card is kept")).to_be_visible()
    expect(page.get_by_text("Visa ending in 4242").first).to_be_visible()
    page.get_by_role("switch", name="Recharge by itself").check(force=True)
    page.get_by_role("textbox", name="When less is left than").fill("2")
    page.get_by_role("textbox", name="Recharge by", exact=True).fill("25")
    page.get_by_role("textbox", name="At most by day").fill("20")
    save = page.get_by_role("button", name="Save")
    save.click()
    expect(page.get_by_text("A limit below one recharge")).to_be_visible()
    page.get_by_role("textbox", name="At most by day").fill("50")
    look(page, "billing-recharge")
    save.click()
    told(page, "Saved.")
    expect(page.get_by_text("On", exact=True)).to_be_visible()
    assert payer.api.get("/billing/recharge")["day_limit_micros"] == 50_000_000


def test_spending_is_limited_and_the_limit_is_changed(payer: Person, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{BILLING}?tab=limits", payer)
    page.get_by_role("button", name="New limit").first.click()
    dialog = page.get_by_role("dialog", name="New limit")
    dialog.get_by_role("button", name="Set the limit").click()
    expect(dialog.get_by_text("Give an amount.")).to_be_visible()
    dialog.get_by_role("textbox", name="At most").fill("12.34")
    look(page, "billing-limit-new")
    dialog.get_by_role("button", name="Set the limit").click()
    expect(dialog).to_have_count(0)
    row = page.get_by_role("row").filter(has_text="The whole workspace")
    expect(row).to_contain_text("$12.34")
    look(page, "billing-limits")
    row.get_by_role("button", name="Change the limit of").click()
    dialog = page.get_by_role("dialog", name="Change the limit")
    dialog.get_by_role("textbox", name="At most").fill("20")
    dialog.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("$20.00")
    row.get_by_role("button", name="Delete the limit of").click()
    confirm(page, "Delete the limit of The whole workspace, by day?", "Delete")
    expect(page.get_by_text("No limits")).to_be_visible()


def test_calls_go_to_the_countries_that_are_chosen(payer: Person, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{BILLING}?tab=limits", payer)
    field = page.get_by_role("combobox", name="Allowed countries").or_(
        page.get_by_role("textbox", name="Allowed countries")
    )
    field.fill("Germ")
    page.get_by_role("option", name="Germany").click()
    page.keyboard.press("Escape")
    page.get_by_role("region", name="Countries").get_by_role("button", name="Save").click()
    told(page, "Saved.")
    assert payer.api.get("/billing/countries")["allowed"] == ["DE"]
    page.goto("/t/payers/settings")
    expect(page.get_by_role("region", name="Countries")).to_contain_text("Germany")
    payer.api.http.put("/billing/countries", json={"allowed": []}).raise_for_status()


def test_calls_that_were_stopped_go_out_again_when_somebody_says_so(
    product: Product, payer: Person, open_page: Callable[..., Page]
) -> None:
    product.console.run(STOP.format(slug=payer.tenant))
    page = open_page(BILLING, payer)
    alert = page.get_by_role("alert").filter(has_text="Calls out are stopped")
    expect(alert).to_contain_text("Much more was spent in an hour than ever.")
    look(page, "billing-stopped")
    alert.get_by_role("button", name="Let calls out again").click()
    confirm(page, "Let calls out again?", "Let calls out again")
    expect(alert).to_have_count(0)
    page.get_by_role("tab", name="Limits").click()
    expect(page.get_by_role("region", name="Earlier stops")).to_contain_text("payer@example.com")


def test_what_was_spent_is_shown_drawn_and_downloaded(
    product: Product, payer: Person, open_page: Callable[..., Page]
) -> None:
    call = _call(payer)
    product.console.run(SPEND.format(slug=payer.tenant, call=call))
    page = open_page(f"/t/payers/calls/{call}", payer)
    cost = page.get_by_role("region", name="Cost")
    expect(cost).to_contain_text("$0.066446")
    expect(cost.get_by_role("row").filter(has_text="Telephony")).to_contain_text("1:05 × $0.008 a minute")
    expect(cost.get_by_role("row").filter(has_text="Test model")).to_contain_text("1,204 tokens in")
    look(page, "billing-call")
    page.goto(f"{BILLING}?tab=usage")
    expect(page.get_by_text("Cost by day")).to_be_visible()
    expect(_figure(page, "Spent")).to_contain_text("$0.07")
    page.get_by_role("radiogroup", name="Divided by").get_by_text("Component").click()
    expect(page.get_by_role("row").filter(has_text="Language model")).to_contain_text("$0.01")
    page.get_by_role("radiogroup", name="Divided by").get_by_text("Agent").click()
    expect(page.get_by_role("link", name="Payer’s agent")).to_be_visible()
    look(page, "billing-usage")
    page.get_by_role("button", name="Cost by day: As a table").click()
    expect(page.get_by_role("columnheader", name="Telephony")).to_be_visible()
    found = _download(page, page.get_by_role("link", name="Download as CSV"))
    assert len(list(csv.reader(io.StringIO(found.decode())))) > 1
    page.get_by_role("tab", name="History").click()
    row = page.get_by_role("row").filter(has_text="-$0.066446")
    expect(row.get_by_role("link", name="To the call")).to_have_attribute("href", re.compile(call))
    look(page, "billing-history")
    choose(page.get_by_role("combobox", name="Kind"), "Free credit")
    expect(page.get_by_role("row").filter(has_text="+$5.00")).to_be_visible()
    assert b"free_credit" in _download(page, page.get_by_role("link", name="Download as CSV"))
    page.get_by_role("tab", name="Invoices").click()
    _invoice(page)


def _call(payer: Person) -> str:
    """A call that has ended: the phone was busy."""
    agent = payer.api.agent("Payer’s agent", agents.reminder())
    number = payer.api.post("/numbers", {"carrier": "sandbox"})["e164"]
    wish = {"from_number": number, "to_number": "+12025550107", "agent": agent}
    call = str(payer.api.post("/calls", wish)["id"])
    payer.api.ended(call)
    return call


def _invoice(page: Page) -> None:
    row = page.get_by_role("row").filter(has_text=re.compile(r"\d{4}-0001"))
    row.get_by_role("button", name="What stands on invoice").click()
    expect(page.get_by_text(re.compile("Language model|Test model")).first).to_be_visible()
    look(page, "billing-invoices")
    assert _download(page, row.get_by_role("link", name="as PDF")).startswith(b"%PDF-")
    page.get_by_role("textbox", name="Made out to").fill("Payers\n1 Main Street")
    page.get_by_role("button", name="Save").click()
    told(page, "Saved.")


def test_a_plan_is_chosen_paid_and_cancelled(
    product: Product, payer: Person, open_page: Callable[..., Page]
) -> None:
    product.console.run(PLAN)
    page = open_page(f"{BILLING}?tab=plans", payer)
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Team of payers"))
    expect(card).to_contain_text("$49.00 a month")
    look(page, "billing-plans")
    card.get_by_role("button", name="Choose this plan").click()
    confirm(page, "Change to Team of payers?", "Choose this plan")
    pay = page.get_by_role("button", name="Pay", exact=True)
    current = card.get_by_text("Yours")
    expect(pay.or_(current).first).to_be_visible()
    if pay.is_visible():
        pay.click()
    expect(current).to_be_visible()
    expect(page.get_by_text(re.compile("^Renews itself on"))).to_be_visible()
    page.get_by_role("button", name="Cancel the plan").click()
    confirm(page, "Cancel the plan?", "Cancel the plan")
    expect(page.get_by_text(re.compile("^Ends on"))).to_be_visible()
    look(page, "billing-plan-ends")


def test_who_may_see_money_and_who_may_move_it(
    product: Product, payer: Person, open_page: Callable[..., Page]
) -> None:
    keeper = product.person("bookkeeper", tenant="payers", role="billing")
    page = open_page(BILLING, keeper)
    expect(page.get_by_role("button", name="Go to payment")).to_be_visible()
    assert navigation(page) == ["Team", "Billing", "Settings", "API reference"]
    reader = product.person("reader", tenant="payers", role="admin")
    page = open_page(BILLING, reader)
    expect(_figure(page, "To spend")).to_be_visible()
    expect(page.get_by_role("button", name="Go to payment")).to_have_count(0)
    stranger = product.person("looker", tenant="payers", role="analyst")
    page = open_page(BILLING, stranger)
    expect(page.get_by_text("Your role may not see this")).to_be_visible()
    assert "Billing" not in navigation(page)


def _figure(page: Page, name: str) -> Locator:
    """What stands under a name in large letters."""
    return page.locator("dl > div").filter(has=page.locator("dt", has_text=re.compile(f"^{name}$")))


def _download(page: Page, link: Locator) -> bytes:
    with page.expect_download() as download:
        link.click()
    return download.value.path().read_bytes()
