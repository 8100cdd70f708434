"""Figures by day and what needs attention, over REST."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from apps.agents.models import Agent
from apps.calls.models import Call, Direction, Turn
from apps.calls.states import CallState
from apps.numbers.models import PhoneNumber
from media_workers.contract.events import EndReason
from telephony.edge.models import MediaNode
from telephony.trunks.health import note_gateway_failed, note_gateway_up
from telephony.trunks.models import Trunk, TrunkGateway, TrunkRegistration
from tenants.ids import first_id_at
from tenants.models import ApiKey, Tenant
from tenants.permissions import ALL_PERMISSIONS
from tenants.scope import tenant_scope
from tests.tenancy import key_client, make_key

STATS = "/api/v1/stats/calls"
ATTENTION = "/api/v1/attention"
_count = itertools.count()
MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


def id_at(at: datetime) -> UUID:
    """An id as it is made at `at`."""
    return UUID(int=first_id_at(at).int + next(_count))


def make_call(
    tenant: Tenant,
    at: datetime,
    *,
    agent: Agent | None = None,
    direction: Direction = Direction.INBOUND,
    reason: EndReason | None = EndReason.CALLER_HUNG_UP,
    minutes: float = 0,
    responses: tuple[int, ...] = (),
) -> Call:
    """A call that began at `at`; answered when it lasted."""
    with time_machine.travel(at, tick=False), tenant_scope(tenant.pk):
        call = Call.objects.create(
            id=id_at(at),
            direction=direction,
            state=CallState.ENDED if reason else CallState.RINGING,
            node=None
            if reason
            else MediaNode.objects.get_or_create(name="n", token_prefix="", token_digest="")[0],
            agent=agent,
            from_number="+12025550101",
            to_number="+12025551000",
            answered_at=at if minutes else None,
            ended_at=at if reason else None,
            end_reason=reason or "",
            duration_ms=int(minutes * 60_000),
        )
        Turn.objects.bulk_create(
            Turn(id=id_at(at), call=call, seq=n, index=n, speaker="agent", start_ms=0, end_ms=1, total_ms=ms)
            for n, ms in enumerate(responses, start=1)
        )
    return call


def stats(client: APIClient, **asked: Any) -> Any:
    answer = client.get(STATS, asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


WEEK = {"from": "2026-03-02", "to": "2026-03-08"}


def test_calls_by_day(client: APIClient, tenant: Tenant) -> None:
    make_call(tenant, MONDAY, minutes=2, responses=(400, 600))
    make_call(tenant, MONDAY, minutes=1, direction=Direction.OUTBOUND, responses=(800,))
    make_call(tenant, MONDAY, reason=EndReason.NO_ANSWER, direction=Direction.OUTBOUND)
    make_call(tenant, MONDAY + timedelta(days=2), minutes=0.5, direction=Direction.BROWSER)
    make_call(tenant, MONDAY + timedelta(days=2), reason=None)
    make_call(tenant, MONDAY + timedelta(days=7), minutes=5)

    told = stats(client, **WEEK)

    assert told["totals"] == {
        "calls": 5,
        "inbound": 2,
        "outbound": 2,
        "browser": 1,
        "answered": 3,
        "answer_rate": 0.75,
        "minutes": 3.5,
        "response_p50_ms": 600,
        "response_p95_ms": 780,
    }
    assert [day["date"] for day in told["days"]] == [f"2026-03-{n:02}" for n in range(2, 9)]
    assert [day["calls"] for day in told["days"]] == [3, 0, 2, 0, 0, 0, 0]
    assert [day["response_p50_ms"] for day in told["days"]][:3] == [600, None, None]
    assert (told["days"][1]["answer_rate"], told["days"][2]["answer_rate"]) == (None, 1.0)
    assert [(o["end_reason"], o["calls"]) for o in told["outcomes"]] == [
        ("caller_hung_up", 3),
        ("no_answer", 1),
    ]
    assert told["outcomes"][0]["words"] == "The caller hung up."
    assert told["running"] == 1


def test_a_day_begins_where_the_reader_is(client: APIClient, tenant: Tenant) -> None:
    make_call(tenant, datetime(2026, 3, 2, 23, 30, tzinfo=UTC), responses=(500,))

    def day(zone: str) -> list[str]:
        told = stats(client, timezone=zone, **WEEK)
        assert [d["date"] for d in told["days"] if d["response_p50_ms"]] == [
            d["date"] for d in told["days"] if d["calls"]
        ]
        return [d["date"] for d in told["days"] if d["calls"]]

    assert day("UTC") == ["2026-03-02"]
    assert day("Europe/Berlin") == ["2026-03-03"]
    assert day("America/New_York") == ["2026-03-02"]
    assert day("Asia/Kathmandu") == ["2026-03-03"]


def test_the_day_on_which_the_clocks_change_has_another_length(client: APIClient, tenant: Tenant) -> None:
    # In Berlin 2026-03-29 lasts from 23:00 UTC to 22:00 UTC.
    make_call(tenant, datetime(2026, 3, 29, 21, 59, tzinfo=UTC))
    make_call(tenant, datetime(2026, 3, 29, 22, 1, tzinfo=UTC))

    told = stats(client, timezone="Europe/Berlin", **{"from": "2026-03-28", "to": "2026-03-30"})

    assert [day["calls"] for day in told["days"]] == [0, 1, 1]


def test_of_one_agent(client: APIClient, tenant: Tenant, agent: Agent) -> None:
    make_call(tenant, MONDAY, agent=agent, minutes=1, responses=(400,))
    make_call(tenant, MONDAY, minutes=1, responses=(900,))

    told = stats(client, agent=agent.public_id, **WEEK)

    assert (told["totals"]["calls"], told["totals"]["response_p95_ms"]) == (1, 400)


def test_without_days_the_last_seven(client: APIClient, tenant: Tenant) -> None:
    today = timezone.now().date()

    told = stats(client)

    assert [day["date"] for day in told["days"]] == [str(today - timedelta(days=n)) for n in range(6, -1, -1)]
    assert told["totals"]["answer_rate"] is None


def test_another_tenants_calls_do_not_count(stranger: Tenant, tenant: Tenant) -> None:
    make_call(tenant, MONDAY, minutes=1, responses=(400,))

    told = stats(key_client(make_key(stranger)), **WEEK)

    assert (told["totals"]["calls"], told["totals"]["response_p50_ms"]) == (0, None)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"from": "2026-03-03", "to": "2026-03-02"}, "from"),
        ({"from": "2026-01-01", "to": "2026-04-03"}, "from"),
        ({"to": "1000-01-01"}, "to"),
        ({"from": "9999-12-31"}, "to"),
        ({"from": "0001-01-01"}, "from"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"agent": "agt_7"}, "agent"),
    ],
    ids=str,
)
def test_bad_days_are_named(client: APIClient, asked: dict[str, str], field: str) -> None:
    answer = client.get(STATS, asked)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_ninety_two_days_are_allowed(client: APIClient) -> None:
    assert len(stats(client, **{"from": "2026-01-01", "to": "2026-04-02"})["days"]) == 92


# --- attention --------------------------------------------------------------------------------------


def kinds(client: APIClient) -> list[str]:
    return [notice["kind"] for notice in client.get(ATTENTION).json()["results"]]


@pytest.fixture
def live_node(node: MediaNode) -> MediaNode:
    MediaNode.objects.update(last_heartbeat_at=timezone.now() + timedelta(minutes=5))
    return node


def test_nothing_needs_attention_where_all_is_well(
    client: APIClient, live_node: MediaNode, number: PhoneNumber
) -> None:
    assert kinds(client) == []


def test_what_keeps_calls_from_working(client: APIClient, tenant: Tenant, number: PhoneNumber) -> None:
    now = timezone.now()
    with tenant_scope(tenant.pk):
        Agent.objects.update(published_version=None)
        PhoneNumber.objects.create(e164="+12025551001", carrier="sandbox", purpose="inbound")
        Trunk.objects.create(name="Carrier")
        Trunk.objects.create(name="Outbound only", direction="outbound")
        ApiKey.objects.update(expires_at=now + timedelta(days=3))
    make_call(tenant, now - timedelta(hours=1), reason=EndReason.PROVIDER_FAILED)
    make_call(tenant, now - timedelta(hours=23), reason=EndReason.NODE_LOST)
    make_call(tenant, now - timedelta(hours=23), reason=EndReason.NODE_LOST)
    make_call(tenant, now - timedelta(hours=25), reason=EndReason.PROVIDER_FAILED)

    told = client.get(ATTENTION).json()["results"]

    assert [(notice["kind"], notice["severity"]) for notice in told] == [
        ("no_media_node", "error"),
        ("provider_failures", "error"),
        ("node_losses", "error"),
        ("agent_unpublished", "error"),
        ("number_without_agent", "warning"),
        ("trunk_without_addresses", "warning"),
        ("key_expires", "info"),
    ]
    titles = [notice["title"] for notice in told]
    assert titles[1].startswith("1 call ")
    assert titles[2].startswith("2 calls ")
    assert told[3]["path"] == f"agents/{number.agent.public_id}"


def test_a_carrier_that_cannot_be_reached(client: APIClient, tenant: Tenant, live_node: MediaNode) -> None:
    with tenant_scope(tenant.pk):
        trunk = Trunk.objects.create(name="Carrier", direction="outbound", registration="outbound")
        row = TrunkRegistration.objects.create(trunk=trunk, state="registered")
        first, second = (TrunkGateway.objects.create(trunk=trunk, host=f"192.0.2.{n}") for n in (1, 2))
        note_gateway_failed(first.pk, error="503 Service Unavailable")
    assert kinds(client) == []

    with tenant_scope(tenant.pk):
        note_gateway_failed(second.pk, error="No answer to OPTIONS.", probe=True)
        TrunkRegistration.objects.update(state="backing_off", last_error="403 Forbidden")
    told = client.get(ATTENTION).json()["results"]
    assert [notice["kind"] for notice in told] == ["registration_failed", "gateways_down"]
    assert (told[0]["detail"], told[0]["path"]) == ("403 Forbidden", f"trunks/{trunk.public_id}")

    with tenant_scope(tenant.pk):
        note_gateway_up(first.pk)
        TrunkRegistration.objects.filter(pk=row.pk).update(state="registered")
    assert kinds(client) == []


def test_a_key_hears_only_of_what_it_may_read(
    tenant: Tenant, live_node: MediaNode, number: PhoneNumber
) -> None:
    with tenant_scope(tenant.pk):
        PhoneNumber.objects.update(agent=None, purpose="inbound")
        Trunk.objects.create(name="Carrier")

    assert kinds(key_client(make_key(tenant, ["calls.read"]))) == []
    assert kinds(key_client(make_key(tenant, ["calls.read", "numbers.read"]))) == ["number_without_agent"]
    assert len(kinds(key_client(make_key(tenant, ALL_PERMISSIONS)))) == 2
    with tenant_scope(tenant.pk):  # one that calls only needs nobody who answers
        PhoneNumber.objects.update(purpose="outbound")
    assert kinds(key_client(make_key(tenant, ["calls.read", "numbers.read"]))) == []


def test_another_tenants_troubles_are_not_ours(
    tenant: Tenant, stranger: Tenant, live_node: MediaNode, number: PhoneNumber
) -> None:
    make_call(tenant, timezone.now(), reason=EndReason.PROVIDER_FAILED)

    assert kinds(key_client(make_key(stranger))) == []
