"""The live socket through the whole ASGI application, the real channel layer and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.test import Client

from apps.calls import live
from apps.calls.api.sockets import base as sockets
from apps.calls.api.sockets import calls as call_sockets
from apps.calls.models import Call
from apps.calls.services import hang_up_call, place_call, record_events
from apps.numbers.models import PhoneNumber
from media_workers.contract.events import CallEvent
from telephony.edge.models import MediaNode
from tenants.models import Tenant, User
from tenants.scope import tenant_scope
from tenants.services import revoke_api_key
from tests.apps.calls.wire import batch, event, turn
from tests.apps.calls.ws import Socket
from tests.tenancy import make_key, make_member, make_tenant

pytestmark = pytest.mark.django_db(transaction=True)

PATH = "/ws/v1/calls/"


@asynccontextmanager
async def socket(path: str = PATH, **headers: str) -> AsyncIterator[Socket]:
    """An open socket."""
    client = Socket(path, **headers)
    assert await client.connect() is None
    try:
        yield client
    finally:
        await client.disconnect()


async def subscribe(client: Socket, call: Call | None = None) -> Any:
    await client.send({"type": "subscribe"} | ({"call": call.public_id} if call else {}))
    answer = await client.hear()
    assert answer["type"] == "subscribed"
    if call is None:
        assert (await client.hear())["type"] == "snapshot"
    return answer


async def report(node: MediaNode, call: Call, *events: CallEvent) -> None:
    await sync_to_async(record_events)(node, batch(call.pk, *events))


@pytest.fixture
def key(tenant: Tenant) -> str:
    return make_key(tenant)


@pytest.fixture
def other_call(node: MediaNode, stranger: Tenant) -> Call:
    """A stranger's call in progress."""
    with tenant_scope(stranger.pk):
        call = Call(direction="inbound", state="ringing", node=node)
        call.save()
    record_events(node, batch(call.pk, event(1, "answered")))
    return call


# --- who --------------------------------------------------------------------------------------------


async def test_a_key_in_the_header(key: str, answered: Call) -> None:
    async with socket(Authorization=f"Bearer {key}") as client:
        told = await subscribe(client, answered)
        assert (told["call"], told["state"], told["seq"]) == (answered.public_id, "in_progress", 1)


async def test_a_key_in_the_first_message(key: str, answered: Call, tenant: Tenant) -> None:
    async with socket() as client:
        await client.send({"type": "authenticate", "key": key})
        assert await client.hear() == {"type": "authenticated", "tenant": tenant.public_id}
        await subscribe(client, answered)


async def test_a_logged_in_member(tenant: Tenant, answered: Call) -> None:
    browser = Client()
    await sync_to_async(browser.force_login)(await sync_to_async(make_member)(tenant, "analyst"))
    cookie = f"sessionid={browser.cookies['sessionid'].value}"
    async with socket(Cookie=cookie, Host="localhost", Origin="http://localhost") as client:
        await subscribe(client, answered)


@pytest.mark.parametrize(
    ("host", "origin", "opens"),
    [
        ("localhost:8000", "http://localhost:8000", True),
        ("[::1]:8000", "http://[::1]:8000", True),
        ("internal:8000", "https://calls.example.com", True),
        ("localhost:8000", "https://calls.example.com:443", True),
        ("localhost:8000", "http://localhost:3000", False),
        ("localhost:8000", "https://localhost:8000", False),
        ("localhost:8000", "http://calls.example.com", False),
        ("localhost:8000", "https://calls.example.com:8443", False),
        ("evil.example", "http://evil.example", False),
        ("localhost", "https://evil.example", False),
        ("localhost", "null", False),
        ("localhost", "http://localhost:port", False),
    ],
)
async def test_other_sites_pages_do_not_connect(
    key: str, settings: Any, host: str, origin: str, opens: bool
) -> None:
    settings.PUBLIC_URL = "https://calls.example.com"
    client = Socket(PATH, Authorization=f"Bearer {key}", Host=host, Origin=origin)
    assert (await client.connect() is None) == opens
    if opens:
        await client.disconnect()


