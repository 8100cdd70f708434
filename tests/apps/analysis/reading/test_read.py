"""A model reads a call, in each vendor's protocol, and is believed as far as the call bears it out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from apps.analysis.errors import ReadingFailed
from apps.analysis.reading.read import TWICE, read
from apps.analysis.reading.schema import answer_schema
from apps.analysis.reading.vendors import Reader
from apps.analysis.results import Result, Value
from media_workers.contract.analysis import CallAnalysis
from media_workers.contract.vendors import Credential
from tests.apps.analysis.talk import field, talk
from tests.fakes.chat_models import KEY, ChatModels, Reply, chat_models

CALL = talk(
    "A: Hello, how can I help?\nC: My order is AB1234, it came on March 3rd.\n"
    "A: Which colours?\nC: Red and blue."
)
FIELDS = [
    field("order", pattern="[A-Z]{2}[0-9]{4}", required=True),
    field("came_on", "date"),
    field("colours", "enum", choices=["red", "blue", "green"], many=True),
    field("paid", "amount"),
]
ANALYSIS = CallAnalysis.model_validate(
    {
        "outcomes": ["refund", "exchange"],
        "criteria": [{"name": "Helped", "description": "The caller got what they wanted."}],
        "topics": [{"name": "Delivery"}],
        "compliance": [{"name": "Says its name", "phrases": ["my name is"]}],
        "instructions": "Orders begin with two letters.",
    }
)
VENDORS = ["openai", "anthropic", "google", "mistral", "deepseek", "azure", "openai_compatible"]


def none(why: str = "It was not said.") -> dict[str, Any]:
    return {"value": None, "turn": None, "quote": "", "confidence": 0, "problem": why}


def given(value: Any, turn: int | None, quote: str) -> dict[str, Any]:
    return {"value": value, "turn": turn, "quote": quote, "confidence": 0.9, "problem": ""}


def answer(**changes: Any) -> dict[str, Any]:
    values = {
        "order": given("AB1234", 1, "my order is AB1234"),
        "came_on": given("2026-03-03", 1, "on march 3rd"),
        "colours": {
            "values": [
                {"value": "red", "turn": 3, "quote": "Red"},
                {"value": "blue", "turn": 3, "quote": "blue"},
            ],
            "confidence": 0.8,
            "problem": "",
        },
        "paid": none(),
    }
    return {
        "values": values | changes.pop("values", {}),
        "summary": "The caller asked about an order.",
        "outcome": "refund",
        "criteria": [{"name": "Helped", "met": True, "turn": 2, "why": "The agent asked on."}],
        "sentiment": [{"turn": 1, "score": -0.2}, {"turn": 3, "score": 0.4}],
        "sentiment_score": 0.1,
        "topics": ["Delivery"],
        "unanswered": [{"turn": 1, "question": "When does the new one come?"}],
        "flags": [{"name": "Says its name", "turn": None, "words": "It never said it."}],
        **changes,
    }


@pytest.fixture
def models() -> Iterator[ChatModels]:
    with chat_models() as server:
        yield server


def reader(models: ChatModels, vendor: str = "openai", timeout_s: float = 20.0, **more: Any) -> Reader:
    credential = Credential(vendor=vendor, api_key=KEY, base_url=models.url, own=True, **more)
    return Reader(vendor, "the-model", credential, timeout_s)


def result_of(models: ChatModels, *replies: Reply | str | dict[str, Any], **options: Any) -> Result:
    models.will(*replies)
    return read(reader(models, **options), CALL, FIELDS, ANALYSIS)


def test_the_answer_of_these_tests_fits_the_schema() -> None:
    schema = answer_schema(FIELDS, ANALYSIS)
    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(answer())] == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_call_is_read(models: ChatModels, vendor: str) -> None:
    result = result_of(models, answer(), vendor=vendor)
    assert result.values["order"] == Value("AB1234", 1, "My order is AB1234", 0.9)
    assert result.values["came_on"].value == "2026-03-03"
    assert result.values["colours"].value == ["red", "blue"]
    assert [(s.turn, s.quote) for s in result.values["colours"].sources] == [(3, "Red"), (3, "blue")]
    assert result.values["paid"].problem == "It was not said."
    assert (result.outcome, result.success, result.topics) == ("refund", True, ["Delivery"])
    assert result.sentiment == [(1, -0.2), (3, 0.4)]
    assert result.unanswered == [(1, "When does the new one come?")]
    assert [(flag.name, flag.turn) for flag in result.flags] == [("Says its name", None)]
    assert (result.prompt_tokens, result.completion_tokens) == (100, 20)
    (asked,) = models.asked
    assert asked.key == KEY
    assert "[1] Caller: My order is AB1234" in asked.said[0]
    if vendor != "deepseek":
        assert asked.schema == answer_schema(FIELDS, ANALYSIS)


@pytest.mark.parametrize("vendor", ["openai", "anthropic", "google"])
def test_a_model_that_takes_no_schema_is_told_it_in_words(models: ChatModels, vendor: str) -> None:
    fenced = f"Here it is:\n```json\n{json.dumps(answer())}\n```"
    result = result_of(models, Reply(status=400), fenced, vendor=vendor)
    assert result.values["order"].value == "AB1234"
    first, second = models.asked
    assert first.schema is not None
    assert second.schema is None
    assert "additionalProperties" in json.dumps(second.body)


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (given("AB1234", 1, "the order is number seven"), "do not stand in turn 1"),
        (given("AB1234", 1, ""), "showed no words"),
        (given("1234", 1, "My order is AB1234"), "does not match"),
        (given("AB1234", 99, "these words are nowhere"), "do not stand"),
    ],
)
def test_an_invented_value_is_mended_once_and_else_left_out(
    models: ChatModels, value: dict[str, Any], fault: str
) -> None:
    wrong = answer(values={"order": value})
    mended = result_of(models, wrong, answer())
    assert mended.values["order"].value == "AB1234"
    assert (mended.prompt_tokens, mended.completion_tokens) == (200, 40)
    assert fault in models.asked[1].said[-1]

    left_out = result_of(models, wrong, wrong)
    assert left_out.values["order"].value is None
    assert fault in left_out.values["order"].problem
    assert left_out.values["came_on"].value == "2026-03-03"
    assert left_out.flags[-1].name == "incomplete"
    assert len(models.asked) == 4


def test_words_of_another_turn_are_moved_to_it(models: ChatModels) -> None:
    result = result_of(models, answer(values={"order": given("AB1234", 3, "order is AB1234")}))
    assert (result.values["order"].turn, len(models.asked)) == (1, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("came_on", given("2026-02-30", 1, "on March 3rd")),
        ("came_on", given("last Tuesday", 1, "on March 3rd")),
        (
            "colours",
            {"values": [{"value": "pink", "turn": 3, "quote": "Red"}], "confidence": 1, "problem": ""},
        ),
        ("paid", given({"amount": "much", "currency": "USD"}, 1, "on March 3rd")),
    ],
)
def test_a_value_of_another_form_is_left_out(models: ChatModels, name: str, value: dict[str, Any]) -> None:
    wrong = answer(values={name: value})
    result = result_of(models, wrong, wrong)
    assert result.values[name].value is None
    assert result.values[name].problem.startswith("The model's value was left out:")


def test_broken_json_is_asked_for_again(models: ChatModels) -> None:
    result = result_of(models, '{"values": {"order"', answer())
    assert result.values["order"].value == "AB1234"
    assert "not one JSON object" in models.asked[1].said[-1]


def test_broken_json_twice_is_a_failure(models: ChatModels) -> None:
    with pytest.raises(ReadingFailed, match=TWICE) as failed:
        result_of(models, "no json", "[1, 2]")
    assert failed.value.again_s is None


@pytest.mark.parametrize("vendor", ["openai", "anthropic", "google"])
@pytest.mark.parametrize(
    ("reply", "words", "again_s"),
    [
        (Reply(status=401), "does not know the key (401)", None),
        (Reply(status=404), "has no model the-model", None),
        (Reply(status=429, headers={"Retry-After": "77"}), "takes no more requests", 77),
        (Reply(status=429), "takes no more requests", 20),
        (Reply(status=503), "is in trouble itself (503)", 20),
        (Reply(refuses=True), "declined to read this call", None),
        (Reply("{}", cut=True), "did not come to an end", None),
        (Reply(raw=b"<html>oh no</html>"), "another form than its protocol's", 20),
        (Reply(raw=b'{"choices": []}'), "another form than its protocol's", 20),
        (Reply(raw=b"[]"), "another form than its protocol's", 20),
        (Reply(raw=b"x" * 5_000_000), "answered far too much", None),
    ],
)
def test_what_goes_wrong_at_a_vendor(
    models: ChatModels, vendor: str, reply: Reply, words: str, again_s: int | None
) -> None:
    with pytest.raises(ReadingFailed) as failed:
        result_of(models, reply, vendor=vendor)
    assert words in failed.value.words
    assert failed.value.again_s == again_s
    assert KEY not in failed.value.words
    assert "secret words" not in failed.value.words


def test_a_date_to_come_back_at_is_understood(models: ChatModels) -> None:
    with pytest.raises(ReadingFailed) as failed:
        result_of(models, Reply(status=429, headers={"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}))
    assert failed.value.again_s == 3_600


@pytest.mark.parametrize("reply", [Reply("{}", slow_s=2), Reply("x" * 200, drip_s=0.05)])
def test_a_slow_answer_has_an_end(models: ChatModels, reply: Reply) -> None:
    with pytest.raises(ReadingFailed, match=r"no answer within 0\.3 s") as failed:
        result_of(models, reply, timeout_s=0.3)
    assert failed.value.again_s == 20


def test_nobody_is_there() -> None:
    credential = Credential(vendor="openai", api_key=KEY, base_url="http://127.0.0.1:9", own=True)
    with pytest.raises(ReadingFailed, match="OpenAI cannot be reached"):
        read(Reader("openai", "m", credential, 5.0), CALL, FIELDS, ANALYSIS)


def test_a_private_address_is_left_alone(models: ChatModels) -> None:
    with pytest.raises(ReadingFailed):
        result_of(models, answer(), vendor="openai_compatible", public_only=True)
    assert models.asked == []


def test_a_region_that_is_missing_is_told() -> None:
    with pytest.raises(ReadingFailed, match="needs a region"):
        read(Reader("bedrock", "m", Credential(vendor="bedrock", api_key=KEY)), CALL, FIELDS, ANALYSIS)


def test_what_the_rules_of_the_answer_leave_out_is_left_out(models: ChatModels) -> None:
    strange = answer(
        outcome="something else",
        topics=["Delivery", "Weather"],
        sentiment=[{"turn": 0, "score": 9}, {"turn": 1, "score": 9}, {"turn": 77, "score": 0}],
        unanswered=[{"turn": 77, "question": "?"}],
        criteria=[],
    )
    result = result_of(models, strange, strange)
    assert (result.outcome, result.topics, result.sentiment) == ("", ["Delivery"], [(1, 1.0)])
    assert (result.unanswered, result.success) == ([], None)
