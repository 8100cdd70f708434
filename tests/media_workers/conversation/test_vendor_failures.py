"""Every way in which a vendor may fail: what the caller hears, what is reported, how the call ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from media_workers.contract.events import EndReason, PassedOver, ServedBy, Trouble
from media_workers.providers import assembly
from tests.media_workers.conversation.far import FALLBACK, Call, Vendors, vendors

FAULTS = ["refused", "slow", "401", "429", "500", "garbage", "cut"]
VENDOR = {"stt": "deepgram", "llm": "openai_compatible", "tts": "cartesia"}
everything = [(kind, fault) for kind in VENDOR for fault in FAULTS]


@pytest.fixture
async def far(unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Vendors]:
    monkeypatch.setattr(assembly, "CONNECT_PATIENCE_MS", 500)
    monkeypatch.setattr(assembly, "CONNECT_LIMIT_MS", 1_000)
    monkeypatch.setattr(assembly, "VOICE_LIMIT_MS", 600)
    async with vendors(unused_tcp_port) as made:
        yield made


async def test_nothing_fails(far: Vendors) -> None:
    call = Call(far)
    await call.run()
    assert [t.text for t in call.turns("caller")] == ["a table please"]
    assert [t.text for t in call.turns("agent")] == ["Good morning.", "Certainly. For how many?"]
    assert call.of(Trouble) == []
    account = call.turns("agent")[1].account
    assert account is not None
    assert [(s.component, s.vendor, s.own_key) for s in account.served_by] == [
        ("llm", "openai_compatible", False),
        ("stt", "deepgram", False),
        ("tts", "cartesia", False),
    ]
    assert (account.usage.input_tokens, account.usage.output_tokens) == (20, 5)
    assert account.usage.characters == len("Certainly.For how many?")
    assert account.usage.audio_ms >= 600


@pytest.mark.parametrize(("kind", "fault"), everything)
async def test_alone_it_is_apologized_for(far: Vendors, kind: str, fault: str) -> None:
    far.spoil(kind, fault)
    call = Call(far, to_the_end=True)
    await call.run()
    assert call.turns("agent")[-1].text == FALLBACK
    assert call.sent_ms
    assert call.ending is not None
    assert call.ending[0] is EndReason.PROVIDER_FAILED
    assert VENDOR[kind] in call.ending[1]
    troubles = call.of(Trouble)
    assert {t.component for t in troubles} == {kind}
    assert all(t.what == "provider_error" and t.detail.startswith(f"{VENDOR[kind]}: ") for t in troubles)
    assert not any("secret-key" in t.detail for t in troubles)


FALLBACKS: dict[str, Any] = {
    "stt": {"transcribers": [{"provider": "assemblyai"}]},
    "tts": {"voices": [{"provider": "elevenlabs", "voice": "another", "first_audio_ms": 5000}]},
}


@pytest.mark.parametrize(("kind", "fault"), everything)
async def test_another_takes_over_within_the_turn(far: Vendors, kind: str, fault: str) -> None:
    far.spoil(kind, fault)
    call = Call(far)
    call.fallbacks = {"models": [call.model("other")]} if kind == "llm" else FALLBACKS[kind]
    await call.run()
    assert call.ending is None
    assert [t.text for t in call.turns("caller")] == ["a table please"]
    assert [t.text for t in call.turns("agent")] == ["Good morning.", "Certainly. For how many?"]
    assert [(t.component, t.detail.partition(":")[0]) for t in call.of(Trouble)] == [(kind, VENDOR[kind])]
    accounts = [turn.account for turn in call.turns("agent") if turn.account is not None]
    gone: list[PassedOver] = [p for account in accounts for p in account.passed_over]
    assert [(p.component, p.vendor) for p in gone] == [(kind, VENDOR[kind])]
    assert gone[0].reason
    served: list[ServedBy] = accounts[-1].served_by
    heir = {"stt": "assemblyai", "tts": "elevenlabs", "llm": "openai_compatible"}[kind]
    assert next(s.vendor for s in served if s.component == kind) == heir
    if kind == "llm":
        assert next(s.model for s in served if s.component == kind) == "other"
    if kind == "tts":
        assert next(s.own_key for s in served if s.component == kind)
