"""Language models that take over from each other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from media_workers.providers.base import (
    ChatMessage,
    Delta,
    ProviderError,
    Served,
    TextDelta,
    ToolCall,
    Usage,
)
from media_workers.providers.fallback import FallbackModel
from tests.media_workers.conversation.virtual_time import run
from tests.media_workers.providers.fallback.vendors import Counter, Model, Seen, Step, down, models

HELLO = [ChatMessage("system", "Be kind."), ChatMessage("user", "Hello there.")]
HI = TextDelta("Hi.")
USAGE = Usage(12, 3)
FINE: Sequence[Step[Delta]] = [0.1, HI, USAGE]


async def answered(model: FallbackModel) -> list[Delta]:
    return [delta async for delta in model.stream(HELLO, [])]


def test_the_first_answers_and_says_who_it_is() -> None:
    first, second = Model("one", [FINE], model="one-large"), Model("two", [FINE])
    seen, breaker = Seen(), Counter()
    model = FallbackModel(models(first, second), watch=seen, breaker=breaker)
    assert run(answered(model)) == [Served("one", "one-large"), HI, USAGE]
    assert (model.name, model.model, second.asked, seen.gone) == ("one", "one-large", 0, [])
    assert breaker.told == [("succeeded", "one")]


@pytest.mark.parametrize(
    ("failure", "reason", "after_ms"),
    [
        (down("llm", "one"), "is down", 0),
        (down("llm", "one", retryable=False), "is down", 0),
        (10.0, "gave nothing for 500 ms", 500),
        (ZeroDivisionError(), "could not be understood (ZeroDivisionError)", 0),
    ],
)
def test_another_takes_over_before_the_first_token(failure: Step[Delta], reason: str, after_ms: int) -> None:
    first, second = Model("one", [[failure, HI]]), Model("two", [FINE])
    seen, breaker = Seen(), Counter()
    model = FallbackModel(models(first, second), watch=seen, breaker=breaker)
    assert run(answered(model)) == [Served("two"), HI, USAGE]
    assert seen.gone == [("one", reason, after_ms)]
    assert breaker.told == [("failed", "one"), ("succeeded", "two")]
    assert first.asked == 1


def test_one_that_cannot_be_had_is_passed_over() -> None:
    seen = Seen()
    wanting = ProviderError("llm", "one", "has no key")
    assert run(answered(FallbackModel(models(wanting, Model("two", [FINE])), watch=seen)))[0] == Served("two")
    assert seen.gone == [("one", "has no key", 0)]


def test_a_slow_one_is_waited_for_when_the_other_cannot_be_had() -> None:
    slow, seen = Model("one", [[1.5, HI, USAGE]]), Seen()
    wanting = ProviderError("llm", "two", "has no key")
    model = FallbackModel(models(slow, wanting), watch=seen)
    assert run(answered(model)) == [Served("one"), HI, USAGE]
    assert seen.gone == []


def test_when_all_fail_the_last_error_is_raised_for_good() -> None:
    everyone = [Model(name, [[down("llm", name)]]) for name in ("one", "two", "three")]
    seen = Seen()
    with pytest.raises(ProviderError, match="three") as raised:
        run(answered(FallbackModel(models(*everyone), watch=seen)))
    assert not raised.value.retryable
    assert [name for name, _, _ in seen.gone] == ["one", "two"]


def test_the_last_one_has_all_its_time() -> None:
    slow = Model("two", [[1.5, HI, USAGE]])
    model = FallbackModel(models(Model("one", [[down("llm", "one")]]), slow), watch=Seen())
    assert run(answered(model))[1] == HI


def test_a_single_one_is_asked_again_after_a_moment() -> None:
    only = Model("one", [[down("llm", "one")], FINE])
    seen = Seen()
    assert run(answered(FallbackModel(models(only), watch=seen)))[1] == HI
    assert seen.gone == [("one", "is down", 0)]


@pytest.mark.parametrize("failure", [down("llm", "one", retryable=False), 60.0])
def test_a_single_one_is_not_asked_again_for_nothing(failure: Step[Delta]) -> None:
    only = Model("one", [[failure]])
    with pytest.raises(ProviderError):
        run(answered(FallbackModel(models(only), watch=Seen())))
    assert only.asked == 1


def test_one_that_breaks_in_mid_answer_is_told_and_the_next_answers_anew() -> None:
    first, second = Model("one", [[HI, down("llm", "one")]]), Model("two", [FINE])
    model = FallbackModel(models(first, second), watch=Seen())

    async def twice() -> None:
        stream = model.stream(HELLO, [])
        assert [await anext(stream), await anext(stream)] == [Served("one"), HI]
        with pytest.raises(ProviderError) as raised:
            await anext(stream)
        assert raised.value.retryable
        assert (await answered(model))[0] == Served("two")

    run(twice())


def test_one_that_falls_silent_in_mid_answer_is_not_waited_for() -> None:
    model = FallbackModel(models(Model("one", [[HI, 60.0]])), watch=Seen())
    with pytest.raises(ProviderError, match="gave nothing for 2000 ms") as raised:
        run(answered(model))
    assert not raised.value.retryable


def test_who_took_over_is_asked_first_for_a_minute() -> None:
    first, second = Model("one", [[down("llm", "one")], FINE]), Model("two", [FINE])
    model = FallbackModel(models(first, second), watch=Seen())

    async def a_call() -> list[Delta]:
        served = [(await answered(model))[0] for _ in range(2)]
        await asyncio.sleep(61)
        return [*served, (await answered(model))[0]]

    assert run(a_call()) == [Served("two"), Served("two"), Served("one")]


def test_one_whose_breaker_is_open_comes_last() -> None:
    first, second = Model("one", [FINE]), Model("two", [[down("llm", "two")]])
    seen = Seen()
    model = FallbackModel(models(first, second), watch=seen, breaker=Counter({"one"}))
    assert run(answered(model))[0] == Served("one")
    assert seen.gone == [("two", "is down", 0)]
    assert FallbackModel(models(Model("one", [FINE])), watch=seen, breaker=Counter({"one"})).name == "one"


def test_one_whose_breaker_is_open_and_who_is_alone_is_asked_all_the_same() -> None:
    model = FallbackModel(models(Model("one", [FINE])), watch=Seen(), breaker=Counter({"one"}))
    assert run(answered(model))[0] == Served("one")


def test_closing_stops_the_vendor_and_tells_what_it_will_bill() -> None:
    only, seen = Model("one", [[TextDelta("x" * 40), 60.0]]), Seen()
    model = FallbackModel(models(only), watch=seen)

    async def stopped() -> None:
        stream = model.stream(HELLO, [])
        assert await anext(stream) == Served("one")
        assert await anext(stream) == TextDelta("x" * 40)
        await stream.aclose()  # type: ignore[attr-defined]

    run(stopped())
    assert only.stopped == 1
    assert seen.usage == [Usage(5, 10)]
    assert seen.gone == []


def test_usage_that_is_not_told_is_estimated_and_who_refuses_bills_nothing() -> None:
    seen = Seen()
    call = ToolCall("1", "book", '{"at": "noon"}')
    first = Model("one", [[down("llm", "one")]])
    model = FallbackModel(models(first, Model("two", [[HI, call]])), watch=seen)
    assert run(answered(model))[-1] == Usage(5, 6)
    assert seen.usage == []


def test_an_answer_of_nothing_is_an_answer() -> None:
    assert run(answered(FallbackModel(models(Model("one", [[USAGE]])), watch=Seen()))) == [
        Served("one"),
        USAGE,
    ]


def test_the_first_is_warmed_up_and_all_are_closed() -> None:
    first, second = Model("one", [FINE]), Model("two", [FINE])
    model = FallbackModel(models(first, second), watch=Seen())

    async def life() -> None:
        await model.warm_up()
        await model.close()

    run(life())
    assert (first.warm, second.warm, first.closed, second.closed) == (1, 0, 1, 1)
