"""Every millisecond of an answer, and everything it cost."""

from __future__ import annotations

import asyncio
from typing import Any

from media_workers.contract.events import (
    LatencyParts,
    Moments,
    PassedOver,
    ServedBy,
    ToolTime,
    TurnAccount,
    TurnUsage,
)
from media_workers.contract.vendors import Credential
from media_workers.conversation.account import Account, Ledger
from media_workers.conversation.latency import Timing
from media_workers.conversation.tools import NoTools
from media_workers.providers.base import ProviderError, Served, TextDelta, ToolCall, Transcript, Usage
from tests.media_workers.conversation.phone import Phone, config
from tests.media_workers.conversation.vendors import Speaker, Thinker

MINE = Credential(vendor="openai", api_key="k", own=True)


class Books:
    def __init__(self) -> None:
        self.sent_ms = 0
        self.ledger = Ledger({"openai": MINE}, lambda: self.sent_ms)

    def close(self, account: Account, **more: Any) -> TurnAccount:
        given = {"timing": None, "heard": True, "endpointing": "", "drafts": 0, **more}
        return self.ledger.close(account, **given)


def test_a_turn_is_billed_for_what_it_used() -> None:
    books, account = Books(), Account()
    books.ledger.heard(Transcript("yes", final=True, vendor="deepgram", model="nova-3"))
    books.ledger.served(account, "llm", Served("openai", "gpt-5-mini"))
    books.ledger.used(account, Usage(100, 20, 60))
    books.ledger.used(account, Usage(130, 5, 100))
    books.ledger.spoke(account, "Hello.")
    books.ledger.ran(account, "book", 250)
    books.sent_ms = 1200
    told = books.close(account, endpointing="fixed: silence", drafts=1, timing=Timing(100, first_frame=600))
    assert told == TurnAccount(
        moments=Moments(first_packet=500),
        endpointing="fixed: silence",
        drafts=1,
        served_by=[
            ServedBy(component="llm", vendor="openai", model="gpt-5-mini", own_key=True),
            ServedBy(component="stt", vendor="deepgram", model="nova-3"),
        ],
        tools=[ToolTime(name="book", took_ms=250)],
        usage=TurnUsage(audio_ms=1200, input_tokens=230, cached_tokens=160, output_tokens=25, characters=6),
    )
    assert books.close(Account()).usage == TurnUsage()


def test_a_draft_that_was_dropped_is_billed_to_the_next_turn() -> None:
    books, draft, answer = Books(), Account(), Account()
    books.ledger.used(draft, Usage(100, 10))
    books.ledger.spoke(draft, "Hello.")
    books.ledger.drop(draft)
    books.ledger.drop(draft)
    books.ledger.used(draft, Usage(0, 3))
    books.ledger.spoke(draft, "You")
    books.ledger.used(answer, Usage(120, 12))
    told = books.close(answer).usage
    assert told == TurnUsage(
        input_tokens=220, output_tokens=25, discarded_tokens=113, characters=9, discarded_characters=9
    )


def test_what_comes_after_a_turn_was_told_belongs_to_the_next() -> None:
    books, first = Books(), Account()
    books.close(first)
    books.ledger.used(first, Usage(7, 1))
    books.ledger.passed_over(first, ProviderError("tts", "rime", "x" * 1000), 40)
    told = books.close(Account())
    assert told.usage == TurnUsage(input_tokens=7, output_tokens=1)
    assert told.passed_over == [PassedOver(component="tts", vendor="rime", reason="x" * 300, after_ms=40)]


def test_what_belongs_to_no_turn_is_told_with_the_next() -> None:
    books = Books()
    books.ledger.passed_over(None, ProviderError("stt", "deepgram", "left"), 0)
    silent = Account()
    books.ledger.used(silent, Usage(5, 1))
    books.ledger.silent(silent)
    told = books.close(Account())
    assert [gone.vendor for gone in told.passed_over] == ["deepgram"]
    assert told.usage == TurnUsage(input_tokens=5, output_tokens=1)


