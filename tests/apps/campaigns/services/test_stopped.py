"""While a tenant's outbound calls are stopped its campaigns begin none, but for those that cost nothing."""

from __future__ import annotations

import pytest

from apps.billing.models import SpendLimit
from apps.billing.services.stops import lift_stops, stop_outbound
from apps.campaigns.models import Campaign, Contact
from apps.campaigns.services.deciding import decide
from apps.campaigns.services.preflight import refusals
from apps.numbers.models import PhoneNumber
from telephony.trunks.models import Trunk, TrunkGateway
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.campaigns.services.conftest import NOW, Dialer

pytestmark = pytest.mark.django_db


@pytest.fixture
def trunk(dialing_tenant: Tenant, caller: PhoneNumber) -> Trunk:
    with tenant_scope(dialing_tenant.pk):
        trunk = Trunk.objects.create(name="Carrier", max_calls_per_second=100)
        TrunkGateway.objects.create(trunk=trunk, host="192.0.2.1")
        PhoneNumber.objects.filter(pk=caller.pk).update(carrier="byoc", trunk=trunk)
        return trunk


def decided(campaign: Campaign) -> int:
    with tenant_scope(campaign.tenant_id):
        return decide(campaign.pk, now=NOW)


def refused(campaign: Campaign) -> set[str]:
    with tenant_scope(campaign.tenant_id):
        return {one.code for one in refusals(campaign, NOW)}


@pytest.mark.usefixtures("trunk")
def test_a_stopped_tenants_campaigns_wait(running: Dialer, dialing_tenant: Tenant) -> None:
    campaign, trial = running(contacts=2), running(contacts=2, first=10, test=True)
    with tenant_scope(dialing_tenant.pk):
        stop_outbound(kind="hour", words="Look at it.")
    assert (decided(campaign), decided(trial)) == (0, 2)
    assert "outbound_stopped" in refused(campaign)
    assert "outbound_stopped" not in refused(trial)
    with tenant_scope(dialing_tenant.pk):
        lift_stops(kind="hour")
    assert decided(campaign) == 2


def test_a_campaign_in_the_sandbox_goes_on(running: Dialer, dialing_tenant: Tenant) -> None:
    campaign = running(contacts=2)
    with tenant_scope(dialing_tenant.pk):
        stop_outbound(kind="hour", words="Look at it.")
    assert decided(campaign) == 2


@pytest.mark.usefixtures("trunk")
def test_a_campaign_begins_as_many_calls_as_its_limit_pays(running: Dialer, dialing_tenant: Tenant) -> None:
    """Each begins with two minutes at 0.05; who is not called waits."""
    campaign = running(contacts=5)
    other = running(contacts=1, first=10)
    with tenant_scope(dialing_tenant.pk):
        SpendLimit.objects.create(scope="campaign", scope_id=campaign.pk, period="day", amount_micros=250_000)
    assert (decided(campaign), decided(campaign), decided(other)) == (2, 0, 1)
    with tenant_scope(dialing_tenant.pk):
        states = Contact.objects.filter(campaign=campaign).values_list("state", flat=True)
        assert sorted(states) == ["calling"] * 2 + ["waiting"] * 3
