"""How long what is kept, holds, and what one person asks for, as an owner does it."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import look
from tests.browser.product import Person, Product
from tests.browser.walking import confirm, told
from tests.journeys import agents

PRIVACY = "/t/keepers/privacy"
NUMBER, PERSON, OTHER = "+12025556091", "+12025550101", "+12025550107"


# As if two months had gone by.
PURGE = """
from datetime import timedelta
from django.utils import timezone
from apps.privacy.services.purging import purge_tenant
from tenants.models import Tenant
from tenants.scope import platform_scope
with platform_scope():
    tenant = Tenant.objects.get(slug={slug!r})
purge = purge_tenant(tenant.pk, day=timezone.now().date() + timedelta(days=60))
print(purge.left, purge.files_gone, purge.problem)
"""


@pytest.fixture(scope="module")
def keeper(product: Product) -> Person:
    """Somebody who has called two people, one of whom talked."""
    owner = product.person("keeper", tenant="keepers")
    api = owner.api
    agent = api.agent("Reminder", agents.reminder())
    api.post("/numbers", {"carrier": "sandbox", "e164": NUMBER, "agent": agent})
    for to in (PERSON, OTHER):
        api.ended(api.post("/calls", {"from_number": NUMBER, "agent": agent, "to_number": to})["id"])
    return owner


def test_what_is_kept_how_long_is_seen_before_it_is_saved(
    keeper: Person, open_page: Callable[..., Page]
) -> None:
    page = open_page(PRIVACY, keeper)
    calls = page.get_by_role("textbox", name="Days that Calls are kept")
    row = page.get_by_role("row").filter(has=calls)
    expect(row).to_contain_text("nothing: kept for ever")
    calls.fill("0")
    save = page.get_by_role("button", name="Save", exact=True)
    save.click()
    expect(page.get_by_text("Between 1 and 3650 days, or empty.")).to_be_visible()
    calls.fill("30")
    expect(row.get_by_text("nothing", exact=True).filter(visible=True)).to_be_visible()
    look(page, "privacy-retention")
    save.click()
    confirm(page, "Delete sooner than so far?", "Save it so")
    told(page, "Saved.")
    calls.fill("40")
    keeper.api.http.put("/privacy/retention", json={"messages": 90}).raise_for_status()
    save.click()
    expect(page.get_by_text("Somebody else has changed this")).to_be_visible()
    look(page, "privacy-stale")
    page.get_by_role("button", name="Load theirs").click()
    expect(page.get_by_role("textbox", name="Days that Messages and callbacks are kept")).to_have_value(
        re.compile("90")
    )
    expect(calls).to_have_value(re.compile("30"))


def test_a_person_gets_a_copy_of_everything(
    keeper: Person, tmp_path: Path, open_page: Callable[..., Page]
) -> None:
    page = open_page(f"{PRIVACY}?tab=requests", keeper)
    page.get_by_role("button", name="New request").first.click()
    dialog = page.get_by_role("dialog", name="New request")
    number = dialog.get_by_role("textbox", name="Phone number")
    number.fill("202 555 0101")
    dialog.get_by_role("button", name="Make the copy").click()
    expect(dialog.get_by_text("Give the whole number")).to_be_visible()
    number.fill("+1 202 555-0101")
    dialog.get_by_role("textbox", name="Note").fill("By letter")
    dialog.get_by_role("button", name="Make the copy").click()
    expect(dialog).to_have_count(0)
    row = page.get_by_role("row").filter(has_text="By letter")
    expect(row).to_contain_text("Done", timeout=90_000)
    row.get_by_role("button", name="Report of the request").click()
    look(page, "privacy-requests")
    with page.expect_download() as download:
        row.get_by_role("link", name="Download").click()
    path = tmp_path / "export.zip"
    download.value.save_as(path)
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None
        manifest = json.loads(file.read("manifest.json"))
        assert manifest
        assert any(name.endswith(".wav") for name in file.namelist())


def test_a_deletion_waits_for_a_hold_and_then_is_done(keeper: Person, open_page: Callable[..., Page]) -> None:
    page = open_page(f"{PRIVACY}?tab=holds", keeper)
    page.get_by_role("button", name="New hold").first.click()
    dialog = page.get_by_role("dialog", name="New hold")
    dialog.get_by_role("button", name="Hold it").click()
    expect(dialog.get_by_text("Give it a name.")).to_be_visible()
    dialog.get_by_role("textbox", name="Name").fill("Case 12")
    dialog.get_by_role("textbox", name="Reason").fill("The court asked for it.")
    dialog.get_by_role("textbox", name="Phone number").fill(OTHER)
    look(page, "privacy-hold-new")
    dialog.get_by_role("button", name="Hold it").click()
    expect(dialog).to_have_count(0)
    look(page, "privacy-holds")
    _ask_for_deletion(page)
    row = page.get_by_role("row").filter(has_text="Asked on the phone")
    expect(row).to_contain_text("Held back", timeout=90_000)
    page.get_by_role("tab", name="Legal holds").click()
    page.get_by_role("button", name="Release Case 12").click()
    confirm(page, "Release “Case 12”?", "Release")
    expect(page.get_by_text("Released", exact=True)).to_be_visible()
    page.get_by_role("tab", name="People’s requests").click()
    expect(row).to_contain_text("Done", timeout=90_000)
    expect(row).to_contain_text("erased")
    assert OTHER not in json.dumps(keeper.api.get("/calls"))
    row.get_by_role("button", name="Report of the request").click()
    expect(page.get_by_text("as a digest that names nobody")).to_be_visible()
    look(page, "privacy-deleted")


def _ask_for_deletion(page: Page) -> None:
    page.get_by_role("tab", name="People’s requests").click()
    page.get_by_role("button", name="New request").first.click()
    dialog = page.get_by_role("dialog", name="New request")
    dialog.get_by_role("radio", name="Deletion").check()
    dialog.get_by_role("textbox", name="Phone number", exact=True).fill(OTHER)
    dialog.get_by_role("textbox", name="Note").fill("Asked on the phone")
    delete = dialog.get_by_role("button", name="Delete everything")
    again = dialog.get_by_role("textbox", name="The number once more")
    again.fill("+12025550108")
    delete.click()
    expect(dialog.get_by_text("This is not the number above.")).to_be_visible()
    look(page, "privacy-deletion")
    again.fill(OTHER)
    delete.click()
    expect(dialog).to_have_count(0)


def test_what_went_is_proved(product: Product, keeper: Person, open_page: Callable[..., Page]) -> None:
    keeper.api.http.put("/privacy/retention", json={"recordings": 30, "calls": 45}).raise_for_status()
    page = open_page(PRIVACY, keeper)
    recordings = page.get_by_role("textbox", name="Days that Recordings are kept")
    expect(page.get_by_role("row").filter(has=recordings)).to_contain_text("nothing")
    assert product.console.run(PURGE.format(slug=keeper.tenant)) == "0 True \n"
    page.get_by_role("tab", name="Purges").click()
    row = page.get_by_role("row").filter(has_text="Proved")
    expect(row).to_have_count(1)
    row.get_by_role("button", name=re.compile("^Proof of")).click()
    expect(page.get_by_text("each was asked for again, and is gone")).to_be_visible()
    proof = page.get_by_role("region", name="Recordings")
    expect(proof.get_by_text(re.compile("files of"))).to_be_visible()
    expect(proof.locator("code")).to_have_text(re.compile("^[0-9a-f]{64}$"))
    look(page, "privacy-proof")
