from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from apps.calls.api.internal import nodes
from apps.calls.models import Call, CallEvent
from apps.knowledge.chunking import pieces
from apps.knowledge.models import Document, KnowledgeBase
from apps.knowledge.reading.blocks import Block
from apps.knowledge.services.indexing import count, index
from apps.numbers.models import PhoneNumber
from media_workers.contract.calls import (
    CallPlan,
    ClaimRequest,
    Heartbeat,
    HeartbeatAnswer,
    InboundAnswer,
    InboundCall,
)
from media_workers.contract.events import EventAck
from media_workers.contract.requests import KnowledgeAnswer, KnowledgeQuery
from telephony.edge.models import MediaNode
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.calls.services.test_recordings import wav
from tests.apps.calls.wire import batch, event, fresh, turn
from tests.tenancy import make_key

V1 = "/internal/v1"


class Line:
    """A line's view of the internal API."""

    def __init__(self, token: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def post(self, path: str, body: Any) -> Any:
        data = body if isinstance(body, str | bytes) else body.model_dump_json()
        return self.client.post(V1 + path, data, content_type="application/json", headers=self.headers)

    def put(self, path: str, data: bytes, **headers: str) -> Any:
        return self.client.put(V1 + path, data, content_type="audio/wav", headers=self.headers | headers)


@pytest.fixture
def line(node: MediaNode, token: str) -> Line:
    return Line(token)


def beat(node: str = "node-1", boot: int = 1, calls: tuple[UUID, ...] = ()) -> Heartbeat:
    return Heartbeat(
        node=node, boot_id=UUID(int=boot), sip_address="h:1", lines=1, capacity=4, active=0, calls=list(calls)
    )


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["detail"]
    return answer.status_code, document["code"]


# --- the way of a call ------------------------------------------------------------------------------


def test_inbound(line: Line, number: PhoneNumber, ring: Callable[..., InboundCall]) -> None:
    answer = line.post("/calls/inbound", ring())
    assert answer.status_code == 200
    told = InboundAnswer.model_validate_json(answer.content)
    assert told.plan is not None
    assert told.rejection is None
    assert fresh(told.plan.call_id).state == "ringing"


def test_inbound_refused(line: Line, number: PhoneNumber, ring: Callable[..., InboundCall]) -> None:
    answer = line.post("/calls/inbound", ring("+12025559999"))
    assert answer.status_code == 200
    told = InboundAnswer.model_validate_json(answer.content)
    assert told.plan is None
    assert told.rejection is not None
    assert told.rejection.sip_code == 404


def test_claim(line: Line, queued: Call) -> None:
    answer = line.post(f"/calls/{queued.pk}/claim", ClaimRequest(node="node-1", line=1))
    assert answer.status_code == 200
    assert CallPlan.model_validate_json(answer.content).call_id == queued.pk
    again = line.post(f"/calls/{queued.pk}/claim", ClaimRequest(node="node-1", line=2))
    assert problem(again) == (409, "call_not_queued")


def test_events(line: Line, answered: Call) -> None:
    answer = line.post(f"/calls/{answered.pk}/events", batch(answered.pk, turn(2, 0, "agent", "Hello.")))
    assert answer.status_code == 200
    assert EventAck.model_validate_json(answer.content).seq == 2


def test_recording(line: Line, answered: Call, settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = settings.STORAGES | {
        "recordings": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    data = wav(300)  # larger than Django keeps in memory, and than a JSON body may be
    digest = hashlib.sha256(data).hexdigest()
    answer = line.put(f"/calls/{answered.pk}/recording", data, **{"X-Content-Sha256": digest.upper()})
    assert answer.status_code == 204
    assert [path.read_bytes() for path in tmp_path.rglob("*.wav")] == [data]


def test_heartbeat(line: Line, node: MediaNode, answered: Call) -> None:
    unknown = uuid4()
    answer = line.post("/nodes/heartbeat", beat(calls=(answered.pk, unknown)))
    assert answer.status_code == 200
    assert HeartbeatAnswer.model_validate_json(answer.content).lost == [unknown]
    node.refresh_from_db()
    assert node.last_heartbeat_at is not None


def test_a_heartbeat_names_the_calls_that_were_given_up(line: Line, answered: Call) -> None:
    with platform_scope():
        Call.objects.filter(pk=answered.pk).update(
            state="ended", end_reason="node_lost", ended_at=answered.created_at
        )
    answer = line.post("/nodes/heartbeat", beat(calls=(answered.pk,)))
    assert HeartbeatAnswer.model_validate_json(answer.content).lost == [answered.pk]


def test_calls_that_ended_by_their_own_report_are_not_lost(line: Line, answered: Call) -> None:
    """Their recording may still be on its way: the node lists them until it is."""
    ended = event(2, "ended", reason="caller_hung_up")
    line.post(f"/calls/{answered.pk}/events", batch(answered.pk, ended))
    answer = line.post("/nodes/heartbeat", beat(calls=(answered.pk,)))
    assert HeartbeatAnswer.model_validate_json(answer.content).lost == []


def test_the_first_heartbeat_of_a_new_life_gives_up_the_calls_of_the_old(line: Line, answered: Call) -> None:
    with platform_scope():
        Call.objects.update(created_at=answered.created_at - timedelta(minutes=1))
    line.post("/nodes/heartbeat", beat(boot=1, calls=(answered.pk,)))
    assert fresh(answered.pk).missing_since is None
    line.post("/nodes/heartbeat", beat(boot=2))
    assert fresh(answered.pk).missing_since is not None


def test_anybody_may_ask_whether_the_api_is_there(db: None) -> None:
    answer = Client().get(f"{V1}/ping")
    assert (answer.status_code, answer.content) == (204, b"")


# --- who may ask ------------------------------------------------------------------------------------

PATHS = ["/calls/inbound", f"/calls/{UUID(int=7)}/claim", f"/calls/{UUID(int=7)}/events", "/nodes/heartbeat"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("secret", ["", "wrong", "node_" + "0" * 64])
def test_strangers_are_refused(node: MediaNode, path: str, secret: str) -> None:
    answer = Line(secret).post(path, "{}")
    assert problem(answer) == (401, "not_a_node")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", PATHS)
def test_an_api_key_is_no_node(node: MediaNode, tenant: Tenant, path: str) -> None:
    assert problem(Line(make_key(tenant)).post(path, "{}")) == (401, "not_a_node")


def test_strangers_upload_nothing(node: MediaNode, answered: Call) -> None:
    answer = Line("wrong").put(f"/calls/{answered.pk}/recording", wav(), **{"X-Content-Sha256": "0" * 64})
    assert problem(answer) == (401, "not_a_node")


def test_a_node_speaks_for_itself_only(
    line: Line, other_node: MediaNode, queued: Call, answered: Call, ring: Callable[..., InboundCall]
) -> None:
    name = other_node.name
    answers = [
        line.post("/calls/inbound", ring(node=name)),
        line.post(f"/calls/{queued.pk}/claim", ClaimRequest(node=name, line=1)),
        line.post(f"/calls/{answered.pk}/events", batch(answered.pk, event(2, "ringing"), node=name)),
        line.post("/nodes/heartbeat", beat(node=name)),
    ]
    assert [problem(answer) for answer in answers] == [(403, "other_node")] * 4
    assert fresh(queued.pk).state == "queued"
    assert fresh(answered.pk).last_seq == 1
    other_node.refresh_from_db()
    assert other_node.last_heartbeat_at is None


# --- what may be wrong with a body --------------------------------------------------------------------


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"x"', "{}", b"\xff\xfe", '{"node": 7}'])
@pytest.mark.parametrize("path", PATHS)
def test_bodies_that_are_not_the_contract(line: Line, path: str, body: str | bytes) -> None:
    assert problem(line.post(path, body)) == (422, "invalid")


def test_the_place_of_a_fault_is_named(line: Line, answered: Call) -> None:
    told = json.loads(batch(answered.pk, event(2, "dtmf", digit="1", at_ms=1)).model_dump_json())
    told["events"][0]["body"]["digit"] = "x"
    answer = line.post(f"/calls/{answered.pk}/events", json.dumps(told))
    assert answer.json()["detail"].startswith("events.0.body.dtmf.digit: ")


def test_unknown_fields_of_a_newer_node_are_ignored(line: Line, answered: Call) -> None:
    told = json.loads(batch(answered.pk, turn(2, 0, "agent", "Hello.")).model_dump_json())
    told["mood"] = told["events"][0]["body"]["mood"] = "fine"
    assert line.post(f"/calls/{answered.pk}/events", json.dumps(told)).status_code == 200


def test_the_address_and_the_body_must_agree(line: Line, queued: Call, answered: Call) -> None:
    answer = line.post(f"/calls/{queued.pk}/events", batch(answered.pk, event(2, "ringing")))
    assert problem(answer) == (422, "invalid")
    assert fresh(answered.pk).last_seq == 1


def test_a_body_without_end(line: Line, answered: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "MAX_BODY_BYTES", 1000)
    answer = line.post(f"/calls/{answered.pk}/events", "x" * 1001)
    assert problem(answer) == (422, "invalid")
    assert "at most 1000 bytes" in answer.json()["detail"]


def test_a_batch_larger_than_the_public_limit_is_taken(line: Line, answered: Call, settings: Any) -> None:
    text = "INVITE\r\n" + "x" * 60_000
    messages = [
        event(n, "sip", direction="in", peer="p", transport="udp", first_line="INVITE", text=text)
        for n in range(2, 52)
    ]
    sent = batch(answered.pk, *messages)
    assert len(sent.model_dump_json()) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert line.post(f"/calls/{answered.pk}/events", sent).json() == {"seq": 51}
    with tenant_scope(answered.tenant_id):
        assert CallEvent.objects.filter(call=answered).count() == 51


@pytest.mark.parametrize("digest", ["", "abc", "g" * 64])
def test_a_recording_without_its_digest(line: Line, answered: Call, digest: str) -> None:
    headers = {"X-Content-Sha256": digest} if digest else {}
    assert problem(line.put(f"/calls/{answered.pk}/recording", wav(), **headers)) == (422, "invalid")


def test_a_recording_with_another_digest(line: Line, answered: Call) -> None:
    answer = line.put(f"/calls/{answered.pk}/recording", wav(), **{"X-Content-Sha256": "0" * 64})
    assert problem(answer) == (422, "sha256")


def test_unknown_calls(line: Line) -> None:
    unknown = uuid4()
    answers = [
        line.post(f"/calls/{unknown}/claim", ClaimRequest(node="node-1", line=1)),
        line.post(f"/calls/{unknown}/events", batch(unknown, event(1, "ringing"))),
        line.put(f"/calls/{unknown}/recording", wav(), **{"X-Content-Sha256": "0" * 64}),
    ]
    assert [problem(answer) for answer in answers] == [(404, "call_unknown")] * 3


def test_another_nodes_call(other_node: MediaNode, line: Line, answered: Call) -> None:
    with platform_scope():
        Call.objects.filter(pk=answered.pk).update(node=other_node)
    answer = line.post(f"/calls/{answered.pk}/events", batch(answered.pk, event(2, "ringing")))
    assert problem(answer) == (409, "call_not_yours")


def test_knowledge(line: Line, answered: Call, other_node: MediaNode) -> None:
    with tenant_scope(answered.tenant_id):
        base = KnowledgeBase.objects.create(name="House")
        document = Document.objects.create(base=base, title="Rules", kind="markdown", state="ready")
        index(document, pieces([Block(1, "Pets"), Block(0, "Dogs are welcome.")]))
        document.save()
        count(base.pk)
    query = KnowledgeQuery(node="node-1", bases=[base.public_id, "kb_gone"], query="may I bring dogs")
    path = f"/calls/{answered.pk}/knowledge"

    (source,) = KnowledgeAnswer.model_validate_json(line.post(path, query).content).sources
    assert (source.document_id, source.title, source.heading, source.text) == (
        document.public_id,
        "Rules",
        "Pets",
        "Dogs are welcome.",
    )

    with platform_scope():
        Call.objects.filter(pk=answered.pk).update(node=other_node)
    assert problem(line.post(path, query)) == (409, "call_not_yours")


def test_other_methods(line: Line) -> None:
    answer = line.client.get(f"{V1}/nodes/heartbeat", headers=line.headers)
    assert problem(answer) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "POST"


def test_other_addresses(line: Line) -> None:
    assert line.post("/calls/not-an-id/claim", "{}").status_code == 404
