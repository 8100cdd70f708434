from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from telephony.trunks.health import note_gateway_failed, note_gateway_up, rest_after
from telephony.trunks.models import Trunk, TrunkGateway
from telephony.trunks.selectors import gateways_for, get_trunk
from telephony.trunks.services import create_trunk, update_trunk
from telephony.trunks.values import GatewayValues
from tenants.scope import tenant_scope
from tests.tenancy import make_tenant

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
S = timedelta(seconds=1)


@pytest.fixture
def trunk() -> Iterator[Trunk]:
    with tenant_scope(make_tenant().pk):
        yield create_trunk(
            name="T",
            direction="outbound",
            gateways=[GatewayValues("a.example"), GatewayValues("b.example", priority=2)],
        )


def gateway(host: str = "a.example") -> TrunkGateway:
    return TrunkGateway.objects.get(host=host)


def order(trunk: Trunk, at: datetime) -> list[str]:
    return [g.host for g in gateways_for(get_trunk(trunk.pk), now=at)]


def test_rests_double_up_to_ten_minutes() -> None:
    assert [rest_after(n).total_seconds() for n in (1, 2, 3, 4, 5, 6, 500)] == [
        30,
        60,
        120,
        240,
        480,
        600,
        600,
    ]


def test_a_gateway_that_failed_rests_and_comes_back(trunk: Trunk) -> None:
    note_gateway_failed(gateway().pk, error="503 Service Unavailable", now=NOW)

    resting = gateway()
    assert (resting.state, resting.last_error) == ("resting", "503 Service Unavailable")
    assert (resting.state_since, resting.rests_until) == (NOW, NOW + 30 * S)
    assert order(trunk, NOW + 29 * S) == ["b.example"]
    assert order(trunk, NOW + 30 * S) == ["a.example", "b.example"]

    note_gateway_failed(gateway().pk, error="503", now=NOW + 40 * S)
    assert order(trunk, NOW + 99 * S) == ["b.example"]

    note_gateway_up(gateway().pk, now=NOW + 50 * S)
    back = gateway()
    assert (back.state, back.failures, back.rests_until, back.last_error) == ("up", 0, None, "")
    assert order(trunk, NOW + 51 * S) == ["a.example", "b.example"]


def test_calls_that_fail_together_are_one_failure(trunk: Trunk) -> None:
    for n in range(5):
        note_gateway_failed(gateway().pk, error="503", now=NOW + n * S)
    assert (gateway().failures, gateway().rests_until) == (1, NOW + 30 * S)


def test_when_all_rest_all_are_tried(trunk: Trunk) -> None:
    for host in ("a.example", "b.example"):
        note_gateway_failed(gateway(host).pk, error="408", now=NOW)
    assert order(trunk, NOW + S) == ["a.example", "b.example"]


def test_answers_to_options_are_shown(trunk: Trunk) -> None:
    note_gateway_failed(gateway().pk, error="No answer to OPTIONS.", probe=True, now=NOW)
    assert (gateway().state, gateway().checked_at, gateway().rtt_ms) == ("down", NOW, None)
    assert order(trunk, NOW + S) == ["b.example"]

    note_gateway_up(gateway().pk, probe=True, rtt_ms=12, now=NOW + 5 * S)
    assert (gateway().state, gateway().checked_at, gateway().rtt_ms) == ("up", NOW + 5 * S, 12)
    assert gateway().failures == 1
    assert order(trunk, NOW + 6 * S) == ["a.example", "b.example"]

    note_gateway_failed(gateway().pk, error="503", now=NOW + 7 * S)
    assert gateway().rests_until == NOW + 67 * S


def test_a_gateway_that_was_taken_away_meanwhile(trunk: Trunk) -> None:
    assert note_gateway_failed(uuid4(), error="503") is None
    assert note_gateway_up(uuid4()) is None


def test_a_gateway_that_stays_keeps_its_id_and_health(trunk: Trunk) -> None:
    before = gateway()
    note_gateway_failed(before.pk, error="503", now=NOW)

    update_trunk(
        trunk=trunk,
        gateways=[GatewayValues("a.example", weight=7), GatewayValues("b.example", port=5070)],
    )

    assert (gateway().pk, gateway().weight, gateway().state) == (before.pk, 7, "resting")
    assert (gateway("b.example").port, gateway("b.example").state) == (5070, "unknown")
    assert TrunkGateway.objects.count() == 2
