"""What the rules say of a whole call."""

from __future__ import annotations

import json

from apps.analysis.rules.extract import extract
from apps.analysis.rules.judging import INCOMPLETE
from media_workers.contract.analysis import CallAnalysis
from tests.apps.analysis.talk import field, talk

CALL = """
A: Hello, this call is recorded. How can I help?
C: I am very angry, my parcel came broken and this is terrible.
A: I am sorry. What is your order number?
C: AB1234. Do you have a shop in Springfield?
A: I am afraid I do not have that information.
C: Okay. When do you open?
A: From nine to five. We guarantee a refund.
C: Great, thank you, that is perfect.
"""
ANALYSIS = CallAnalysis.model_validate(
    {
        "topics": [{"name": "Delivery", "phrases": ["parcel"]}, {"name": "Billing", "phrases": ["invoice"]}],
        "criteria": [
            {"name": "Order known", "field": "order"},
            {"name": "Caller is glad", "phrases": ["thank you"]},
        ],
        "compliance": [
            {"name": "Says that it records", "phrases": ["call is recorded"], "within_turns": 1},
            {"name": "Says its name", "phrases": ["my name is"], "within_turns": 2},
            {"name": "Promises nothing", "kind": "must_not_say", "phrases": ["we guarantee"]},
        ],
    }
)
FIELDS = [field("order", pattern="[A-Z]{2}[0-9]{4}"), field("email", "email", required=True)]


def test_everything_of_a_call() -> None:
    result = extract(talk(CALL), FIELDS, ANALYSIS)
    assert result.values["order"].value == "AB1234"
    assert result.topics == ["Delivery"]
    assert result.success is True
    assert [(r.criterion, r.met, r.turn) for r in result.reasons] == [
        ("Order known", True, 3),
        ("Caller is glad", True, 7),
    ]
    assert result.unanswered == [(3, "Do you have a shop in Springfield?")]
    assert [(f.name, f.turn) for f in result.flags] == [
        ("Says its name", None),
        ("Promises nothing", 6),
        (INCOMPLETE, None),
    ]
    scores = dict(result.sentiment)
    assert scores[1] < -0.5
    assert scores[7] > 0.5
    assert scores[5] == 0
    assert "very angry" in result.summary
    assert "order: AB1234" in result.summary
    assert "1 min 5 s: the caller hung up." in result.summary


def test_the_same_call_gives_the_same_and_fits_into_json() -> None:
    one, other = (extract(talk(CALL), FIELDS, ANALYSIS).as_columns() for _ in range(2))
    assert one == other
    assert json.loads(json.dumps(one)) == one


def test_only_what_is_asked_for() -> None:
    nothing = CallAnalysis(summary=False, sentiment=False, unanswered=False)
    result = extract(talk(CALL), [], nothing)
    assert result.as_columns() == {
        "values": {},
        "summary": "",
        "outcome": "",
        "success": None,
        "reasons": [],
        "sentiment": [],
        "sentiment_score": None,
        "topics": [],
        "unanswered": [],
        "flags": [],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0},
    }


def test_a_goal_that_only_a_model_can_judge_leaves_success_open() -> None:
    analysis = CallAnalysis.model_validate({"criteria": [{"name": "Was polite"}]})
    assert extract(talk(CALL), [], analysis).success is None


def test_a_goal_by_a_slot_and_its_value() -> None:
    analysis = CallAnalysis.model_validate(
        {"criteria": [{"name": "Comes", "field": "answer", "equals": ["coming"]}]}
    )
    for answer, met in (("coming", True), ("not coming", False)):
        result = extract(talk(CALL, slots={"answer": answer}), [], analysis)
        assert result.success is met


def test_a_call_in_which_nobody_spoke() -> None:
    result = extract(talk("A: Hello?"), FIELDS, ANALYSIS)
    assert result.values["order"].value is None
    assert result.success is False
    assert "The caller said nothing." in result.summary
