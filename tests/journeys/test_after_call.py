"""What comes after a call reaches the tenant's server, whatever dies meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.webhook_receiver import Received, WebhookReceiver
from tests.journeys.client import turns_of
from tests.journeys.conftest import RECEPTION, World
from tests.journeys.test_failures import ASK, END
from tests.sip.wait import until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

CALLER = "+12025550186"


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as receiver:
        yield receiver


def test_a_call_is_told_of_though_node_and_celery_die(
    world: World, receiver: WebhookReceiver, tmp_path: Path
) -> None:
    """The call ends and its node is killed at once; Celery is killed in the middle of the delivery. Every
    event comes, signed, in its order; what comes twice has the same id."""
    endpoint = world.api.post("/webhooks", {"url": receiver.url, "event_types": ["call.*"]})
    seen: set[str] = set()

    def first_time_hangs(request: Received) -> str:
        """So that there is a middle to die in."""
        new = request.id not in seen
        seen.add(request.id)
        return "hang" if new and request.event["type"] == "call.ended" else "ok"

    receiver.manner = first_time_hangs
    phone = world.caller(RECEPTION, CALLER, [*ASK, *END], tmp_path)
    call_id = world.api.find(to_number=RECEPTION, from_number=CALLER)
    assert phone.result()["completed"]
    until(lambda: world.api.call(call_id)["state"] == "ended", "the call is over", every_s=0.05)
    world.stack.kill("node")
    until(lambda: "call.ended" in _types(receiver, call_id), "the end is being told of")
    for name in [name for name in world.stack.pids() if name.startswith("celery")]:
        world.stack.kill(name)
    wanted = {"call.started", "call.ended", "call.transcribed", "call.analyzed", "call.recording_ready"}
    until(lambda: wanted <= set(_types(receiver, call_id)), "every event has come", timeout_s=120)
    until(lambda: _settled(world, endpoint["id"]), "nothing is on its way any more", timeout_s=120)

    receiver.verify(endpoint["secret"])
    events = [event for event in receiver.events if event["key"] == call_id]
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert sorted({event["type"] for event in events}) == sorted(wanted)
    repeated = [r.id for r in receiver.received if r.event["key"] == call_id]
    assert len(repeated) > len(set(repeated)), "the one that hung was sent again, with its id"
    transcript = next(event for event in events if event["type"] == "call.transcribed")["data"]["turns"]
    said = [turn["text"] for turn in transcript if turn["speaker"] == "caller"]
    assert said == turns_of(world.api.call(call_id), "caller")


def _types(receiver: WebhookReceiver, call_id: str) -> list[str]:
    return [request.event["type"] for request in receiver.received if request.event["key"] == call_id]


def _settled(world: World, endpoint: str) -> bool:
    rows = world.api.get(f"/webhooks/{endpoint}/deliveries", state="pending")["results"]
    return not rows
