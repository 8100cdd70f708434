"""What calls of a campaign cost by the numbers that they leave from and whom they reach."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test.utils import override_settings

from apps.billing.models import Hold, Rate
from apps.billing.selectors import get_wallet
from apps.calls.models import Call
from apps.campaigns.models import Attempt, Campaign, Contact, Progress
from apps.campaigns.selectors import config_of
from apps.campaigns.services.callers import usable_numbers
from apps.campaigns.services.deciding import decide
from apps.campaigns.services.estimate import USUAL_ATTEMPTS, USUAL_TALK_MS, estimate
from apps.campaigns.services.preflight import refusals
from apps.campaigns.services.prices import Outlook, outlook
from apps.numbers.models import PhoneNumber
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.calls.conftest import valkey  # noqa: F401
from tests.apps.campaigns.services.conftest import NOW, Dialer
from tests.money import set_balance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey", "in_tenant")]
HALF_AN_HOUR = 30
PLATFORM, CARRIER = 60_000, 12_000


@pytest.fixture
def in_tenant(dialing_tenant: Tenant) -> Iterator[None]:
    with (
        tenant_scope(dialing_tenant.pk),
        override_settings(CALL_PRICE_MICROS_PER_MINUTE=PLATFORM, HOLD_SLICE_MS=120_000),
    ):
        yield


@pytest.fixture
def managed(in_tenant: None, caller: PhoneNumber, settings: Any) -> PhoneNumber:
    """The caller is a number that was bought from a carrier."""
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC" + "0" * 32, "x" * 32
    PhoneNumber.objects.filter(pk=caller.pk).update(carrier="twilio")
    caller.refresh_from_db()
    return caller


def sell(prefix: str, micros: int = CARRIER) -> None:
    with platform_scope():
        Rate.objects.create(
            carrier="twilio",
            direction="outbound",
            prefix=prefix,
            micros_per_minute=micros,
            effective_from=NOW - timedelta(days=1),
        )


def seen(campaign: Campaign, **how: Any) -> Outlook:
    config = config_of(campaign)
    return outlook(campaign, config, usable_numbers(config.callers), now=NOW, **how)


def test_the_sandbox_has_no_price(running: Dialer) -> None:
    assert seen(running()) == Outlook()


@pytest.mark.usefixtures("managed")
def test_a_carrier_is_paid_by_whom_it_calls(running: Dialer) -> None:
    sell("1")
    campaign = running(contacts=3)
    costs = seen(campaign)
    assert (costs.longest, costs.first) == (HALF_AN_HOUR * 72_000, 2 * 72_000)
    assert decide(campaign.pk, now=NOW) == 3
    assert {a.held_micros for a in Attempt.objects.all()} == {costs.longest}
    assert get_wallet().held_micros == 3 * costs.first
    assert {tuple(h.counted_on[0]) for h in Hold.objects.all()} == {("campaign", campaign.pk.hex)}
    assert not Call.objects.filter(test=True).exists()


@pytest.mark.usefixtures("managed")
def test_whom_the_carrier_has_no_price_for_waits_and_keeps_nobody_waiting(running: Dialer) -> None:
    sell("1212")
    campaign = running(contacts=3)
    abroad = Contact.objects.order_by("e164").first()
    Contact.objects.filter(pk=abroad.pk).update(e164="+13105600001")  # type: ignore[union-attr]
    assert decide(campaign.pk, now=NOW) == 2
    put_off = Contact.objects.get(e164="+13105600001")
    assert put_off.state == "waiting"
    assert put_off.next_at is not None
    assert put_off.next_at > NOW
    assert "no rate" in put_off.detail


@pytest.mark.usefixtures("managed")
def test_a_campaign_that_could_call_nobody_says_so(running: Dialer) -> None:
    campaign = running(contacts=2)
    (refusal,) = [r for r in refusals(campaign, NOW) if r.code == "no_rate"]
    assert "twilio" in refusal.detail
    sell("1")
    assert refusals(campaign, NOW) == []


@pytest.mark.usefixtures("managed")
def test_asked_at_every_turn_what_the_carrier_takes_is_left_out(running: Dialer) -> None:
    assert seen(running(), contacts=False).longest == HALF_AN_HOUR * PLATFORM


@pytest.mark.usefixtures("managed")
def test_money_for_some_calls_begins_some(running: Dialer, dialing_tenant: Tenant) -> None:
    sell("1")
    campaign = running(contacts=5)
    set_balance(dialing_tenant, 2 * 144_000 + 143_999)
    assert decide(campaign.pk, now=NOW) == 2
    assert Progress.objects.get().waiting == 3


@pytest.mark.usefixtures("managed")
def test_a_campaign_is_estimated_by_whom_it_calls(running: Dialer) -> None:
    sell("1")
    found = estimate(running(contacts=10), NOW)
    talk_s = USUAL_TALK_MS // 1000
    assert found.cost_micros == found.calls * -(-talk_s * 72_000 // 60)
    assert found.calls == round(10 * USUAL_ATTEMPTS)
