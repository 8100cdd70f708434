"""A transcriber that is late, fails, and is opened again."""

from __future__ import annotations

from media_workers.contract.events import EndReason, Trouble
from media_workers.conversation.listening import KEPT_BYTES
from tests.media_workers.conversation.phone import Phone, config
from tests.media_workers.conversation.vendors import Listener

FALLBACK = "I am sorry, I have a technical problem. Please call again later. Goodbye."


def troubles(phone: Phone) -> list[str]:
    return [f"{t.component} {t.detail}" for t in phone.of(Trouble)]


def test_a_connection_refused_once_is_tried_again() -> None:
    phone = Phone(ears=Listener(open_errors=1))
    phone.says("yes", at=2000)
    phone.call(6000)
    assert phone.texts()[1:] == ["caller: yes", "agent: You said yes."]
    assert troubles(phone) == ["stt listener: refused the connection"]


def test_a_connection_refused_twice_is_told_to_the_caller() -> None:
    phone = Phone(ears=Listener(open_errors=2))
    phone.call(30_000)
    assert phone.texts() == [f"agent: {FALLBACK}"]
    assert phone.hung_up == (EndReason.PROVIDER_FAILED, "listener (stt): refused the connection")
    assert troubles(phone) == ["stt listener: refused the connection"] * 2


def test_a_transcriber_that_breaks_down_is_given_the_utterance_again() -> None:
    phone = Phone(ears=Listener(breaks=[True]))
    phone.says("two people", at=2000)
    phone.call(8000)
    assert phone.texts()[1:] == ["caller: two people", "agent: You said two people."]
    assert phone.ears.opened == 2
    assert troubles(phone) == ["stt listener: broke down"]


def test_a_transcriber_that_breaks_down_twice_ends_the_call() -> None:
    phone = Phone(ears=Listener(breaks=[True, True]))
    phone.says("two people", at=2000)
    phone.call(30_000)
    assert phone.texts()[-1] == f"agent: {FALLBACK}"
    assert phone.hung_up == (EndReason.PROVIDER_FAILED, "listener (stt): broke down")
    assert troubles(phone) == ["stt listener: broke down"] * 2


def test_breakdowns_are_each_mended_while_transcripts_come_between() -> None:
    phone = Phone(ears=Listener(breaks=[True, False] * 3))
    for n, word in enumerate(["one", "two", "three"]):
        phone.says(word, at=2000 + 4000 * n)
    phone.call(14_000)
    assert [t.text for t in phone.turns("caller")] == ["one", "two", "three"]
    assert phone.hung_up is None
    assert len(troubles(phone)) == 3


def test_the_failure_of_a_transcriber_does_not_cut_the_agents_sentence() -> None:
    phone = Phone(
        agent=config(first_message="This is a sentence. And another one follows it."),
        ears=Listener(breaks=[True, True]),
    )
    phone.says("yes", at=600, ms=100)
    phone.call(30_000)
    assert phone.texts()[0] == "agent: This is a sentence."
    assert phone.texts()[-1] == f"agent: {FALLBACK}"


def test_only_the_last_half_minute_of_an_endless_utterance_is_kept() -> None:
    phone = Phone(ears=Listener(breaks=[True]), agent=config(silence={"prompt_after_ms": 100_000}))
    phone.says("forgotten", at=2000, ms=10_000)
    phone.says("kept", at=12_000, ms=31_000)
    phone.says("too", at=43_000, ms=1000)
    phone.call(48_000)
    assert KEPT_BYTES == 30_000 * 16
    # The transcriber broke down at the end of it and got what was kept.
    assert phone.ears.utterances == ["kept too"]
    assert phone.texts()[1] == "caller: kept too"
