from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from apps.agents import voices
from media_workers.contract.calls import Heartbeat
from telephony.edge.services import ensure_node, new_token, record_heartbeat
from telephony.edge.tickets import read_voice_ticket
from tests.fakes.media_node import MediaNode
from tests.tenancy import key_client, make_key, make_tenant

pytestmark = pytest.mark.django_db

VOICES = "/api/v1/voices"
PREVIEW = f"{VOICES}/preview"


@pytest.fixture
def client() -> APIClient:
    return key_client(make_key(make_tenant()))


@pytest.fixture
def far() -> Iterator[MediaNode]:
    """A media node that lives."""
    with MediaNode() as node:
        beats("node-1", node.url)
        yield node


def beats(name: str, url: str, capacity: int = 4) -> None:
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
    record_heartbeat(ensure_node(name, new_token()), told, now=timezone.now())


def ask(client: APIClient, **changes: Any) -> Any:
    """A text that no test has had spoken before: previews are kept."""
    wish = {"provider": "flite", "voice": "slt", "text": f"Hello {uuid4()}."} | changes
    return client.get(PREVIEW, wish)


def test_the_voices_have_names_for_people(client: APIClient) -> None:
    voices = client.get(VOICES).json()["results"]
    assert {"provider": "flite", "voice": "slt", "label": "Slt, woman", "language": "en-US"} in voices
    assert {v["provider"] for v in voices} == {"flite", "espeak"}


def test_a_media_node_speaks_once(client: APIClient, far: MediaNode) -> None:
    text = f"Hello {uuid4()}."
    for _ in range(2):
        answer = ask(client, text=text, speed=1.5)
        assert (answer.status_code, answer["Content-Type"]) == (200, "audio/wav")
        assert answer.content == far.wav
    assert far.paths == ["/voices/preview"]
    assert read_voice_ticket(far.tickets[0]) == {
        "provider": "flite",
        "voice": "slt",
        "speed": 1.5,
        "text": text,
    }


def test_another_speed_is_another_preview(client: APIClient, far: MediaNode) -> None:
    text = f"Hello {uuid4()}."
    for speed in (1.0, 2.0):
        assert ask(client, text=text, speed=speed).status_code == 200
    assert len(far.paths) == 2


def test_a_client_may_accept_audio_alone(client: APIClient, far: MediaNode) -> None:
    wish = {"provider": "espeak", "voice": "de", "text": f"Guten Tag {uuid4()}."}
    assert client.get(PREVIEW, wish, HTTP_ACCEPT="audio/wav").status_code == 200


def test_new_previews_are_limited_and_old_ones_are_not(
    client: APIClient, far: MediaNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voices, "A_MINUTE", 2)
    text = f"Hello {uuid4()}."
    answers = [ask(client, text=text), *(ask(client) for _ in range(5))]

    # A minute may end on the way, and another begin.
    assert [answer.status_code for answer in answers[:2]] == [200, 200]
    refused = [answer.json()["code"] for answer in answers if answer.status_code == 429]
    assert set(refused) == {"limit_reached"}
    assert len(far.paths) == len(answers) - len(refused)
    assert ask(client, text=text).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_nothing_is_open_in_the_database_while_a_node_speaks(
    client: APIClient, far: MediaNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, bool]] = []
    speaking = voices._ask

    def spy(*args: Any) -> bytes | None:
        seen.append((connection.in_atomic_block, connection.connection is None))
        return speaking(*args)

    monkeypatch.setattr(voices, "_ask", spy)

    assert ask(client).status_code == 200
    assert seen == [(False, True)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"provider": "nobody"}, "provider"),
        ({"voice": "de"}, "voice"),
        ({"voice": ""}, "voice"),
        ({"speed": "3"}, "speed"),
        ({"speed": "fast"}, "speed"),
        ({"text": ""}, "text"),
        ({"text": "a" * 301}, "text"),
    ],
)
def test_what_is_wrong_is_named(
    client: APIClient, far: MediaNode, changes: dict[str, str], field: str
) -> None:
    answer = ask(client, **changes)
    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]
    assert far.paths == []


def test_without_a_node_that_is_said(client: APIClient) -> None:
    answer = ask(client)
    assert (answer.status_code, answer.json()["code"]) == (503, "no_media_node")


def test_a_node_that_cannot_is_passed_over(client: APIClient, far: MediaNode) -> None:
    with MediaNode() as broken:
        broken.status = HTTPStatus.SERVICE_UNAVAILABLE
        beats("larger", broken.url, capacity=100)
        assert ask(client).content == far.wav
        assert len(broken.paths) == 1


def test_a_failure_is_not_kept(client: APIClient, far: MediaNode) -> None:
    text = f"Hello {uuid4()}."
    far.status = HTTPStatus.SERVICE_UNAVAILABLE
    assert ask(client, text=text).status_code == 503
    far.status = HTTPStatus.OK
    assert ask(client, text=text).status_code == 200
