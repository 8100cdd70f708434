"""A real call of a campaign: promised, dialed, charged, told, in one sum everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test.utils import override_settings

from apps.billing.models import Hold
from apps.billing.selectors import get_wallet
from apps.calls.models import Call
from apps.calls.services import claim_call
from apps.calls.services.finish_call import finish_call
from apps.calls.states import CallState
from apps.campaigns.models import Attempt, Minute, Progress
from apps.campaigns.services.deciding import decide
from apps.campaigns.services.settling import settle
from apps.numbers.models import PhoneNumber
from media_workers.contract.calls import ClaimRequest
from media_workers.contract.events import Ended, EndReason
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk, TrunkGateway
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.calls.conftest import node, token, valkey  # noqa: F401
from tests.apps.campaigns.services.conftest import NOW, Dialer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey", "in_tenant")]
HALF_AN_HOUR = 30 * 60_000


@pytest.fixture
def in_tenant(dialing_tenant: Tenant) -> Iterator[None]:
    with tenant_scope(dialing_tenant.pk):
        yield


@pytest.fixture
def trunk(in_tenant: None, caller: PhoneNumber) -> Trunk:
    trunk = Trunk.objects.create(name="Carrier")
    TrunkGateway.objects.create(trunk=trunk, host="192.0.2.1")
    PhoneNumber.objects.filter(pk=caller.pk).update(carrier="byoc", trunk=trunk)
    return trunk


@pytest.mark.usefixtures("trunk")
def test_a_call_costs_what_it_was_promised_at(running: Dialer, node: MediaNode) -> None:  # noqa: F811
    campaign, before = running(contacts=2), get_wallet().balance_micros
    with override_settings(CALL_PRICE_MICROS_PER_MINUTE=60_000):
        assert decide(campaign.pk, now=NOW) == 2
    talked, withdrawn = Attempt.objects.select_related("call").order_by("pk")
    assert (talked.held_micros, withdrawn.held_micros) == (1_800_000, 1_800_000)
    assert Progress.objects.get().held_micros == 3_600_000
    assert get_wallet().held_micros == 2 * 120_000  # two minutes each: more is held while they last
    assert not talked.call.test

    with time_machine.travel(NOW, tick=False):
        plan = claim_call(node, talked.call_id, ClaimRequest(node=node.name, line=1))
    assert plan is not None
    call = Call.objects.get(pk=talked.call_id)
    call.move_to(CallState.IN_PROGRESS, at=NOW)
    with override_settings(CALL_PRICE_MICROS_PER_MINUTE=600_000):  # dearer meanwhile
        finish_call(call, Ended(reason=EndReason.CALLEE_HUNG_UP, duration_ms=61_500), at=NOW)
        finish_call(withdrawn.call, Ended(reason=EndReason.WITHDRAWN), at=NOW)
    assert get_wallet().held_micros == 0
    assert settle(campaign.pk, now=NOW + timedelta(seconds=62)) == 2

    talked.refresh_from_db()
    withdrawn.refresh_from_db()
    progress, minute = Progress.objects.get(), Minute.objects.exclude(attempts=0).get()
    assert (talked.cost_micros, withdrawn.cost_micros) == (62_000, 0)
    assert (progress.cost_micros, progress.held_micros, minute.cost_micros) == (62_000, 0, 62_000)
    assert progress.by_version[talked.version.public_id]["cost_micros"] == 62_000
    assert before - get_wallet().balance_micros == 62_000
    assert set(Hold.objects.values_list("per_minute_micros", "settled_micros")) == {
        (60_000, 62_000),
        (60_000, 0),
    }


@pytest.mark.usefixtures("trunk")
def test_a_campaign_that_only_tests_costs_nothing(running: Dialer) -> None:
    campaign, before = running(contacts=1, test=True), get_wallet().balance_micros
    assert decide(campaign.pk, now=NOW) == 1
    call = Call.objects.get()
    finish_call(call, Ended(reason=EndReason.NODE_LOST, duration_ms=HALF_AN_HOUR), at=NOW)
    settle(campaign.pk, now=NOW)
    assert (Attempt.objects.get().cost_micros, get_wallet().balance_micros) == (0, before)
    assert not Hold.objects.exists()