async def test_so_many_sockets_for_each_and_for_all(key: str, tenant: Tenant, settings: Any) -> None:
    settings.SOCKETS_PER_PRINCIPAL, settings.SOCKETS_PER_TENANT = 2, 3
    second = await sync_to_async(make_key)(tenant)
    async with socket(Authorization=f"Bearer {key}") as first, socket(Authorization=f"Bearer {key}"):
        await _refused(Socket(PATH, Authorization=f"Bearer {key}"))
        async with socket(Authorization=f"Bearer {second}"):
            await _refused(Socket(PATH, Authorization=f"Bearer {second}"))
            late = Socket(PATH)
            assert await late.connect() is None
            await late.send({"type": "authenticate", "key": second})
            assert (await late.hear())["code"] == "too_many_sockets"
            assert await late.closed() == 4429
            await late.disconnect(4429)
        await first.disconnect()
        async with socket(Authorization=f"Bearer {key}"):
            pass


async def _refused(client: Socket) -> None:
    assert await client.connect() is None
    assert (await client.hear())["code"] == "too_many_sockets"
    assert await client.closed() == 4429
    await client.disconnect(4429)


async def test_a_member_of_two_tenants_names_one(tenant: Tenant, answered: Call) -> None:
    browser = Client()
    person = await sync_to_async(make_member)(tenant)
    second = await sync_to_async(make_tenant)()
    await sync_to_async(_join)(second, person)
    await sync_to_async(browser.force_login)(person)
    cookie = f"sessionid={browser.cookies['sessionid'].value}"
    assert await Socket(PATH, Cookie=cookie).connect() == 4401
    async with socket(f"{PATH}?tenant={tenant.public_id}", Cookie=cookie) as client:
        await subscribe(client, answered)
    async with socket(f"{PATH}?tenant={second.public_id}", Cookie=cookie) as client:
        await client.send({"type": "subscribe", "call": answered.public_id})
        assert (await client.hear())["code"] == "not_found"


def _join(tenant: Tenant, person: Any) -> None:
    from tenants.services import add_member

    add_member(tenant=tenant, user=person, role="owner")


@pytest.mark.parametrize(
    "header", ["Bearer tl_live_nonsense", "Bearer ", "Bearer tl_live_" + "a" * 12 + "_b"]
)
async def test_bad_keys_do_not_connect(db: None, header: str) -> None:
    assert await Socket(PATH, Authorization=header).connect() == 4401


async def test_a_key_without_the_permission_does_not_connect(tenant: Tenant) -> None:
    secret = await sync_to_async(make_key)(tenant, {"agents.read"})
    assert await Socket(PATH, Authorization=f"Bearer {secret}").connect() == 4403


async def test_a_bad_key_in_the_first_message(tenant: Tenant) -> None:
    secret = await sync_to_async(make_key)(tenant, {"agents.read"})
    for sent, code in ((secret, 4403), ("tl_live_nonsense", 4401), (None, 4401)):
        async with socket() as client:
            await client.send({"type": "authenticate", "key": sent})
            assert (await client.hear())["type"] == "error"
            assert await client.closed() == code


async def test_nobody_hears_anything_before_saying_who_they_are(answered: Call) -> None:
    for message in ({"type": "subscribe"}, {"type": "unsubscribe"}, {}, []):
        async with socket() as client:
            await client.send(message)
            assert await client.closed() == 4401


async def test_who_says_nothing_is_closed(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "AUTHENTICATE_WITHIN_S", 0.05)
    async with socket() as client:
        assert await client.closed() == 4401


async def test_a_revoked_key_loses_the_socket(
    key: str, answered: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "AUTHENTICATE_WITHIN_S", 0.05)
    monkeypatch.setattr(sockets, "CHECK_AGAIN_S", 0.05)
    async with socket(Authorization=f"Bearer {key}") as client:
        await subscribe(client)
        await sync_to_async(_revoke_all)(answered.tenant_id)
        assert await client.closed() == 4401


def _revoke_all(tenant_id: Any) -> None:
    from tenants.models import ApiKey

    with tenant_scope(tenant_id):
        for key in ApiKey.objects.all():
            revoke_api_key(key=key)


# --- what -------------------------------------------------------------------------------------------


async def test_events_of_one_call_as_they_come(key: str, node: MediaNode, answered: Call) -> None:
    async with socket(Authorization=f"Bearer {key}") as client:
        await subscribe(client, answered)
        await report(node, answered, turn(2, 0, "agent", "Hello."), event(3, "dtmf", digit="1", at_ms=5))
        await report(node, answered, event(4, "ended", reason="caller_hung_up", duration_ms=9))
        heard = [await client.hear() for _ in range(3)]
    assert [(m["type"], m["call"], m["seq"], m["state"]) for m in heard] == [
        ("event", answered.public_id, 2, "in_progress"),
        ("event", answered.public_id, 3, "in_progress"),
        ("event", answered.public_id, 4, "ended"),
    ]
    assert heard[0]["event"]["text"] == "Hello."
    assert heard[2]["event"]["reason"] == "caller_hung_up"