def test_a_turn_that_answers_no_words_was_heard_by_nobody() -> None:
    books = Books()
    books.ledger.heard(Transcript("yes", final=True, vendor="deepgram"))
    assert books.close(Account(), heard=False).served_by == []


# --- of whole calls, in virtual time --------------------------------------------------------------


def test_the_parts_and_own_add_up_to_the_total() -> None:
    answer = [TextDelta("One"), 0.2, TextDelta(" moment. "), 0.5, TextDelta("Yes.")]
    phone = Phone(mind=Thinker({"yes": answer}), mouth=Speaker(first_ms=85))
    phone.says("yes", at=2000)
    phone.call(9000)
    turn = phone.turns("agent")[-1]
    assert turn.latency is not None
    assert turn.account is not None
    m = turn.account.moments
    assert m == Moments(
        transcript_asked=120,
        transcript=220,
        decided=400,
        model_asked=220,
        first_token=370,
        first_sentence=570,
        voice_asked=570,
        first_audio=655,
        first_packet=660,
    )
    # The turn is decided while the model writes its first sentence; nothing else overlaps. What is ours
    # is the wait for the next tick of the media clock.
    assert turn.latency == LatencyParts(
        endpoint=400, transcript=100, first_token=150, sentence=200, first_audio=85, own=5, total=660
    )
    assert 220 + 150 + 200 + 85 + 5 == 660


def test_a_draft_that_the_caller_talks_over_is_counted_and_paid_for() -> None:
    mind = Thinker(
        {
            "a table": [Usage(50, 5), TextDelta("Booked. "), 2.0],
            "a table for two": [TextDelta("Fine."), Usage(60, 2)],
        },
        token_ms=10,
    )
    phone = Phone(mind=mind, agent=config(turn_taking={"endpointing": "fixed"}))
    phone.says("a table", at=2000)
    phone.says("for two", at=2900)
    phone.call(8000)
    turn = phone.turns("agent")[-1]
    assert turn.text == "Fine."
    assert turn.account is not None
    assert turn.account.drafts == 1
    usage = turn.account.usage
    assert (usage.input_tokens, usage.output_tokens, usage.discarded_tokens) == (110, 7, 55)
    assert (usage.characters, usage.discarded_characters) == (len("Booked.Fine."), len("Booked."))
    assert turn.account.endpointing.startswith("fixed")


def test_a_turn_that_was_interrupted_is_paid_for_too() -> None:
    long = "This is a very long answer that goes on and on for a while."
    phone = Phone(mind=Thinker({"yes": [TextDelta(long), Usage(9, 9)]}))
    phone.says("yes", at=2000)
    phone.says("stop it now", at=4000)
    phone.call(9000)
    cut = next(t for t in phone.turns("agent") if t.interrupted)
    assert cut.account is not None
    assert cut.account.usage.characters == len(long)
    assert cut.account.usage.input_tokens == 9


def test_functions_are_timed_and_the_agents_own_words_have_an_account() -> None:
    class Slow(NoTools):
        def has(self, name: str) -> bool:
            return name == "book"

        async def run(self, call: ToolCall) -> str:
            await asyncio.sleep(0.3)
            return "booked"

    answer = [ToolCall("c", "book", "{}"), TextDelta("Done.")]
    phone = Phone(mind=Thinker({"yes": answer}), tools=Slow())
    phone.says("yes", at=2000)
    phone.call(9000)
    greeting, reply = phone.turns("agent")
    assert reply.account is not None
    assert [(t.name, t.took_ms) for t in reply.account.tools] == [("book", 300)]
    assert phone.mind.results == [("book", "booked")]
    assert greeting.account is not None
    assert greeting.account.usage == TurnUsage(characters=len("Hello."))
    assert greeting.account.moments == Moments()
