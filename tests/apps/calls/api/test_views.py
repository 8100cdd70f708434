from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest
import redis
from rest_framework.test import APIClient

from apps.agents.models import Agent
from apps.calls.models import Call
from apps.calls.services import record_events
from apps.numbers.models import PhoneNumber
from media_workers.contract.calls import JOB_STREAM
from telephony.edge.models import MediaNode
from telephony.trunks.models import Trunk, TrunkGateway
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.calls.wire import batch, event, fresh, turn
from tests.tenancy import key_client, make_key

CALLS = "/api/v1/calls"


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


@pytest.fixture
def test_client(tenant: Tenant) -> APIClient:
    """A program with a test key."""
    return key_client(make_key(tenant, mode="test"))


@pytest.fixture
def own(tenant: Tenant, agent: Agent) -> PhoneNumber:
    """A number on the tenant's own trunk."""
    with tenant_scope(tenant.pk):
        trunk = Trunk.objects.create(name="Carrier")
        TrunkGateway.objects.create(trunk=trunk, host="192.0.2.1")
        return PhoneNumber.objects.create(e164="+4930901820", carrier="byoc", trunk=trunk, agent=agent)


def wish(**fields: Any) -> dict[str, Any]:
    return {"from_number": "+12025551000", "to_number": "+12025550101"} | fields


