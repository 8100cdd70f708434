"""Tags, notes, links, signed addresses, redactions and the search, as programs use them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from apps.calls.models import Call, CallShare, Recording
from apps.calls.services import record_events
from apps.calls.services.silencing import silence
from telephony.edge.models import MediaNode
from tenants.audit.models import AuditEntry
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.calls.services.test_recordings import folder, upload
from tests.apps.calls.services.test_silencing import noise, silent_ms
from tests.apps.calls.wire import batch, event, fresh, turn
from tests.tenancy import key_client, make_key, make_member

__all__ = ["folder"]

CALLS = "/api/v1/calls"
ALL = {"expires_in_hours": 1, "recording": True, "transcript": True, "analysis": True}


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


@pytest.fixture
def ended(node: MediaNode, answered: Call) -> Call:
    said = [
        turn(2, 0, "agent", "How can I help?"),
        turn(3, 1, "caller", "I want a refund for my order"),
        event(4, "ended", reason="caller_hung_up", duration_ms=3000),
    ]
    record_events(node, batch(answered.pk, *said))
    return fresh(answered.pk)


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if not answer.is_async else _joined(answer)


def _joined(answer: Any) -> bytes:
    from asgiref.sync import async_to_sync

    async def read() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return async_to_sync(read)()


# --- tags and notes ---------------------------------------------------------------------------------


def test_tags_are_set_shown_and_found_by(client: APIClient, ended: Call) -> None:
    url = f"{CALLS}/{ended.public_id}"

    answer = client.put(f"{url}/tags", {"tags": ["VIP", " vip ", "Needs  a call"]})

    assert (answer.status_code, answer.json()) == (200, {"tags": ["needs a call", "vip"]})
    assert client.get(url).json()["tags"] == ["needs a call", "vip"]
    assert [row["id"] for row in client.get(CALLS, {"tag": "vip"}).json()["results"]] == [ended.public_id]
    assert client.get(CALLS, {"tag": "other"}).json()["results"] == []
    assert client.get(f"{CALLS}/tags").json()["results"] == [
        {"name": "needs a call", "calls": 1},
        {"name": "vip", "calls": 1},
    ]
    client.put(f"{url}/tags", {"tags": ["vip"]})
    assert client.get(f"{CALLS}/tags").json()["results"] == [{"name": "vip", "calls": 1}]


@pytest.mark.parametrize("tags", [[""], ["x" * 51], [f"t{n}" for n in range(21)], "vip", [None]])
def test_bad_tags_are_refused(client: APIClient, ended: Call, tags: Any) -> None:
    answer = client.put(f"{CALLS}/{ended.public_id}/tags", {"tags": tags})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith("tags")


def test_notes_are_ones_own(client: APIClient, tenant: Tenant, ended: Call) -> None:
    url = f"{CALLS}/{ended.public_id}/notes"
    analyst = APIClient()
    analyst.force_login(make_member(tenant, "analyst"))

    note = client.post(url, {"text": "Call back", "at_ms": 1200}).json()
    (seen,) = analyst.get(url).json()["results"]

    assert (note["mine"], seen["mine"], seen["text"], seen["at_ms"]) == (True, False, "Call back", 1200)
    assert seen["author"]
    assert analyst.patch(f"{url}/{note['id']}", {"text": "x"}).status_code == 403
    tag = client.patch(f"{url}/{note['id']}", {"text": "Called back"}).headers["ETag"]
    stale = client.patch(f"{url}/{note['id']}", {"text": "y"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert client.patch(f"{url}/{note['id']}", {"at_ms": None}, headers={"If-Match": tag}).status_code == 200
    assert client.delete(f"{url}/{note['id']}").status_code == 204
    assert analyst.get(url).json()["results"] == []


# --- links ------------------------------------------------------------------------------------------


def shared(client: APIClient, call: Call, **what: Any) -> str:
    answer = client.post(f"{CALLS}/{call.public_id}/shares", ALL | what)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["url"]).rsplit("/", 1)[1]


def test_a_link_shows_one_call_without_an_account(
    client: APIClient, node: MediaNode, ended: Call, folder: Path
) -> None:
    upload(node, ended, noise(1.0))
    token = shared(client, ended)

    answer = APIClient().get(f"/api/v1/share/{token}")

    assert answer.status_code == 200, answer.content
    page = answer.json()
    assert [turn["text"] for turn in page["turns"]] == ["How can I help?", "I want a refund for my order"]
    assert page["workspace"] == "Bakery"
    assert page["recording"]["duration_ms"] == 1000
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    assert answer.headers["Cache-Control"] == "no-store"
    heard = APIClient().get(page["recording"]["url"], headers={"Range": "bytes=0-3"})
    assert (heard.status_code, body_of(heard)) == (206, b"RIFF")
    (row,) = client.get(f"{CALLS}/{ended.public_id}/shares").json()["results"]
    assert (row["views"], "url" in row) == (1, False)


@pytest.mark.parametrize("part", ["recording", "transcript"])
def test_what_is_not_shared_is_not_shown(
    client: APIClient, node: MediaNode, ended: Call, folder: Path, part: str
) -> None:
    upload(node, ended, noise(0.1))
    token = shared(client, ended, **{part: False})

    page = APIClient().get(f"/api/v1/share/{token}").json()

    assert page["turns" if part == "transcript" else "recording"] is None
    heard = APIClient().get(f"/api/v1/share/{token}/recording")
    assert heard.status_code == (404 if part == "recording" else 200)


def test_whoever_is_logged_in_elsewhere_sees_it_too(client: APIClient, stranger: Tenant, ended: Call) -> None:
    token = shared(client, ended)
    person = APIClient()
    person.force_login(make_member(stranger))

    for who in (person, key_client(make_key(stranger))):
        assert who.get(f"/api/v1/share/{token}").status_code == 200


def test_a_link_ends(client: APIClient, tenant: Tenant, ended: Call) -> None:
    tokens = [shared(client, ended) for _ in range(3)]
    rows = client.get(f"{CALLS}/{ended.public_id}/shares").json()["results"]
    url = f"{CALLS}/{ended.public_id}/shares/{rows[0]['id']}"
    assert [client.delete(url).status_code for _ in range(2)] == [204, 204]
    with tenant_scope(tenant.pk):
        CallShare.objects.filter(revoked_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))

    answers = [APIClient().get(f"/api/v1/share/{token}") for token in tokens]
    answers += [APIClient().get(f"/api/v1/share/{token}/recording") for token in tokens]

    assert {(a.status_code, a.json()["code"]) for a in answers} == {(410, "share_gone")}


@pytest.mark.parametrize("token", ["x", "0" * 43, "%00", "..%2F"])
def test_an_unknown_link_shows_nothing(db: None, token: str) -> None:
    assert APIClient(raise_request_exception=False).get(f"/api/v1/share/{token}").status_code == 404


def test_a_suspended_tenants_links_are_over(client: APIClient, tenant: Tenant, ended: Call) -> None:
    token = shared(client, ended)
    with tenant_scope(tenant.pk):
        Tenant.objects.filter(pk=tenant.pk).update(suspended_at=timezone.now())

    assert APIClient().get(f"/api/v1/share/{token}").status_code == 410


def test_the_token_is_kept_nowhere(client: APIClient, tenant: Tenant, ended: Call) -> None:
    token = shared(client, ended)

    with tenant_scope(tenant.pk):
        row = CallShare.objects.get()
        assert len(bytes(row.digest)) == 32
        assert token not in str(vars(row))
        assert token not in str(list(AuditEntry.objects.values()))
        assert AuditEntry.objects.filter(action="call_shared").exists()


@pytest.mark.parametrize(
    "body", [{}, {"expires_in_hours": 0}, {"expires_in_hours": 721}, {"expires_in_hours": 1}]
)
def test_a_link_that_shows_nothing_or_never_ends_is_refused(
    client: APIClient, ended: Call, body: dict[str, Any]
) -> None:
    assert client.post(f"{CALLS}/{ended.public_id}/shares", body).status_code == 422


# --- signed addresses -------------------------------------------------------------------------------


def test_a_recording_is_heard_at_a_signed_address(
    client: APIClient, node: MediaNode, ended: Call, folder: Path, settings: Any
) -> None:
    upload(node, ended, noise(0.5))
    told = client.get(f"{CALLS}/{ended.public_id}/recording/url", {"expires_in_s": 60}).json()
    path = told["url"].removeprefix(settings.PUBLIC_URL)

    whole, part = APIClient().get(path), APIClient().get(path, headers={"Range": "bytes=4-7"})

    assert (whole.status_code, body_of(whole)) == (200, noise(0.5))
    assert (part.status_code, part.headers["Content-Range"]) == (206, f"bytes 4-7/{len(noise(0.5))}")
    assert body_of(part) == noise(0.5)[4:8]
    assert APIClient().get(path[:-2] + "xx").status_code == 404
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        assert APIClient().get(path).json()["code"] == "address_expired"


@pytest.mark.parametrize("seconds", ["0", "-1", "604801", "x", "1e3"])
def test_how_long_an_address_lasts_is_limited(client: APIClient, ended: Call, seconds: str) -> None:
    answer = client.get(f"{CALLS}/{ended.public_id}/recording/url", {"expires_in_s": seconds})

    assert answer.status_code == 422


# --- redactions -------------------------------------------------------------------------------------


def test_a_turn_is_taken_out(
    client: APIClient, node: MediaNode, ended: Call, folder: Path, tenant: Tenant
) -> None:
    upload(node, ended, noise(3.0))
    url = f"{CALLS}/{ended.public_id}"
    address = client.get(f"{url}/recording/url").json()["url"]

    answer = client.post(f"{url}/redactions", {"turn": 1})

    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert (made["kind"], made["state"], made["speaker"], made["turn"]) == ("manual", "waiting", "caller", 1)
    call = client.get(url).json()
    assert (call["recording"], call["turns"][1]["text"]) == (None, "••••")
    for path in (f"{url}/recording", f"{url}/recording/peaks", f"{url}/recording/url"):
        assert client.get(path).status_code == 404
    assert APIClient().get(address).status_code == 404
    silence(tenant.pk, ended.pk)
    assert [row["state"] for row in client.get(f"{url}/redactions").json()["results"]] == ["done"]
    assert silent_ms(body_of(client.get(f"{url}/recording")), 0) == [(700, 2100)]
    assert silent_ms(body_of(APIClient().get(address)), 0) == [(700, 2100)]
    assert client.get(f"{CALLS}/search", {"q": "refund"}).json()["results"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "start_ms"),
        ({"start_ms": 1}, "end_ms"),
        ({"start_ms": 2, "end_ms": 1}, "end_ms"),
        ({"turn": 99}, "turn"),
        ({"turn": 1, "start_ms": 1}, "start_ms"),
        ({"turn": "one"}, "turn"),
        ({"start_ms": 1, "end_ms": 2, "speaker": "both"}, "speaker"),
    ],
)
def test_bad_redactions_are_refused(client: APIClient, ended: Call, body: dict[str, Any], field: str) -> None:
    answer = client.post(f"{CALLS}/{ended.public_id}/redactions", body)

    assert answer.status_code == 422, answer.content
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_a_call_that_goes_on_is_not_redacted(client: APIClient, answered: Call) -> None:
    answer = client.post(f"{CALLS}/{answered.public_id}/redactions", {"start_ms": 0, "end_ms": 1})

    assert (answer.status_code, answer.json()["code"]) == (409, "call_goes_on")


# --- the search -------------------------------------------------------------------------------------


def test_turns_are_searched(client: APIClient, ended: Call) -> None:
    answer = client.get(f"{CALLS}/search", {"q": "refunds order"})

    assert answer.status_code == 200, answer.content
    (hit,) = answer.json()["results"]
    assert (hit["call"]["id"], hit["turn"], hit["speaker"]) == (ended.public_id, 1, "caller")
    assert [piece["text"] for piece in hit["snippet"] if piece["marked"]] == ["refund", "order"]
    assert answer.json()["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "q"),
        ({"q": "the"}, "q"),
        ({"q": "x" * 301}, "q"),
        ({"q": "refund", "agent": "x"}, "agent"),
        ({"q": "refund", "since": "yesterday"}, "since"),
        ({"q": "refund", "speaker": "both"}, "speaker"),
        ({"q": "refund", "cursor": "!"}, "cursor"),
        ({"q": "refund", "cursor": "AAAA"}, "cursor"),
        ({"q": "refund", "limit": "51"}, "limit"),
    ],
)
def test_bad_searches_are_told(client: APIClient, ended: Call, query: dict[str, str], field: str) -> None:
    answer = client.get(f"{CALLS}/search", query)

    assert answer.status_code == 422, answer.content
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_the_recording_of_a_call_with_rules_is_not_shown_before_it_is_silenced(
    client: APIClient,
    node: MediaNode,
    answered: Call,
    folder: Path,
) -> None:
    with tenant_scope(answered.tenant_id):
        Call.objects.filter(pk=answered.pk).update(redact=["digits"])
    record_events(node, batch(answered.pk, event(2, "ended", reason="caller_hung_up")))
    upload(node, answered, noise(0.1))
    url = f"{CALLS}/{answered.public_id}"

    assert client.get(f"{url}/recording").status_code == 404
    assert client.get(CALLS).json()["results"][0]["recording"] is None
    with tenant_scope(answered.tenant_id):
        assert Recording.objects.get().sealed
