"""/ws/v1/talk/ through the whole ASGI application, with a media node at the far end of a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from apps.agents.models import Agent
from apps.calls.api.sockets import base, nodes, talk
from apps.calls.models import Call
from apps.calls.services import claim_call, record_events, start_browser_call
from media_workers.contract.calls import ClaimRequest, Heartbeat
from telephony.edge.models import MediaNode as Row
from telephony.edge.services import ensure_node, new_token, record_heartbeat
from telephony.edge.tickets import call_ticket, check_call_ticket
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.calls.wire import batch, event, fresh, turn
from tests.apps.calls.ws import Socket
from tests.fakes.media_node import MediaNode
from tests.tenancy import make_key

pytestmark = pytest.mark.django_db(transaction=True)

FRAME = bytes(range(160)) * 2


@pytest.fixture
def far() -> Iterator[MediaNode]:
    with MediaNode() as node:
        yield node


def beats(name: str, url: str, *, capacity: int = 4) -> Row:
    """A living node that takes browser calls at `url`."""
    row = ensure_node(name, new_token())
    told = Heartbeat(
        node=name,
        boot_id=UUID(int=1),
        sip_address="127.0.0.1:5060",
        lines=1,
        capacity=4,
        active=0,
        browser_url=url,
        browser_capacity=capacity,
    )
    record_heartbeat(row, told, now=timezone.now())
    return row


@pytest.fixture
def node(db: None, far: MediaNode) -> Row:
    return beats("node-1", far.url)


@pytest.fixture
def call(tenant: Tenant, agent: Agent) -> Call:
    with tenant_scope(tenant.pk):
        return start_browser_call(agent_id=agent.pk)


@pytest.fixture
def key(tenant: Tenant) -> str:
    return make_key(tenant)


@asynccontextmanager
async def talking(call: Call, key: str) -> AsyncIterator[Socket]:
    client = Socket(f"/ws/v1/talk/?call={call.public_id}", Authorization=f"Bearer {key}")
    assert await client.connect() is None
    try:
        yield client
    finally:
        await client.disconnect()


async def claimed(row: Row, call: Call) -> None:
    """What the real node does before it says that it is ready."""
    wish = ClaimRequest(node=row.name, line=1, ticket=call_ticket(call.pk))
    assert await sync_to_async(claim_call)(row, call.pk, wish) is not None
    await report(row, call, event(1, "answered", codec="L16"))


async def report(row: Row, call: Call, *events: Any) -> None:
    await sync_to_async(record_events)(row, batch(call.pk, *events))


async def until(probe: Callable[[], Any], what: str) -> None:
    deadline = asyncio.get_running_loop().time() + 30
    while not probe():
        assert asyncio.get_running_loop().time() < deadline, what
        await asyncio.sleep(0.01)


async def refused(client: Socket) -> tuple[str, int]:
    """The reason that the client is given, and the code with which it is closed."""
    return (await client.hear_type("error"))["code"], await client.closed()


# --- a call ------------------------------------------------------------------------------------------


async def test_the_browser_is_shown_the_floor(far: MediaNode, node: Row, call: Call, key: str) -> None:
    picture = {
        "type": "floor",
        "at_ms": 1_200,
        "speech": 0.98,
        "level_db": -31.5,
        "state": "speaking",
        "silence_ms": 0,
        "endpoint_ms": 450,
        "reason": "words",
        "agent": "none",
    }
    far.pictures = [picture, picture | {"at_ms": 1_300, "state": "paused", "silence_ms": 80}]
    async with talking(call, key) as client:
        assert await client.hear_type("floor") == picture
        assert (await client.hear_type("floor"))["state"] == "paused"


async def test_audio_both_ways_events_and_the_end(far: MediaNode, node: Row, call: Call, key: str) -> None:
    async with talking(call, key) as client:
        assert (await client.hear_type("ready")) == {"type": "ready"}
        await claimed(node, call)
        await client.send_frame(FRAME)
        assert await client.hear_audio() == FRAME
        await report(node, call, turn(2, 0, "agent", "Hello."))
        told = [await client.hear_type("event") for _ in range(2)]
        assert [(m["seq"], m["event"]["type"], m["state"]) for m in told] == [
            (1, "answered", "in_progress"),
            (2, "turn", "in_progress"),
        ]
        await client.send({"type": "dtmf", "digit": "5"})
        await client.send({"type": "hang_up"})
        await until(lambda: len(far.orders) == 2, "the node has heard of both")
        await report(node, call, event(3, "ended", reason="caller_hung_up"))
        assert await client.hear_type("ended") == {
            "type": "ended",
            "end_reason": "caller_hung_up",
            "end_words": "The caller hung up.",
            "end_detail": "",
        }
        assert await client.closed() == 1000
    assert far.orders == [{"type": "dtmf", "digit": "5"}, {"type": "hang_up"}]
    assert far.heard == [FRAME]
    assert far.paths == [f"/calls/{call.pk}"]
    check_call_ticket(far.tickets[0], call.pk)


async def test_several_frames_at_once_and_what_is_no_audio(
    far: MediaNode, node: Row, call: Call, key: str
) -> None:
    async with talking(call, key) as client:
        await client.hear_type("ready")
        await client.send_frame(FRAME * 3)
        assert await client.hear_audio() == FRAME * 3
        for wrong in (b"", FRAME[:-1], FRAME * 21):
            await client.send_frame(wrong)
        await client.send({"type": "dance"})
        assert (await client.hear_type("error"))["code"] == "bad_audio"
        assert (await client.hear_type("error"))["code"] == "unknown_type"
        await client.send_frame(FRAME)
        assert await client.hear_audio() == FRAME
    assert far.heard == [FRAME * 3, FRAME]


@pytest.mark.parametrize(("code", "order"), [(1000, "hang_up"), (1005, "hang_up"), (1006, "gone")])
async def test_the_node_learns_how_the_browser_left(
    far: MediaNode, node: Row, call: Call, key: str, code: int, order: str
) -> None:
    client = Socket(f"/ws/v1/talk/?call={call.public_id}", Authorization=f"Bearer {key}")
    assert await client.connect() is None
    await client.hear_type("ready")
    await client.disconnect(code)
    assert far.orders == [{"type": order}]


async def test_a_call_ended_from_elsewhere(far: MediaNode, node: Row, call: Call, key: str) -> None:
    async with talking(call, key) as client:
        await client.hear_type("ready")
        await claimed(node, call)
        await report(node, call, event(2, "ended", reason="api_hung_up", detail="Enough."))
        await sync_to_async(far.hang_up)()
        told = await client.hear_type("ended")
        assert (told["end_reason"], told["end_detail"]) == ("api_hung_up", "Enough.")
        assert await client.closed() == 1000


async def test_a_node_that_dies_is_told_as_such(
    far: MediaNode, node: Row, call: Call, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talk, "END_TOLD_S", 0.1)
    async with talking(call, key) as client:
        await client.hear_type("ready")
        await claimed(node, call)
        await sync_to_async(far.hang_up)()
        assert (await client.hear_type("ended"))["end_reason"] == "node_lost"


# --- who may, and where to ------------------------------------------------------------------------------


async def test_a_call_that_is_over_says_how_it_ended(node: Row, call: Call, key: str) -> None:
    await claimed(node, call)
    await report(node, call, event(2, "ended", reason="agent_hung_up"))
    async with talking(call, key) as client:
        assert (await client.hear_type("ended"))["end_reason"] == "agent_hung_up"
        assert await client.closed() == 1000


async def test_a_call_is_talked_by_one(node: Row, call: Call, key: str) -> None:
    await claimed(node, call)
    async with talking(call, key) as client:
        assert await refused(client) == ("already_connected", 4404)


async def test_a_telephone_call_is_not_talked_from_here(node: Row, answered: Call, key: str) -> None:
    async with talking(answered, key) as client:
        assert await refused(client) == ("not_a_browser_call", 4404)


async def test_another_tenants_call_does_not_exist(node: Row, call: Call, stranger: Tenant) -> None:
    theirs = await sync_to_async(make_key)(stranger)
    async with talking(call, theirs) as client:
        assert await refused(client) == ("not_found", 4404)
    for address in ("", "?call=", "?call=agt_7"):
        client = Socket(f"/ws/v1/talk/{address}", Authorization=f"Bearer {theirs}")
        assert await client.connect() is None
        assert await refused(client) == ("invalid", 4404)
        await client.disconnect()


async def test_it_needs_the_permission_to_place_calls(tenant: Tenant, call: Call) -> None:
    reads = await sync_to_async(make_key)(tenant, {"calls.read"})
    client = Socket(f"/ws/v1/talk/?call={call.public_id}", Authorization=f"Bearer {reads}")
    assert await client.connect() == 4403


async def test_the_key_may_come_in_the_first_message(far: MediaNode, node: Row, call: Call, key: str) -> None:
    client = Socket(f"/ws/v1/talk/?call={call.public_id}")
    assert await client.connect() is None
    await client.send({"type": "authenticate", "key": key})
    await client.hear_type("ready")
    await client.disconnect()
    mute = Socket(f"/ws/v1/talk/?call={call.public_id}")
    assert await mute.connect() is None
    await mute.send_frame(FRAME)
    assert await mute.closed() == base.UNAUTHENTICATED
    await mute.disconnect()


async def test_a_full_node_is_passed_over(far: MediaNode, node: Row, call: Call, key: str) -> None:
    with MediaNode() as full:
        full.refusal = {"code": "full", "detail": "Full."}
        await sync_to_async(beats)("a-larger-one", full.url, capacity=100)
        async with talking(call, key) as client:
            await client.hear_type("ready")
        assert (len(full.paths), len(far.paths)) == (1, 1)


async def test_a_node_that_is_not_there_is_passed_over(
    far: MediaNode, node: Row, call: Call, key: str
) -> None:
    await sync_to_async(beats)("away", "ws://127.0.0.1:9", capacity=100)
    async with talking(call, key) as client:
        await client.hear_type("ready")


async def test_without_a_node_the_call_waits_on(call: Call, key: str) -> None:
    async with talking(call, key) as client:
        assert await refused(client) == ("no_media_node", 1013)
    assert (await sync_to_async(fresh)(call.pk)).state == "queued"


async def test_a_node_that_says_nothing_is_not_waited_for(
    far: MediaNode, node: Row, call: Call, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nodes, "READY_S", 0.1)
    monkeypatch.setattr(nodes, "CLOSE_S", 0.1)
    far.silent = True
    async with talking(call, key) as client:
        assert await refused(client) == ("no_media_node", 1013)


async def test_a_call_that_is_not_given_to_the_node(far: MediaNode, node: Row, call: Call, key: str) -> None:
    far.refusal = {"code": "not_waiting", "detail": "No call waits."}
    async with talking(call, key) as client:
        assert await refused(client) == ("not_waiting", 1013)
