"""What vendors did for a call, summed up of the accounts of its turns; nothing is lost, nothing is twice."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from apps.calls.services.vendor_usage import usage_in
from media_workers.contract.events import ServedBy, TurnAccount, TurnUsage

EARS = ServedBy(component="stt", vendor="deepgram", model="nova-3")
HEAD = ServedBy(component="llm", vendor="openai", model="gpt-6-luna")
VOICE = ServedBy(component="tts", vendor="elevenlabs", model="eleven_flash_v2_5")
LOCAL = [
    ServedBy(component="stt", vendor="pocketsphinx"),
    ServedBy(component="tts", vendor="flite"),
]


def account(*served: ServedBy, **usage: int) -> dict[str, Any]:
    return TurnAccount(served_by=list(served), usage=TurnUsage(**usage)).model_dump(mode="json")


def quantities(*accounts: dict[str, Any]) -> dict[tuple[str, str, bool], int]:
    return {(u.component, u.unit, u.own_key): u.quantity for u in usage_in(accounts)}


def test_a_call_is_summed_up_by_vendor_and_unit() -> None:
    turn = account(EARS, HEAD, VOICE, audio_ms=4_000, input_tokens=900, cached_tokens=400, output_tokens=30)
    spoken = account(HEAD, VOICE, characters=120)
    assert quantities(turn, turn, spoken) == {
        ("stt", "millisecond", False): 8_000,
        ("llm", "input_token", False): 1_000,
        ("llm", "cached_token", False): 800,
        ("llm", "output_token", False): 60,
        ("tts", "character", False): 120,
    }


def test_what_runs_here_is_no_line() -> None:
    assert quantities(account(*LOCAL, audio_ms=60_000, characters=500)) == {}


def test_an_own_key_is_kept_apart() -> None:
    own = VOICE.model_copy(update={"own_key": True})
    found = quantities(account(VOICE, characters=10), account(own, characters=20))
    assert found == {("tts", "character", False): 10, ("tts", "character", True): 20}


def test_work_of_a_turn_that_names_nobody_is_of_whoever_does_it_next_or_did_it_last() -> None:
    greeting = account(VOICE, characters=40, audio_ms=3_000)
    answer = account(EARS, HEAD, VOICE, audio_ms=2_000, output_tokens=10, characters=60)
    goodbye = account(VOICE, audio_ms=1_000, characters=5)
    found = quantities(greeting, answer, goodbye)
    assert found["stt", "millisecond", False] == 6_000
    assert found["tts", "character", False] == 105


def test_a_model_that_hears_and_speaks_itself_has_all_of_the_work() -> None:
    itself = ServedBy(component="realtime", vendor="openai_realtime", model="gpt-realtime-2")
    found = quantities(
        account(itself, audio_ms=9_000, audio_input_tokens=90, audio_output_tokens=80, input_tokens=7)
    )
    assert found == {
        ("realtime", "audio_input_token", False): 90,
        ("realtime", "audio_output_token", False): 80,
        ("realtime", "input_token", False): 7,
    }


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10**6)), max_size=12))
def test_every_character_is_paid_once_when_any_turn_says_who_spoke(turns: list[tuple[bool, int]]) -> None:
    accounts = [account(*([VOICE] if named else []), characters=n) for named, n in turns]
    spoken = sum(n for _, n in turns) if any(named for named, _ in turns) else 0
    assert sum(u.quantity for u in usage_in(accounts)) == spoken
