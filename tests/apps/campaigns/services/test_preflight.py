"""Every reason against a start, alone, and what of it pauses a campaign that runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.agents.models import Agent
from apps.campaigns.models import Campaign, Consent, Contact, Minute, NumberRest, Progress
from apps.campaigns.services import preflight
from apps.campaigns.services.deciding import decide
from apps.campaigns.services.pausing import pause_if_wrong
from apps.campaigns.services.preflight import refusals
from apps.numbers.models import PhoneNumber
from telephony.trunks.models import Trunk, TrunkGateway
from tenants.ids import new_id
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.suspension import suspend
from tests.apps.campaigns.services.conftest import NOW, Dialer
from tests.money import set_balance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_tenant")]
SUNDAYS = [{"days": ["sun"], "start": "09:00", "end": "10:00"}]


@pytest.fixture
def in_tenant(dialing_tenant: Tenant) -> Iterator[None]:
    with tenant_scope(dialing_tenant.pk):
        yield


@pytest.fixture
def trunk(in_tenant: None, caller: PhoneNumber) -> Trunk:
    """The caller is a number of a trunk with a gateway, so that its calls cost money."""
    trunk = Trunk.objects.create(name="Carrier")
    TrunkGateway.objects.create(trunk=trunk, host="192.0.2.1")
    PhoneNumber.objects.filter(pk=caller.pk).update(carrier="byoc", trunk=trunk)
    return trunk


def codes(campaign: Campaign) -> list[str]:
    fresh = Campaign.objects.select_related("agent__published_version").get(pk=campaign.pk)
    return [refusal.code for refusal in refusals(fresh, NOW)]


def rest(campaign: Campaign) -> None:
    for number in PhoneNumber.objects.all():
        NumberRest.objects.create(number=number, since=NOW, until=NOW + timedelta(days=1), reason="Suspect")


BREAKS: dict[str, Callable[[Campaign], Any]] = {
    "tenant_suspended": lambda c: suspend(tenant=c.tenant, reason="Unpaid"),
    "agent_archived": lambda c: Agent.objects.update(archived_at=NOW),
    "unpublished": lambda c: Agent.objects.update(published_version=None),
    "no_contacts": lambda c: Progress.objects.update(waiting=0, done=5),
    "no_usable_number": lambda c: PhoneNumber.objects.update(purpose="inbound"),
    "no_trunk": lambda c: TrunkGateway.objects.update(enabled=False),
    "all_resting": rest,
    "no_money": lambda c: set_balance(c.tenant, 1),
}


@pytest.mark.usefixtures("trunk")
@pytest.mark.parametrize("code", BREAKS)
def test_a_reason_is_told_alone(running: Dialer, code: str) -> None:
    campaign = running()
    assert codes(campaign) == []
    BREAKS[code](campaign)
    assert codes(campaign) == [code]


@pytest.mark.usefixtures("trunk")
@pytest.mark.parametrize(
    ("code", "config"),
    [
        ("unpublished", {"arms": [{"version": f"agv_{new_id().hex}"}]}),
        ("no_windows", {"hours": {"windows": []}}),
        ("over", {"hours": {"not_after": NOW.isoformat()}}),
        (
            "never_open",
            {"hours": {"windows": SUNDAYS, "not_after": (NOW + timedelta(days=1)).isoformat()}},
        ),
        ("no_numbers", {"callers": {"numbers": []}}),
        ("budget", {"budget_micros": 1}),
        ("no_consent", {"consent": {"required": True}}),
    ],
)
def test_a_setting_that_lets_nobody_be_called(running: Dialer, code: str, config: dict[str, Any]) -> None:
    found = codes(running(**config))
    assert found in ([code], [code, "no_money"] if code == "unpublished" else [code])


def test_one_consent_is_enough_and_an_old_one_is_none(running: Dialer) -> None:
    consent = {"required": True, "max_age_days": 30}
    campaign = running(contacts=3, consent=consent)
    e164 = Contact.objects.order_by("e164").last().e164  # type: ignore[union-attr]
    old = Consent.objects.create(e164=e164, source="Form", given_at=NOW - timedelta(days=31))
    assert codes(campaign) == ["no_consent"]
    Consent.objects.filter(pk=old.pk).update(given_at=NOW - timedelta(days=29))
    assert codes(campaign) == []


def test_consents_are_looked_for_in_bounds(running: Dialer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Among too many contacts to look at, somebody may have agreed when anybody has."""
    monkeypatch.setattr(preflight, "LOOKED_AT", 2)
    campaign = running(contacts=3, consent={"required": True})
    assert codes(campaign) == ["no_consent"]
    Consent.objects.create(e164="+12125550000", source="Form", given_at=NOW)
    assert codes(campaign) == []


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("failed", "failed on our side"),
        ("hung_up_early", "were hung up early"),
        ("trunk_trouble", "met trunk trouble"),
    ],
)
def test_it_pauses_itself_over_a_share_of_enough_attempts(running: Dialer, measure: str, words: str) -> None:
    campaign = running()
    minute = Minute.objects.create(campaign=campaign, begins=NOW - timedelta(minutes=1), attempts=50)
    Minute.objects.filter(pk=minute.pk).update(**{measure: 50})
    assert pause_if_wrong(campaign.pk, now=NOW) == ""  # before it was started, seen by who started it
    Campaign.objects.update(resumed_at=NOW - timedelta(minutes=9))
    Minute.objects.update(**{"attempts": 19, measure: 19})
    assert pause_if_wrong(campaign.pk, now=NOW) == ""  # too few
    most = 25 if measure == "hung_up_early" else 15
    Minute.objects.update(**{"attempts": 50, measure: most})
    assert pause_if_wrong(campaign.pk, now=NOW) == ""  # as many as may
    Minute.objects.update(**{measure: most + 1})
    assert pause_if_wrong(campaign.pk, now=NOW + timedelta(minutes=11)) == ""  # long ago
    why = pause_if_wrong(campaign.pk, now=NOW)
    assert f"{most + 1} of the last 50 attempts" in why
    assert words in why
    campaign.refresh_from_db()
    assert (campaign.state, campaign.paused_by_itself, campaign.pause_reason) == ("paused", True, why)
    assert campaign.pause_code == measure


