"""Whether the vendors an agent names fit it: at saving, at publishing, and as a word in between."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.agents.checks import choices, keys_needed, warnings
from apps.agents.configuration import parse_config
from apps.vendors import catalog
from media_workers.contract.catalog import Offer
from media_workers.contract.vendors import Kind
from tenants.errors import InvalidFields
from tenants.scope import tenant_scope
from tests.tenancy import SCRIPT, key_client, make_key, make_tenant

AGENTS = "/api/v1/agents"
CHAT = {"provider": "openai", "model": "fast"}
TOOL = {"type": "http", "name": "f", "url": "https://crm.example/f"}
LLM = {"provider": "openai_compatible", "base_url": "https://llm.example/v1", "model": "m"}
REALTIME = {"provider": "gemini_live", "model": "live"}


def offer(kind: Kind, vendor: str, model: str, *languages: str, **more: Any) -> Offer:
    label = f"{vendor} {model}".strip()
    return Offer(
        kind=kind, vendor=vendor, model=model, label=label, languages=languages, latency="fast", **more
    )


OFFERS = (
    offer("llm", "openai", "fast", "en", "de"),
    offer("realtime", "gemini_live", "live", "*"),
    offer("stt", "deepgram", "nova", "en"),
    offer("stt", "deepgram", "flux", "en", end_of_turn=True),
    offer("tts", "flite", "", "en-US", local=True),
    offer("tts", "espeak", "", "en", "de", "fr", local=True),
    offer("stt", "pocketsphinx", "", "en-US", local=True),
)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "OFFERS", OFFERS)


def refused(config: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(InvalidFields) as error:
        parse_config(config)
    return [(e.field, e.code) for e in error.value.errors]


def remarks(config: dict[str, Any]) -> list[tuple[str, str]]:
    return [(remark.place, remark.code) for remark in warnings(parse_config(config))]


@pytest.mark.parametrize(
    ("config", "faults"),
    [
        ({"model": REALTIME, "fallbacks": {"models": [CHAT]}}, [("config.fallbacks", "realtime")]),
        (
            {"model": REALTIME, "fallbacks": {"voices": [{"provider": "rime"}]}},
            [("config.fallbacks", "realtime")],
        ),
        (SCRIPT | {"fallbacks": {"models": [CHAT]}}, [("config.fallbacks.models", "script")]),
        ({"model": CHAT, "fallbacks": {"models": [CHAT]}}, [("config.fallbacks.models.0", "duplicate")]),
        (
            {"model": CHAT, "fallbacks": {"models": [LLM, LLM | {"temperature": 1}]}},
            [("config.fallbacks.models.1", "duplicate")],
        ),
        (
            {
                "model": CHAT,
                "fallbacks": {
                    "voices": [{"provider": "flite", "voice": "slt", "speed": 2}],
                    "transcribers": [{"provider": "deepgram"}, {"provider": "pocketsphinx"}],
                },
            },
            [("config.fallbacks.voices.0", "duplicate"), ("config.fallbacks.transcribers.1", "duplicate")],
        ),
        (
            SCRIPT | {"transcriber": {"provider": "pipecat", "model": "nobody/x"}},
            [("config.transcriber.model", "unknown")],
        ),
        (SCRIPT | {"voice": {"provider": "pipecat"}}, [("config.voice.model", "unknown")]),
        (
            {"model": CHAT, "language": "de-DE", "transcriber": {"provider": "deepgram"}},
            [("config.voice.provider", "language")],
        ),
    ],
)
def test_what_no_agent_is_saved_with(config: dict[str, Any], faults: list[tuple[str, str]]) -> None:
    assert refused(config) == faults


@pytest.mark.parametrize(
    "config",
    [
        {"model": CHAT, "fallbacks": {"models": [CHAT | {"model": "another"}, LLM]}},
        {"model": LLM, "fallbacks": {"models": [LLM | {"base_url": "https://other.example"}]}},
        {"model": CHAT, "fallbacks": {"voices": [{"provider": "flite", "voice": "rms"}]}},
        {"model": REALTIME, "language": "de-DE"},
        SCRIPT | {"voice": {"provider": "pipecat", "model": "inworld"}},
        {
            "model": CHAT,
            "language": "de-DE",
            "voice": {"provider": "espeak", "voice": "de"},
            "transcriber": {"provider": "deepgram"},
        },
    ],
)
def test_what_is_saved(config: dict[str, Any]) -> None:
    parse_config(config)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:11434/v1", "https://[::1]/v1", "http://ollama:11434/v1"]
)
def test_endpoints_in_our_own_network_are_for_those_who_may(settings: Any, address: str) -> None:
    model = LLM | {"base_url": address}
    parse_config({"model": model})

    settings.VENDORS_ALLOW_PRIVATE_ADDRESSES = False

    assert refused({"model": model}) == [("config.model.base_url", "private_address")]
    assert refused({"model": CHAT, "fallbacks": {"models": [model]}}) == [
        ("config.fallbacks.models.0.base_url", "private_address")
    ]
    parse_config({"model": LLM | {"base_url": "https://llm.example.com/v1"}})


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"model": CHAT}, []),
        ({"model": CHAT | {"model": "unknown to us"}, "tools": [TOOL]}, []),
        ({"model": CHAT, "tools": [TOOL]}, [("model.model", "no_tools")]),
        (
            {
                "model": CHAT,
                "language": "fr-FR",
                "voice": {"provider": "espeak", "voice": "fr-fr"},
                "transcriber": {"provider": "deepgram", "model": "nova"},
            },
            [("model.provider", "language"), ("transcriber.provider", "language")],
        ),
        (
            {
                "model": CHAT,
                "transcriber": {"provider": "deepgram", "model": "nova"},
                "turn_taking": {"endpointing": "vendor"},
            },
            [("turn_taking.endpointing", "no_end_of_turn")],
        ),
        (
            {
                "model": CHAT,
                "transcriber": {"provider": "deepgram", "model": "flux"},
                "turn_taking": {"endpointing": "vendor"},
            },
            [],
        ),
    ],
)
def test_what_is_worth_a_word(config: dict[str, Any], said: list[tuple[str, str]]) -> None:
    assert remarks(config) == said


def test_the_keys_of_exactly_who_is_named() -> None:
    config = parse_config(
        {
            "model": CHAT,
            "voice": {"provider": "pipecat", "model": "inworld/v2", "voice": "x"},
            "transcriber": {"provider": "deepgram"},
            "fallbacks": {
                "models": [LLM, {"provider": "anthropic", "model": "m"}],
                "voices": [{"provider": "elevenlabs"}, {"provider": "flite", "voice": "rms"}],
                "transcribers": [{"provider": "google"}],
            },
        }
    )

    assert keys_needed(config) == {"openai", "anthropic", "inworld", "elevenlabs", "deepgram", "google"}
    assert keys_needed(parse_config({"model": REALTIME})) == {"google"}
    assert keys_needed(parse_config(SCRIPT)) == set()
    assert [c.kind for c in choices(parse_config({"model": REALTIME}))] == ["realtime", "tts", "stt"]


@pytest.fixture
def client(db: None) -> APIClient:
    return key_client(make_key(make_tenant()))


def test_without_a_key_it_is_checked_and_saved_but_not_published(client: APIClient) -> None:
    config = {"model": CHAT, "tools": [TOOL], "fallbacks": {"voices": [{"provider": "rime"}]}}
    agent = client.post(AGENTS, {"name": "A", "config": config})
    assert agent.status_code == 201
    address = f"{AGENTS}/{agent.json()['id']}/publish"

    checked = client.post(f"{AGENTS}/check", {"config": config}).json()["warnings"]
    before = client.post(address)
    for vendor in ("openai", "rime"):
        client.put(f"/api/v1/vendor-keys/{vendor}", {"api_key": "k" * 20})
    after = client.post(address)

    assert [(w["field"], w["code"]) for w in checked] == [
        ("config.model.provider", "no_key"),
        ("config.fallbacks.voices.0.provider", "no_key"),
        ("config.model.model", "no_tools"),
    ]
    assert before.status_code == 422
    assert [(e["field"], e["code"]) for e in before.json()["errors"]] == [
        (w["field"], w["code"]) for w in checked if w["code"] == "no_key"
    ]
    assert after.status_code == 201
    assert [w["code"] for w in after.json()["warnings"]] == ["no_tools"]


def test_what_cannot_be_saved_is_told_by_the_check_too(client: APIClient) -> None:
    config = {"model": CHAT, "fallbacks": {"models": [CHAT]}}

    for answer in (
        client.post(f"{AGENTS}/check", {"config": config}),
        client.post(AGENTS, {"name": "A", "config": config}),
    ):
        assert answer.status_code == 422
        assert [e["field"] for e in answer.json()["errors"]] == ["config.fallbacks.models.0"]


def test_keys_of_fallbacks_are_told_by_their_places(client: APIClient) -> None:
    config = {"model": LLM | {"api_key": "sk-1"}, "fallbacks": {"models": [LLM | {"model": "n"}, CHAT]}}
    made = client.post(AGENTS, {"name": "A", "config": config}).json()
    assert (made["api_key_set"], made["fallback_api_keys_set"]) == (True, [False, False])

    config["fallbacks"]["models"][0] |= {"api_key": "sk-2"}  # type: ignore[index]
    changed = client.patch(f"{AGENTS}/{made['id']}", {"config": config})
    kept = client.patch(f"{AGENTS}/{made['id']}", {"config": changed.json()["config"]})

    assert kept.json()["fallback_api_keys_set"] == [True, False]
    assert "sk-" not in changed.content.decode() + kept.content.decode()


@pytest.mark.django_db
def test_targets_that_no_caller_may_be_handed_on_to_are_refused_in_their_place(settings: Any) -> None:
    settings.TRUNKS_ALLOW_PRIVATE_ADDRESSES = False
    targets = [
        {"name": "desk", "number": "+12025550120"},
        {"name": "london", "number": "+442079460000"},
        {"name": "premium", "number": "+19005550100"},
        {"name": "inside", "sip_uri": "sip:desk@10.0.0.7"},
        {"name": "outside", "sip_uri": "sip:desk@pbx.example.com"},
    ]
    with tenant_scope(make_tenant().pk), pytest.raises(InvalidFields) as refused:
        parse_config(SCRIPT | {"transfers": targets})
    assert [fault.field for fault in refused.value.errors] == [
        "config.transfers.1.number",
        "config.transfers.2.number",
        "config.transfers.3.sip_uri",
    ]


def test_another_language_needs_somebody_who_speaks_and_hears_it() -> None:
    german = {"language": "de-DE", "voice": {"provider": "espeak", "voice": "de"}}
    french = {"language": "fr-FR", "transcriber": {"provider": "deepgram", "model": "nova"}}
    config = SCRIPT | {"languages": [german, french]}
    assert remarks(config) == [
        ("languages.1.transcriber.provider", "language"),
        ("languages.0.transcriber", "language"),
        ("languages.1.voice", "language"),
    ]


def test_a_local_voice_that_cannot_speak_the_other_language_is_refused() -> None:
    german = {"language": "de-DE", "voice": {"provider": "flite", "voice": "slt"}}
    assert refused(SCRIPT | {"languages": [german]}) == [("config.languages.0.voice.provider", "language")]


def test_vendors_of_other_languages_need_their_keys() -> None:
    french = {"language": "fr-FR", "transcriber": {"provider": "deepgram", "model": "nova"}}
    assert keys_needed(parse_config(SCRIPT | {"languages": [french]})) == {"deepgram"}