async def test_a_batch_sent_again_is_heard_once(key: str, node: MediaNode, answered: Call) -> None:
    async with socket(Authorization=f"Bearer {key}") as client:
        await subscribe(client, answered)
        for _ in range(3):
            await report(node, answered, turn(2, 0, "agent", "Hello."))
        await report(node, answered, turn(3, 1, "caller", "Hi."))
        assert [(await client.hear())["seq"] for _ in range(2)] == [2, 3]


async def test_all_calls_of_the_tenant_and_no_others(
    key: str, node: MediaNode, answered: Call, queued: Call, other_call: Call
) -> None:
    async with socket(Authorization=f"Bearer {key}") as client:
        await subscribe(client)
        await report(node, other_call, turn(2, 0, "agent", "Not for you."))
        await report(node, answered, turn(2, 0, "agent", "Hello."))
        await sync_to_async(_hang_up)(queued)
        heard = [await client.hear() for _ in range(2)]
        assert await client.silent()
    assert (heard[0]["call"], heard[0]["event"]["text"]) == (answered.public_id, "Hello.")
    item = heard[1].pop("item")
    assert (item["id"], item["state"], item["end_reason"]) == (queued.public_id, "ended", "api_hung_up")
    assert heard[1] == {
        "type": "state",
        "call": queued.public_id,
        "seq": 0,
        "state": "ended",
        "end_reason": "api_hung_up",
    }


def _hang_up(call: Call) -> None:
    with tenant_scope(call.tenant_id):
        hang_up_call(call_id=call.pk)


async def test_another_tenants_call_does_not_exist(key: str, node: MediaNode, other_call: Call) -> None:
    async with socket(Authorization=f"Bearer {key}") as client:
        await client.send({"type": "subscribe", "call": other_call.public_id})
        assert (await client.hear())["code"] == "not_found"
        await report(node, other_call, turn(2, 0, "agent", "Not for you."))
        assert await client.silent()


async def test_nothing_is_heard_twice(key: str, node: MediaNode, answered: Call) -> None:
    async with socket(Authorization=f"Bearer {key}") as client:
        await subscribe(client, answered)
        await subscribe(client)
        await subscribe(client, answered)
        await report(node, answered, turn(2, 0, "agent", "Hello."))
        assert (await client.hear())["seq"] == 2
        assert await client.silent()


@pytest.mark.parametrize("everything", [True, False])
async def test_unsubscribing(key: str, node: MediaNode, answered: Call, everything: bool) -> None:
    async with socket(Authorization=f"Bearer {key}") as client:
        call = None if everything else answered
        await subscribe(client, call)
        await client.send({"type": "unsubscribe"} | ({"call": call.public_id} if call else {}))
        assert (await client.hear())["type"] == "unsubscribed"
        await report(node, answered, turn(2, 0, "agent", "Hello."))
        assert await client.silent()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("not json", "unknown_type"),
        ("[" * 100_000, "unknown_type"),
        (b"\x00", "unknown_type"),
        ("[]", "unknown_type"),
        ("7", "unknown_type"),
        ("{}", "unknown_type"),
        ('{"type": "dance"}', "unknown_type"),
        ('{"type": "authenticate", "key": "x"}', "unknown_type"),
        ('{"type": "subscribe", "call": "agt_7"}', "invalid"),
        ('{"type": "subscribe", "call": 7}', "invalid"),
    ],
)
async def test_what_cannot_be_understood_is_told(
    key: str, answered: Call, text: str | bytes, code: str
) -> None:
    async with socket(Authorization=f"Bearer {key}") as client:
        await client.send_frame(text)
        assert (await client.hear())["code"] == code
        await subscribe(client, answered)


async def test_so_many_calls_and_no_more(key: str, answered: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_sockets, "MAX_CALLS", 0)
    async with socket(Authorization=f"Bearer {key}") as client:
        await client.send({"type": "subscribe", "call": answered.public_id})
        assert (await client.hear())["code"] == "too_many"


# --- coming back ------------------------------------------------------------------------------------