def faults(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.content
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


# --- placing ----------------------------------------------------------------------------------------


def test_a_call_is_placed(client: APIClient, number: PhoneNumber, agent: Agent) -> None:
    sent = wish(agent=agent.public_id, variables={"day": "Monday"}, metadata={"visit": {"id": 7}})
    answer = client.post(CALLS, sent)
    assert answer.status_code == 201
    told = answer.json()
    assert told["id"].startswith("call_")
    assert answer.headers["Location"] == f"{CALLS}/{told['id']}"
    assert (told["state"], told["direction"], told["test"]) == ("queued", "outbound", True)
    assert (told["agent"], told["number"], told["trunk"]) == (agent.public_id, number.public_id, None)
    assert told["agent_version"].startswith("agv_")
    assert (told["variables"], told["metadata"]) == ({"day": "Monday"}, {"visit": {"id": 7}})
    assert (told["end_reason"], told["end_words"], told["recording"]) == (None, "", None)
    assert client.get(answer.headers["Location"]).json()["id"] == told["id"]


@pytest.mark.django_db(transaction=True)
def test_a_call_sent_twice_with_one_key_is_dialed_once(
    client: APIClient, number: PhoneNumber, valkey: redis.Redis
) -> None:
    answers = [client.post(CALLS, wish(), headers={"Idempotency-Key": "visit-7"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert answers[1].headers["Location"] == answers[0].headers["Location"]
    assert len(ids(client.get(CALLS))) == 1
    assert valkey.xlen(JOB_STREAM) == 1


@pytest.mark.django_db(transaction=True)
def test_a_refused_call_leaves_nothing(client: APIClient, number: PhoneNumber, valkey: redis.Redis) -> None:
    assert faults(client.post(CALLS, wish(to_number="nobody"))) == {"to_number": "invalid"}
    assert ids(client.get(CALLS)) == []
    assert valkey.xlen(JOB_STREAM) == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"from_number": "+12025559999"}, "from_number"),
        ({"to_number": "12025550101"}, "to_number"),
        ({"to_number": None}, "to_number"),
        ({"agent": "agt_7"}, "agent"),
        ({"agent": f"agt_{0:032x}"}, "agent"),
        ({"agent": f"num_{0:032x}"}, "agent"),
        ({"agent_version": f"agv_{0:032x}"}, "agent_version"),
        ({"variables": {"Day": "Monday"}}, "variables"),
        ({"variables": {"day": ["Monday"]}}, "variables.day"),
        ({"variables": {f"v{n}": "" for n in range(101)}}, "variables"),
        ({"metadata": {"x": "y" * 17_000}}, "metadata"),
        ({"metadata": ["x"]}, "metadata"),
        ({"colour": "red"}, "colour"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_field_is_named(
    client: APIClient, number: PhoneNumber, fields: dict[str, Any], field: str
) -> None:
    assert list(faults(client.post(CALLS, wish(**fields)))) == [field]
    assert ids(client.get(CALLS)) == []


def test_both_numbers_are_needed(client: APIClient, number: PhoneNumber) -> None:
    assert faults(client.post(CALLS, {})) == {"from_number": "required", "to_number": "required"}


def test_an_unpublished_agent_is_told(client: APIClient, number: PhoneNumber) -> None:
    with platform_scope():
        Agent.objects.update(published_version=None)
    assert faults(client.post(CALLS, wish())) == {"agent": "unpublished"}


def test_a_test_key_reaches_the_sandbox_only(
    client: APIClient, test_client: APIClient, own: PhoneNumber
) -> None:
    real = client.post(CALLS, wish(from_number=own.e164)).json()
    tried = test_client.post(CALLS, wish(from_number=own.e164)).json()
    assert (real["test"], real["trunk"] is None) == (False, False)
    assert (tried["test"], tried["trunk"]) == (True, None)


# --- reading ----------------------------------------------------------------------------------------


@pytest.fixture
def ended(node: MediaNode, answered: Call) -> Call:
    record_events(
        node,
        batch(
            answered.pk,
            turn(2, 0, "agent", "Hello."),
            turn(3, 1, "caller", "Monday.", confidence=0.8),
            turn(4, 2, "agent", "Good.", latency={"total": 700, "own": 5}),
            turn(5, 3, "agent", "Bye.", interrupted=True, latency={"total": 500, "first_audio": 90}),
            event(6, "media", codec="PCMU", rx_packets=400, rx_lost=2, rx_jitter_ms=1.5, tx_packets=399),
            event(
                7, "ended", reason="caller_hung_up", sip_code=200, duration_ms=8000, slots={"day": "monday"}
            ),
        ),
    )
    return fresh(answered.pk)


def test_the_way_through_flows_of_all_agents(client: APIClient, node: MediaNode, answered: Call) -> None:
    record_events(
        node,
        batch(
            answered.pk,
            event(2, "flow", node="start", at_ms=0),
            event(3, "flow", node="ask", came_from="start", by="always", at_ms=10),
            event(4, "handed_over", agent="agt_other", at_ms=900),
            event(5, "flow", node="start", at_ms=950),
        ),
    )
    told = client.get(f"{CALLS}/{answered.public_id}").json()
    first = told["agent"]
    assert told["flow_path"] == [
        {"agent": first, "node": "start", "came_from": "", "by": "", "at_ms": 0},
        {"agent": first, "node": "ask", "came_from": "start", "by": "always", "at_ms": 10},
        {"agent": "agt_other", "node": "start", "came_from": "", "by": "", "at_ms": 950},
    ]


def test_a_call_in_full(client: APIClient, ended: Call) -> None:
    told = client.get(f"{CALLS}/{ended.public_id}").json()
    assert (told["state"], told["end_reason"], told["end_words"]) == (
        "ended",
        "caller_hung_up",
        "The caller hung up.",
    )
    assert (told["sip_code"], told["duration_ms"], told["slots"]) == (200, 8000, {"day": "monday"})
    assert [(t["index"], t["speaker"], t["text"]) for t in told["turns"]] == [
        (0, "agent", "Hello."),
        (1, "caller", "Monday."),
        (2, "agent", "Good."),
        (3, "agent", "Bye."),
    ]
    assert told["turns"][0]["latency"] is None
    assert told["turns"][1]["confidence"] == 0.8
    assert told["turns"][3]["latency"]["total"] == 500
    assert told["turns"][3]["interrupted"] is True
    assert told["media"]["rx_lost"] == 2
    assert told["latency"] == {
        "first_audio": {"median_ms": 90, "worst_ms": 90, "turns": 1},
        "own": {"median_ms": 5, "worst_ms": 5, "turns": 1},
        "total": {"median_ms": 600, "worst_ms": 700, "turns": 2},
    }
    assert told["last_seq"] == 7


def test_a_call_that_was_not_answered_in_full(client: APIClient, queued: Call) -> None:
    told = client.get(f"{CALLS}/{queued.public_id}").json()
    assert (told["turns"], told["media"], told["latency"], told["recording"]) == ([], None, None, None)


def test_events_in_order_and_in_pages(client: APIClient, ended: Call) -> None:
    url = f"{CALLS}/{ended.public_id}/events"
    first = client.get(url, {"limit": 3}).json()
    second = client.get(url, {"limit": 300, "cursor": first["next_cursor"]}).json()
    rows = first["results"] + second["results"]
    assert [(row["seq"], row["type"]) for row in rows] == [
        (1, "answered"),
        (2, "turn"),
        (3, "turn"),
        (4, "turn"),
        (5, "turn"),
        (6, "media"),
        (7, "ended"),
    ]
    assert second["next_cursor"] is None
    assert rows[1]["event"]["text"] == "Hello."


def test_events_after_one_and_of_a_type(client: APIClient, ended: Call) -> None:
    url = f"{CALLS}/{ended.public_id}/events"
    after = client.get(url, {"after": 5}).json()["results"]
    assert [row["seq"] for row in after] == [6, 7]
    assert [row["seq"] for row in client.get(url, {"type": "turn"}).json()["results"]] == [2, 3, 4, 5]
    assert faults(client.get(url, {"after": "x"})) == {"after": "invalid"}


# --- finding ----------------------------------------------------------------------------------------


def test_newest_first(client: APIClient, answered: Call, queued: Call) -> None:
    assert ids(client.get(CALLS)) == [queued.public_id, answered.public_id]


def test_filters(client: APIClient, ended: Call, queued: Call, own: PhoneNumber, number: PhoneNumber) -> None:
    other = client.post(CALLS, wish(from_number=own.e164, to_number="+4930901821")).json()["id"]
    past, waiting = ended.public_id, queued.public_id
    expected: list[tuple[dict[str, Any], list[str]]] = [
        ({}, [other, waiting, past]),
        ({"state": "ended"}, [past]),
        ({"state": ["ended", "queued"]}, [other, waiting, past]),
        ({"state": "in_progress"}, []),
        ({"direction": "inbound"}, [past]),
        ({"direction": "outbound"}, [other, waiting]),
        ({"end_reason": "caller_hung_up"}, [past]),
        ({"end_reason": "busy"}, []),
        ({"test": "false"}, [other]),
        ({"number": number.public_id}, [waiting, past]),
        ({"number": own.public_id}, [other]),
        ({"trunk": own.trunk.public_id}, [other]),
        ({"trunk": f"trk_{0:032x}"}, []),
        ({"agent": number.agent.public_id}, [other, waiting, past]),
        ({"agent": f"agt_{0:032x}"}, []),
        ({"from_number": own.e164}, [other]),
        ({"to_number": "+12025550101"}, [waiting]),
        ({"from_number": "+12025550101"}, [past]),
        ({"created_after": (ended.created_at + timedelta(microseconds=1)).isoformat()}, [other, waiting]),
        ({"created_before": queued.created_at.isoformat()}, [past]),
        # PostgreSQL itself knows offsets of less than 16 hours only.
        ({"created_before": queued.created_at.astimezone(timezone(timedelta(hours=23))).isoformat()}, [past]),
        ({"direction": "outbound", "test": "true"}, [waiting]),
    ]
    for asked, found in expected:
        assert ids(client.get(CALLS, asked)) == found, asked


def test_calls_by_who_answered(client: APIClient, queued: Call, ended: Call) -> None:
    with tenant_scope(queued.tenant_id):
        Call.objects.filter(pk=queued.pk).update(answered_by="machine", answered_by_confidence=0.97)
    assert ids(client.get(CALLS, {"answered_by": ["machine", "menu"]})) == [queued.public_id]
    assert ids(client.get(CALLS, {"answered_by": "human"})) == []
    told = client.get(f"{CALLS}/{queued.public_id}").json()
    assert (told["answered_by"], told["answered_by_confidence"], told["answered_by_ms"]) == (
        "machine",
        0.97,
        None,
    )
    assert client.get(f"{CALLS}/{ended.public_id}").json()["answered_by"] is None


def test_a_plus_that_nobody_escaped(client: APIClient, queued: Call) -> None:
    assert ids(client.get(f"{CALLS}?to_number=+12025550101")) == [queued.public_id]


@pytest.mark.parametrize(
    "asked",
    [
        {"state": "talking"},
        {"direction": "sideways"},
        {"end_reason": "boredom"},
        {"agent": "agt_7"},
        {"number": "agt_" + "0" * 32},
        {"trunk": "num_" + "0" * 32},
        {"created_after": "yesterday"},
        {"created_before": "0001-01-01T00:00:00+23:00"},
    ],
    ids=str,
)
def test_a_bad_filter_is_named(client: APIClient, db: None, asked: dict[str, str]) -> None:
    assert list(faults(client.get(CALLS, asked))) == list(asked)


def test_pages(client: APIClient, number: PhoneNumber) -> None:
    placed = [client.post(CALLS, wish()).json()["id"] for _ in range(5)]
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = client.get(CALLS, {"limit": 2, "cursor": cursor}).json()
        found += [row["id"] for row in page["results"]]
        cursor = page["next_cursor"]
    assert found == placed[::-1]


def test_a_list_asks_the_database_no_more_for_more_calls(
    client: APIClient, number: PhoneNumber, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        client.post(CALLS, wish())
    with django_assert_max_num_queries(20):
        assert len(ids(client.get(CALLS))) == 12


# --- acting -----------------------------------------------------------------------------------------


def test_hanging_up_a_queued_call(client: APIClient, queued: Call) -> None:
    answer = client.post(f"{CALLS}/{queued.public_id}/hangup", {"reason": "not today"})
    assert answer.status_code == 202
    told = answer.json()
    assert (told["state"], told["end_reason"], told["end_detail"]) == ("ended", "api_hung_up", "not today")
    again = client.post(f"{CALLS}/{queued.public_id}/hangup")
    assert (again.status_code, again.json()["code"]) == (409, "call_ended")


def test_hanging_up_a_live_call(client: APIClient, answered: Call) -> None:
    answer = client.post(f"{CALLS}/{answered.public_id}/hangup")
    assert (answer.status_code, answer.json()["state"]) == (202, "in_progress")
    assert fresh(answered.pk).hangup_requested_at is not None


@pytest.mark.parametrize(("act", "body"), [("hangup", {}), ("say", {"text": "One moment."})])
def test_a_test_key_does_not_touch_a_live_call(
    test_client: APIClient, answered: Call, act: str, body: dict[str, str]
) -> None:
    with tenant_scope(answered.tenant_id):
        Call.objects.filter(pk=answered.pk).update(test=False)
    answer = test_client.post(f"{CALLS}/{answered.public_id}/{act}", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert fresh(answered.pk).hangup_requested_at is None


def test_saying_something(client: APIClient, answered: Call, valkey: redis.Redis) -> None:
    assert client.post(f"{CALLS}/{answered.public_id}/say", {"text": "One moment."}).status_code == 202
    assert len(valkey.keys("trunkline:node:node-1:commands")) == 1


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": "x" * 4001}, {"text": "x", "voice": "y"}], ids=str
)
def test_saying_nothing_that_can_be_said(client: APIClient, answered: Call, body: dict[str, str]) -> None:
    assert len(faults(client.post(f"{CALLS}/{answered.public_id}/say", body))) == 1


def test_saying_something_before_the_answer(client: APIClient, queued: Call) -> None:
    answer = client.post(f"{CALLS}/{queued.public_id}/say", {"text": "Hello?"})
    assert (answer.status_code, answer.json()["code"]) == (409, "call_not_answered")


def test_saying_something_while_redis_is_down(client: APIClient, answered: Call, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.post(f"{CALLS}/{answered.public_id}/say", {"text": "Hello?"})
    assert (answer.status_code, answer.json()["code"]) == (503, "live_control_unavailable")
    assert answer.headers["Retry-After"]