LASTING = ["agent_archived", "unpublished", "no_usable_number", "no_trunk", "no_money"]


@pytest.mark.usefixtures("trunk")
@pytest.mark.parametrize("code", LASTING)
def test_what_came_up_while_it_runs_pauses_it(running: Dialer, code: str) -> None:
    campaign = running()
    assert pause_if_wrong(campaign.pk, now=NOW) == ""
    BREAKS[code](campaign)
    assert pause_if_wrong(campaign.pk, now=NOW)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.paused_by_itself) == ("paused", True)
    assert campaign.pause_code == code


@pytest.mark.usefixtures("trunk")
def test_a_budget_that_is_only_held_is_waited_for(running: Dialer) -> None:
    """Two calls of at most half an hour at 50,000 micros a minute are 3,000,000; the next would be more."""
    campaign = running(budget_micros=3_500_000)
    assert decide(campaign.pk, now=NOW) == 2
    assert pause_if_wrong(campaign.pk, now=NOW) == ""
    campaign.refresh_from_db()
    assert campaign.state == "running"


@pytest.mark.usefixtures("trunk")
def test_asking_at_every_turn_reads_no_contacts(running: Dialer) -> None:
    campaign = running(consent={"required": True})
    with CaptureQueriesContext(connection) as asked:
        assert pause_if_wrong(campaign.pk, now=NOW) == ""
    told = " ".join(query["sql"] for query in asked.captured_queries)
    assert "campaigns_minute" in told
    for never in ("campaigns_contact", "campaigns_place", "campaigns_consent", "FOR UPDATE"):
        assert never not in told
    assert len(asked) <= 11