async def test_a_wall_begins_with_what_runs_now(
    key: str, node: MediaNode, answered: Call, queued: Call, other_call: Call
) -> None:
    await report(node, answered, turn(2, 0, "agent", "Hello."))
    await sync_to_async(_hang_up)(queued)
    async with socket(Authorization=f"Bearer {key}") as client:
        await client.send({"type": "subscribe"})
        assert (await client.hear())["type"] == "subscribed"
        snapshot = await client.hear()
    assert snapshot["type"] == "snapshot"
    (item,) = snapshot["calls"]
    assert (item["id"], item["state"], item["last_seq"]) == (answered.public_id, "in_progress", 2)


async def test_a_new_call_comes_with_its_item(key: str, number: PhoneNumber) -> None:
    async with socket(Authorization=f"Bearer {key}") as client:
        await subscribe(client)
        placed = await sync_to_async(_place)(number)
        told = await client.hear()
    assert (told["type"], told["call"], told["state"]) == ("state", placed.public_id, "queued")
    assert told["item"]["id"] == placed.public_id
    assert told["item"]["agent_name"] == "Reception"


def _place(number: PhoneNumber) -> Call:
    with tenant_scope(number.tenant_id):
        return place_call(from_number=number.e164, to_number="+12025550101")


async def test_who_comes_back_gets_what_was_missed_and_goes_on(
    key: str, node: MediaNode, answered: Call
) -> None:
    await report(node, answered, turn(2, 0, "agent", "Hello."), turn(3, 1, "caller", "Hi."))
    async with socket(Authorization=f"Bearer {key}") as client:
        await client.send({"type": "subscribe", "call": answered.public_id, "after": 1})
        told = await client.hear()
        assert (told["type"], told["state"], told["seq"]) == ("subscribed", "in_progress", 3)
        await report(node, answered, turn(4, 2, "agent", "How are you?"))
        heard = [await client.hear() for _ in range(3)]
        assert await client.silent()
    assert [(m["seq"], m["event"]["text"], m["state"]) for m in heard] == [
        (2, "Hello.", "in_progress"),
        (3, "Hi.", "in_progress"),
        (4, "How are you?", "in_progress"),
    ]


async def test_missed_events_come_with_the_state_they_led_to(
    key: str, node: MediaNode, answered: Call
) -> None:
    await report(node, answered, turn(2, 0, "agent", "Hello."), event(3, "ended", reason="caller_hung_up"))
    async with socket(Authorization=f"Bearer {key}") as client:
        await client.send({"type": "subscribe", "call": answered.public_id, "after": 0})
        assert (await client.hear())["state"] == "ended"
        heard = [await client.hear() for _ in range(3)]
    assert [(m["event"]["type"], m["state"]) for m in heard] == [
        ("answered", "in_progress"),
        ("turn", "in_progress"),
        ("ended", "ended"),
    ]


async def test_a_long_story_is_told_whole(
    key: str, node: MediaNode, answered: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_sockets, "REPLAY", 3)
    await report(node, answered, *(turn(n, n, "agent", "and so on") for n in range(2, 12)))
    async with socket(Authorization=f"Bearer {key}") as client:
        await client.send({"type": "subscribe", "call": answered.public_id, "after": 0})
        await client.hear()
        assert [(await client.hear())["seq"] for _ in range(11)] == list(range(1, 12))


