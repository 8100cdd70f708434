from __future__ import annotations

import pytest
from django.utils import timezone

from apps.billing.services.stops import stop_outbound
from apps.calls.attention_money import money_notices
from apps.calls.models import Call, Direction
from apps.calls.states import CallState
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.money import set_balance

pytestmark = pytest.mark.django_db
MAY = frozenset({"billing.read"})


def test_nothing_is_said_where_there_is_money(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        assert list(money_notices(MAY, timezone.now())) == []


def test_what_stands_against_calls_is_told_to_those_who_may_know(tenant: Tenant) -> None:
    set_balance(tenant, 120_000)
    with tenant_scope(tenant.pk):
        stop_outbound(kind="hour", words="Look at it.")
        Call.objects.create(
            direction=Direction.INBOUND,
            state=CallState.ENDED,
            from_number="+12025550101",
            to_number="+12025551000",
            end_reason="money_ended",
            ended_at=timezone.now(),
        )
        told = {one.kind: one for one in money_notices(MAY, timezone.now())}
        assert list(money_notices(frozenset(), timezone.now())) == []
    assert set(told) == {"outbound_stopped", "balance_low", "money_ended"}
    assert told["outbound_stopped"].detail == "Look at it."
    assert told["balance_low"].title == "The balance is low: 0.12 USD are free"
    assert told["money_ended"].title == "1 call had no money, or no more, in the last 24 hours"
