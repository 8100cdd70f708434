"""What a turn's account leaves behind: its columns, the error at the tenant's key, the staff's page."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from apps.agents.models import Agent
from apps.agents.services import publish, update_draft
from apps.calls.attention import notices
from apps.calls.models import Call, Turn
from apps.calls.services import record_events
from apps.calls.services.claim_call import claim_call
from apps.calls.services.place_call import place_call
from apps.numbers.models import PhoneNumber
from apps.vendors.models import VendorKey
from apps.vendors.selectors import get_key
from apps.vendors.services import delete_key, put_key
from config.health import health
from media_workers.contract.agent import AgentConfig
from media_workers.contract.calls import ClaimRequest
from media_workers.contract.events import TurnAccount
from media_workers.contract.vendors import Credential
from telephony.edge.models import MediaNode
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.calls.wire import batch, event, turn
from tests.tenancy import key_client, make_key

ACCOUNT = {
    "moments": {"decided": 240, "first_packet": 520},
    "endpointing": "adaptive: complete sentence",
    "served_by": [
        {"component": "stt", "vendor": "deepgram", "model": "nova-3", "own_key": True},
        {"component": "llm", "vendor": "openai", "model": "fast"},
        {"component": "tts", "vendor": "rime", "model": "mist"},
    ],
    "passed_over": [
        {"component": "llm", "vendor": "anthropic", "reason": "no words in 2500 ms", "after_ms": 2500}
    ],
    "usage": {"input_tokens": 120, "characters": 44},
}


@pytest.fixture
def own_key(tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        put_key(vendor="anthropic", api_key="k" * 20)


def tell(node: MediaNode, call: Call, **body: Any) -> None:
    record_events(node, batch(call.pk, turn(2, 1, "agent", "Hello.", **body)))


def only_turn(call: Call) -> Turn:
    with tenant_scope(call.tenant_id):
        return Turn.objects.get(call=call)


def test_a_turn_keeps_its_account(node: MediaNode, answered: Call) -> None:
    latency = {"endpoint": 240, "first_token": 90, "sentence": 60, "own": 12, "total": 520}

    tell(node, answered, account=ACCOUNT, latency=latency)

    kept = only_turn(answered)
    assert (kept.sentence_ms, kept.own_ms, kept.total_ms) == (60, 12, 520)
    assert TurnAccount.model_validate(kept.account) == TurnAccount.model_validate(ACCOUNT)
    assert (kept.stt_vendor, kept.stt_model, kept.tts_vendor) == ("deepgram", "nova-3", "rime")
    assert kept.passed_over
    assert (kept.llm_vendor, kept.llm_model) == ("", "")  # anthropic's time is in openai's


def test_a_model_that_speaks_itself(node: MediaNode, answered: Call) -> None:
    served = [{"component": "realtime", "vendor": "gemini_live", "model": "live"}]

    tell(node, answered, account={"served_by": served})

    kept = only_turn(answered)
    assert (kept.llm_vendor, kept.llm_model, kept.passed_over) == ("gemini_live", "live", False)


def test_a_turn_without_an_account(node: MediaNode, answered: Call) -> None:
    tell(node, answered)

    kept = only_turn(answered)
    assert (kept.account, kept.passed_over, kept.llm_vendor) == (None, False, "")


def test_the_api_shows_the_account(node: MediaNode, answered: Call, tenant: Tenant) -> None:
    tell(node, answered, account=ACCOUNT, latency={"sentence": 60, "total": 520})

    (shown,) = key_client(make_key(tenant)).get(f"/api/v1/calls/{answered.public_id}").json()["turns"]

    assert shown["latency"]["sentence"] == 60
    assert shown["account"]["usage"]["input_tokens"] == 120
    assert shown["account"]["passed_over"] == ACCOUNT["passed_over"]


@pytest.mark.usefixtures("own_key")
def test_an_own_key_shows_what_its_vendor_said(
    node: MediaNode, answered: Call, tenant: Tenant, django_capture_on_commit_callbacks: Any
) -> None:
    trouble = {"what": "provider_error", "component": "llm", "detail": "anthropic: is over its quota"}
    with django_capture_on_commit_callbacks(execute=True):
        record_events(node, batch(answered.pk, event(2, "trouble", **trouble)))
    with tenant_scope(tenant.pk):
        key = get_key("anthropic")
        assert (key.last_error, key.last_error_at is not None) == ("is over its quota", True)

    trouble["detail"] = "anthropic: does not know the key"
    with django_capture_on_commit_callbacks(execute=True):
        spoken = turn(4, 1, "agent", "Hello.", account=ACCOUNT)
        record_events(node, batch(answered.pk, event(3, "trouble", **trouble), spoken))

    with tenant_scope(tenant.pk):
        # Not what the turn tells of what was before it.
        assert get_key("anthropic").last_error == "does not know the key"
        VendorKey.objects.update(last_error_at=timezone.now())
        found = [n for n in notices({"keys.read"}) if n.kind == "vendor_key_failing"]
        assert [(n.title, n.detail) for n in found] == [
            ("Anthropic failed with your key", "It said: does not know the key")
        ]
        assert not [n for n in notices({"calls.read"}) if n.kind == "vendor_key_failing"]


@pytest.mark.usefixtures("own_key")
@pytest.mark.parametrize(
    "body",
    [
        {"what": "bad_tool_arguments", "component": "llm", "detail": "anthropic: {"},
        {"what": "recording_failed", "component": "recorder", "detail": "anthropic: no"},
        {"what": "provider_error", "component": "tts", "detail": "flite: no"},
        {"what": "provider_error", "component": "llm", "detail": "openai: no"},
    ],
)
def test_other_trouble_is_no_keys(
    node: MediaNode,
    answered: Call,
    tenant: Tenant,
    body: dict[str, str],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        record_events(node, batch(answered.pk, event(2, "trouble", **body)))

    with tenant_scope(tenant.pk):
        assert get_key("anthropic").last_error == ""


def test_staff_see_which_vendors_had_to_be_left(node: MediaNode, answered: Call) -> None:
    assert health()["vendors"] == []

    tell(node, answered, account=ACCOUNT)

    assert health()["vendors"] == [("Anthropic", "llm", 1, 1, "no words in 2500 ms")]


def test_a_plan_brings_the_keys_of_exactly_who_is_named(
    node: MediaNode, number: PhoneNumber, tenant: Tenant, settings: Any
) -> None:
    settings.VENDOR_KEYS = {
        name: Credential(vendor=name, api_key=f"platform-{name}") for name in ("openai", "deepgram", "rime")
    }
    config = {
        "model": {"provider": "anthropic", "model": "m"},
        "transcriber": {"provider": "deepgram"},
        "fallbacks": {
            "models": [
                {"provider": "openai", "model": "m"},
                {
                    "provider": "openai_compatible",
                    "base_url": "https://llm.example/v1",
                    "model": "m",
                    "api_key": "sk-2",
                },
            ]
        },
    }
    with tenant_scope(tenant.pk):
        put_key(vendor="anthropic", api_key="own-" + "k" * 20, base_url="https://gateway.example.com")
        agent = update_draft(agent=number.agent, config=AgentConfig.model_validate(config))  # type: ignore[arg-type]
        publish(agent=agent)
        call = place_call(from_number=number.e164, to_number="+12025550101")

    plan = claim_call(node, call.pk, ClaimRequest(node=node.name, line=1))

    assert plan is not None
    assert {name: (c.api_key, c.own) for name, c in plan.credentials.items()} == {
        "anthropic": ("own-" + "k" * 20, True),
        "openai": ("platform-openai", False),
        "deepgram": ("platform-deepgram", False),
    }
    assert plan.credentials["anthropic"].base_url == "https://gateway.example.com"
    assert plan.agent is not None
    assert plan.agent.fallbacks.models[1].api_key == "sk-2"  # type: ignore[union-attr]
    assert not [secret for secret in ("platform-openai", "own-k", "sk-2") if secret in repr(plan)]


@pytest.mark.parametrize("inside", [True, False])
def test_a_plan_says_which_addresses_are_tenants(
    node: MediaNode, number: PhoneNumber, tenant: Tenant, settings: Any, inside: bool
) -> None:
    settings.VENDORS_ALLOW_PRIVATE_ADDRESSES = inside
    gateway = Credential(vendor="openai", api_key="k", base_url="https://llm.internal")
    settings.VENDOR_KEYS = {"openai": gateway, "rime": Credential(vendor="rime", api_key="k")}
    endpoint = {"provider": "openai_compatible", "base_url": "https://llm.example.com", "model": "m"}
    config = {
        "model": {"provider": "anthropic", "model": "m"},
        "voice": {"provider": "cartesia"},
        "fallbacks": {"models": [endpoint, {"provider": "openai", "model": "m"}]},
    }
    with tenant_scope(tenant.pk):
        put_key(vendor="anthropic", api_key="k" * 20, base_url="https://gateway.example.com")
        put_key(vendor="cartesia", api_key="k" * 20)
        agent = update_draft(agent=number.agent, config=AgentConfig.model_validate(config))  # type: ignore[arg-type]
        publish(agent=agent)
        call = place_call(from_number=number.e164, to_number="+12025550101")

    plan = claim_call(node, call.pk, ClaimRequest(node=node.name, line=1))

    assert plan is not None
    guarded = {name for name, key in plan.credentials.items() if key.public_only}
    assert guarded == (set() if inside else {"anthropic", "openai_compatible"})


@pytest.mark.usefixtures("own_key")
def test_an_agent_whose_key_is_gone_is_told(tenant: Tenant, agent: Agent) -> None:
    config = AgentConfig.model_validate({"model": {"provider": "anthropic", "model": "m"}})

    def told() -> list[tuple[str, str]]:
        return [(n.title, n.path) for n in notices({"agents.read"}) if n.kind == "agent_without_key"]

    with tenant_scope(tenant.pk):
        publish(agent=update_draft(agent=agent, config=config))
        assert told() == []
        delete_key(vendor="anthropic")
        path = f"agents/{agent.public_id}"
        assert told() == [(f"{agent.name} takes calls without a key for Anthropic", path)]