async def test_an_event_that_comes_while_the_missed_ones_are_read_comes_once(
    key: str, node: MediaNode, answered: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    join = call_sockets.CallsConsumer.join

    async def join_and_miss(self: Any, group: str) -> None:
        await join(self, group)
        await report(node, answered, turn(2, 0, "agent", "Hello."))

    monkeypatch.setattr(call_sockets.CallsConsumer, "join", join_and_miss)
    async with socket(Authorization=f"Bearer {key}") as client:
        await client.send({"type": "subscribe", "call": answered.public_id, "after": 1})
        assert (await client.hear())["seq"] == 2
        assert (await client.hear())["seq"] == 2
        await report(node, answered, turn(3, 1, "caller", "Hi."))
        assert (await client.hear())["seq"] == 3
        assert await client.silent()


async def test_what_the_channel_layer_lost_is_read_again(
    key: str, node: MediaNode, answered: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with socket(Authorization=f"Bearer {key}") as client:
        await subscribe(client, answered)
        with monkeypatch.context() as away:
            away.setattr(live, "get_channel_layer", lambda: None)
            await report(node, answered, turn(2, 0, "agent", "Hello."), turn(3, 1, "caller", "Hi."))
            await asyncio.sleep(0.2)
        await report(node, answered, turn(4, 2, "agent", "How are you?"))
        assert [(await client.hear())["seq"] for _ in range(3)] == [2, 3, 4]
        assert await client.silent()


async def test_a_state_from_before_the_snapshot_is_not_told(
    key: str, tenant: Tenant, node: MediaNode, answered: Call
) -> None:
    await report(node, answered, turn(2, 0, "agent", "Hello."))
    async with socket(Authorization=f"Bearer {key}") as client:
        await subscribe(client)
        late = {"type": "state", "call": answered.public_id, "seq": 0, "state": "ringing", "end_reason": None}
        group = live.tenant_group(tenant.pk)
        message = {"type": "calls.update", "group": group, "messages": [late]}
        await get_channel_layer().group_send(group, message)
        await report(node, answered, turn(3, 1, "caller", "Hi."))
        assert (await client.hear())["seq"] == 3


@pytest.mark.parametrize("after", [-1, "1", 2**40, 1.5])
async def test_a_bad_place_to_go_on_from(key: str, answered: Call, after: Any) -> None:
    async with socket(Authorization=f"Bearer {key}") as client:
        await client.send({"type": "subscribe", "call": answered.public_id, "after": after})
        assert (await client.hear())["code"] == "invalid"


@pytest.mark.parametrize("end", ["logout", "password"])
async def test_an_ended_session_loses_the_socket(
    tenant: Tenant, answered: Call, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(sockets, "AUTHENTICATE_WITHIN_S", 0.05)
    monkeypatch.setattr(sockets, "CHECK_AGAIN_S", 0.05)
    browser, person = Client(), await sync_to_async(make_member)(tenant, "analyst")
    await sync_to_async(browser.force_login)(person)
    cookie = f"sessionid={browser.cookies['sessionid'].value}"
    async with socket(Cookie=cookie, Host="localhost", Origin="http://localhost") as client:
        await subscribe(client, answered)
        assert await client.silent()
        if end == "logout":
            await sync_to_async(browser.logout)()
        else:
            await sync_to_async(_change_password)(person)
        assert await client.closed() == 4401


def _change_password(person: User) -> None:
    person.set_password("another long passphrase")
    person.save()


# --- trouble ----------------------------------------------------------------------------------------


async def test_a_slow_client_loses_its_socket_and_holds_up_nobody(
    key: str, node: MediaNode, answered: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "OUTBOX", 5)
    stuck = asyncio.Event()
    send = call_sockets.CallsConsumer.send

    async def send_slowly(self: Any, text_data: str) -> None:
        if '"event"' in text_data and b"slow" in self.scope["query_string"]:
            await stuck.wait()
        await send(self, text_data=text_data)

    monkeypatch.setattr(call_sockets.CallsConsumer, "send", send_slowly)
    headers = {"Authorization": f"Bearer {key}"}
    async with socket(f"{PATH}?slow", **headers) as slow, socket(**headers) as quick:
        await subscribe(slow)
        await subscribe(quick)
        for n in range(2, 12):
            await report(node, answered, turn(n, n, "agent", "and so on"))
            assert (await quick.hear())["seq"] == n
        assert await slow.closed() == 1013


async def test_a_lost_channel_layer_costs_no_event(
    node: MediaNode, answered: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone:
        async def group_send(self, group: str, message: Any) -> None:
            raise ConnectionError("Redis is gone")

    monkeypatch.setattr(live, "get_channel_layer", Gone)
    assert (await sync_to_async(record_events)(node, batch(answered.pk, turn(2, 0, "agent", "Hi.")))).seq == 2


async def test_a_channel_layer_that_hangs_costs_a_second_at_most(
    node: MediaNode, answered: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hangs:
        async def group_send(self, group: str, message: Any) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr(live, "get_channel_layer", Hangs)
    monkeypatch.setattr(live, "PUBLISH_TIMEOUT_S", 0.05)
    assert (await sync_to_async(record_events)(node, batch(answered.pk, turn(2, 0, "agent", "Hi.")))).seq == 2


async def test_nothing_is_told_of_what_was_rolled_back(key: str, node: MediaNode, answered: Call) -> None:
    def report_and_fail() -> None:
        with tenant_scope(answered.tenant_id):
            record_events(node, batch(answered.pk, turn(2, 0, "agent", "Never said.")))
            raise RuntimeError("rolled back")

    async with socket(Authorization=f"Bearer {key}") as client:
        await subscribe(client)
        with pytest.raises(RuntimeError, match="rolled back"):
            await sync_to_async(report_and_fail)()
        await report(node, answered, turn(2, 0, "agent", "Said."))
        assert (await client.hear())["event"]["text"] == "Said."
