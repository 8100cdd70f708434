"""Every page, in both colour schemes and at both widths: a picture of it, and what axe has to say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.campaigning import Campaigns, furnish
from tests.browser.conftest import PATIENCE_MS, WIDE
from tests.browser.looking import look
from tests.browser.product import Person, Product
from tests.journeys import agents

NUMBER = "+12025556001"
TALKS, BUSY = "+12025550101", "+12025550107"


@dataclass(frozen=True)
class Furnished:
    """A tenant that has been at work: an agent in two versions, numbers, a trunk, calls."""

    owner: Person
    agent: str
    trunk: str
    call: str
    webhook: str


@pytest.fixture(scope="module")
def furnished(product: Product) -> Furnished:
    owner = product.person("gallery", tenant="gallery")
    api = owner.api
    agent = api.agent("Reminder", agents.reminder())
    api.post(f"/agents/{agent}/publish", {"note": "The same again"})
    api.agent("Reception", agents.reception(), publish=False)
    trunk = api.post(
        "/trunks",
        {
            "name": "Carrier",
            "gateways": [{"host": "127.0.0.9", "port": 5999}],
            "allowed_addresses": ["192.0.2.7"],
        },
    )["id"]
    api.post("/numbers", {"carrier": "sandbox", "e164": NUMBER, "agent": agent})
    wish = {"from_number": NUMBER, "agent": agent}
    placed = [api.post("/calls", wish | {"to_number": to})["id"] for to in (TALKS, BUSY)]
    for call in placed:
        api.ended(call)
    api.post("/invitations", {"email": "invited@example.com", "role": "analyst"})
    # Nobody listens there.
    webhook = api.post("/webhooks", {"url": "http://127.0.0.1:9/hook", "event_types": ["call.*", "trunk.*"]})
    api.post(f"/webhooks/{webhook['id']}/test", {"type": "call.ended"})
    return Furnished(owner, agent, str(trunk), str(placed[0]), str(webhook["id"]))


TENANT_PAGES = {
    "home": "",
    "start": "start",
    "agents": "agents",
    "agent": "agents/{agent}",
    "calls": "calls",
    "call": "calls/{call}",
    "live": "calls/live",
    "transcripts": "calls/search",
    "latency": "latency",
    "numbers": "numbers",
    "trunks": "trunks",
    "trunk": "trunks/{trunk}",
    "trunk-all-settings": "trunks/{trunk}?tab=settings",
    "trunk-values": "trunks/{trunk}?tab=values",
    "new-trunk": "trunks/new",
    "team": "team",
    "keys": "keys",
    "vendors": "vendors",
    "webhooks": "webhooks",
    "webhooks-events": "webhooks?tab=events",
    "webhooks-hooks": "webhooks?tab=hooks",
    "webhook": "webhooks/{webhook}",
    "webhook-signature": "webhooks/{webhook}?tab=signature",
    "webhook-new": "webhooks/new",
    "privacy": "privacy",
    "privacy-purges": "privacy?tab=purges",
    "privacy-holds-none": "privacy?tab=holds",
    "audit": "audit",
    "settings": "settings",
    "reference": "api",
    "not-found": "agents/agt_00000000000000000000000000000000",
}
PAGES = {
    "login": "/login",
    "signup": "/signup",
    "forgot": "/password/forgot",
    "join": "/join/unknown",
    "share-gone": "/share/unknown",
    "nowhere": "/no/such/page",
}


@pytest.mark.parametrize("name", TENANT_PAGES)
def test_a_page_of_a_tenant(name: str, furnished: Furnished, open_page: Callable[..., Page]) -> None:
    filled = TENANT_PAGES[name].format(**vars(furnished))
    _look(name, f"/t/gallery/{filled}".rstrip("/"), furnished.owner, open_page)


@pytest.fixture(scope="module")
def campaigns(product: Product, furnished: Furnished) -> Campaigns:
    return furnish(product, furnished.owner, furnished.agent)


CAMPAIGN_PAGES = {
    "campaigns": "campaigns",
    "campaign-running": "campaigns/{running}",
    "campaign-contacts-all": "campaigns/{running}?tab=contacts",
    "campaign-places": "campaigns/{running}?tab=places",
    "campaign-list": "campaigns/{running}?tab=lists",
    "campaign-paused": "campaigns/{paused}",
    "campaign-draft": "campaigns/{draft}",
    "campaign-setup": "campaigns/{draft}/setup",
    "campaign-new": "campaigns/new",
    "do-not-call-list": "do-not-call",
    "number-health": "numbers/health",
    "numbers-of-campaigns": "numbers",
}


@pytest.mark.parametrize("name", CAMPAIGN_PAGES)
def test_a_page_of_campaigns(
    name: str, furnished: Furnished, campaigns: Campaigns, open_page: Callable[..., Page]
) -> None:
    filled = CAMPAIGN_PAGES[name].format(**vars(campaigns))
    _look(name, f"/t/gallery/{filled}", furnished.owner, open_page)


@pytest.mark.parametrize("name", ["account", "new-tenant"])
def test_a_page_of_a_person(name: str, furnished: Furnished, open_page: Callable[..., Page]) -> None:
    _look(name, f"/{name}", furnished.owner, open_page)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_nobody(name: str, open_page: Callable[..., Page]) -> None:
    _look(name, PAGES[name], None, open_page)


def _look(name: str, path: str, person: Person | None, open_page: Callable[..., Page]) -> None:
    """The page as it is once it has loaded, in four pictures; fails with what axe finds in any."""
    page = open_page(path, person, viewport=WIDE)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("status", name=re.compile("Loading"))).to_have_count(0)
    look(page, name)
