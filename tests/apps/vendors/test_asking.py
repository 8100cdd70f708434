"""Asking a vendor about a key, over a real socket."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from apps.vendors import asking
from apps.vendors.asking import QUESTIONS, ask
from media_workers.contract.vendors import Credential, key_names
from tests.fakes.vendor_api import KEY, VendorApi, vendor_api


@pytest.fixture
def api() -> Iterator[VendorApi]:
    with vendor_api() as server:
        yield server


def credential(api: VendorApi, vendor: str = "openai", **parts: str) -> Credential:
    return Credential.model_validate({"vendor": vendor, "api_key": KEY, "base_url": api.url} | parts)


@pytest.mark.parametrize("vendor", sorted(QUESTIONS))
def test_every_vendor_sees_the_key_where_it_looks_for_it(api: VendorApi, vendor: str) -> None:
    answer = ask(credential(api, vendor))

    assert (answer.ok, answer.status) == (True, 200)
    ((path, headers),) = api.asked
    assert path == QUESTIONS[vendor].path
    assert KEY not in path
    assert sum(KEY in value for value in headers.values()) == 1
    assert ask(credential(api, vendor, api_key="another")).status == 401


def test_only_known_vendors_are_asked() -> None:
    assert set(QUESTIONS) <= key_names()


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (401, "does not know the key"),
        (403, "does not allow this"),
        (404, "address"),
        (429, "no more requests"),
        (500, "in trouble itself"),
        (418, "refuses"),
    ],
)
def test_what_it_says_is_told_in_words(api: VendorApi, status: int, says: str) -> None:
    api.status = status

    answer = ask(credential(api))

    assert (answer.ok, answer.status) == (False, status)
    assert says in answer.words
    assert answer.words.startswith("OpenAI ")


def test_the_key_is_carried_to_no_other_server(api: VendorApi) -> None:
    with vendor_api() as other:
        api.status, api.location = 302, f"{other.url}/models"

        answer = ask(credential(api))

        assert (answer.ok, answer.status) == (False, 302)
        assert other.asked == []


def test_a_vendor_that_says_nothing(api: VendorApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenants.outbound.TIMEOUT_S", 0.05)
    api.slow_s = 1.0

    answer = ask(credential(api))

    assert (answer.ok, answer.status) == (False, None)
    assert "no answer came in time" in answer.words


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        answer = ask(Credential(vendor="openai", api_key=KEY, base_url=address))

    assert (answer.ok, answer.words) == (False, "OpenAI cannot be asked: no connection was possible.")


def test_a_private_address_is_not_reached(api: VendorApi, settings: Any) -> None:
    settings.VENDORS_ALLOW_PRIVATE_ADDRESSES = False

    answer = ask(credential(api))

    assert (answer.ok, answer.status) == (False, None)
    assert api.asked == []


def test_a_region_is_needed_where_the_address_has_one() -> None:
    answer = ask(Credential(vendor="azure", api_key=KEY))

    assert (answer.ok, answer.words) == (False, "Microsoft Azure needs a region, or an address.")


@pytest.mark.parametrize(
    ("vendor", "region", "address"),
    [
        ("deepgram", "EU", "https://api.eu.deepgram.com/v1/projects"),
        ("deepgram", "elsewhere", "https://api.deepgram.com/v1/projects"),
        ("elevenlabs", "in", "https://api.in.residency.elevenlabs.io/v1/models"),
        ("azure", "westeurope", "https://westeurope.tts.speech.microsoft.com/cognitiveservices/voices/list"),
    ],
)
def test_the_address_is_the_regions(
    monkeypatch: pytest.MonkeyPatch, vendor: str, region: str, address: str
) -> None:
    asked: list[str] = []

    class Session:
        def __enter__(self) -> Session:
            return self

        def __exit__(self, *_: object) -> None:
            """Nothing is open."""

        def get(self, url: str, **_: object) -> None:
            asked.append(url)
            raise OSError

    monkeypatch.setattr(asking, "guarded_session", lambda **_: Session())

    ask(Credential(vendor=vendor, api_key=KEY, region=region))

    assert asked == [address]


def test_a_resource_of_azure_with_models_is_asked_for_those(api: VendorApi) -> None:
    assert ask(credential(api, "azure", base_url=f"{api.url}/openai/v1")).ok

    ((path, headers),) = api.asked
    assert (path, headers["api-key"]) == ("/openai/v1/models", KEY)


def test_a_service_account_is_not_asked_for(api: VendorApi) -> None:
    assert ask(credential(api, "google", api_key='{"type": "service_account"}')).ok is None


def test_who_has_nothing_to_ask() -> None:
    (vendor, *_) = sorted(key_names() - set(QUESTIONS))

    answer = ask(Credential(vendor=vendor, api_key=KEY))

    assert answer.ok is None
    assert "first call" in answer.words


def test_words_never_hold_the_key(api: VendorApi) -> None:
    for key in (KEY, "bad\nheader", "ünicode"):
        assert key not in ask(credential(api, api_key=key)).words
    assert asking.ask(credential(api, base_url="http://")).ok is False
