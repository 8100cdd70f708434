"""A tenant whose campaigns have been at work: what the pages of campaigns show when they are not empty."""

from __future__ import annotations

from dataclasses import dataclass

from tests.browser.product import Person, Product
from tests.journeys import campaigning
from tests.sip.wait import until

CALLER, TIRED, FRESH = "+12025556002", "+12025556003", "+12025556004"
ENDINGS = [1, 7, 99]
"""Talks, is busy, does not exist."""

# A day like the 28 before it for one number, one far worse for the other.
TIRE = """
from datetime import timedelta
from django.utils import timezone
from apps.campaigns.models import NumberDay
from apps.campaigns.services.number_health import look_at_all
from apps.numbers.models import PhoneNumber
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
with platform_scope():
    tenant = Tenant.objects.get(slug={slug!r})
now = timezone.now()
with tenant_scope(tenant.pk):
    for e164, answered, short in (({tired!r}, 9, 8), ({fresh!r}, 40, 2)):
        number = PhoneNumber.objects.get(e164=e164)
        for back in range(8):
            day = now.date() - timedelta(days=back)
            good = dict(attempts=80, answered=40, short=2, blocked=1)
            today = dict(attempts=80, answered=answered, short=short, blocked=1)
            NumberDay.objects.create(number=number, day=day, **(good if back else today))
look_at_all(now=now)
"""
TROUBLE = """
from apps.campaigns.models import Campaign, CampaignState, PauseCode
from apps.campaigns.services.lifecycle import set_paused
from django.db import transaction
from django.utils import timezone
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
with platform_scope():
    tenant = Tenant.objects.get(slug={slug!r})
with tenant_scope(tenant.pk), transaction.atomic():
    campaign = Campaign.objects.get(name="In trouble")
    words = "9 of the last 20 attempts (45 %) met trunk trouble; at most 30 % may."
    set_paused(campaign, PauseCode.TRUNK_TROUBLE, words, now=timezone.now())
"""


@dataclass(frozen=True)
class Campaigns:
    """Public ids: one that runs and has dialed all its contacts but one, one that paused itself, a draft."""

    running: str
    paused: str
    draft: str


def furnish(product: Product, owner: Person, agent: str) -> Campaigns:
    api = owner.api
    numbers = {
        e164: str(api.post("/numbers", {"carrier": "sandbox", "e164": e164})["id"])
        for e164 in (CALLER, TIRED, FRESH)
    }
    caller = numbers[CALLER]
    running = campaigning.make(
        api, agent=agent, caller=caller, numbers=campaigning.crowd(6, ENDINGS), stay_open=True
    )
    api.post(f"/campaigns/{running}/contacts", {"contacts": [{"number": "+12025550188"}]})
    api.post("/do-not-call", {"numbers": ["+12025550188", "+442079460018"], "note": "Asked by letter"})
    api.post("/do-not-call", {"numbers": ["+12025550189"], "campaign": running})
    paused = campaigning.make(api, agent=agent, caller=caller, numbers=["+12025550144"], stay_open=True)
    api.http.patch(f"/campaigns/{paused}", json={"name": "In trouble"}).raise_for_status()
    draft = campaigning.make(api, agent=agent, caller=caller, numbers=[])
    rows = b"Phone,First name\n+1 202 555 0100,Ann\nnobody,Bob\n"
    files = {"file": ("contacts.csv", rows, "text/csv")}
    wish = {"kind": "contacts", "campaign": draft}
    api.http.post("/imports", data=wish, files=files).raise_for_status()
    for one in (running, paused):
        api.post(f"/campaigns/{one}/start", {})
    product.console.run(TROUBLE.format(slug=owner.tenant))
    product.console.run(TIRE.format(slug=owner.tenant, tired=TIRED, fresh=FRESH))
    until(
        lambda: api.get(f"/campaigns/{running}/progress")["remaining"] == 0,
        "the campaign has dialed",
        120,
        every_s=1.0,
    )
    return Campaigns(running, paused, draft)
