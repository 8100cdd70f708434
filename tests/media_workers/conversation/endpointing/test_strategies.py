from __future__ import annotations

import pytest

from media_workers.contract.agent import TurnTaking
from media_workers.conversation.endpointing import Pause, build
from media_workers.providers.base import TurnSign

RULES = {"endpointing_ms": 450, "endpointing_min_ms": 240, "endpointing_max_ms": 1_400}


def rules(endpointing: str, **changes: int) -> TurnTaking:
    return TurnTaking.model_validate({"endpointing": endpointing, **RULES, **changes})


def test_fixed_takes_the_same_whatever_is_said() -> None:
    strategy = build(rules("fixed"), turn_model=True)
    for text in ("", "um", "I want to pay."):
        verdict = strategy.judge(Pause(text=text))
        assert (verdict.needed_ms, verdict.reason, verdict.likely) == (450, "silence", True)


@pytest.mark.parametrize(
    ("text", "needed_ms", "reason", "likely"),
    [
        ("I want to pay.", 240, "complete sentence", True),
        ("yes please", 240, "closing words", True),
        ("table for two", 450, "words", True),
        ("", 450, "no words yet", True),
        ("a table for, um", 1_400, "um", False),
        ("a table for", 1_400, "unfinished sentence", False),
        ("five five five one", 1_400, "digits", False),
        ("m i l", 1_400, "spelling", False),
        ("On Monday,", 1_400, "comma", False),
    ],
)
def test_adaptive_goes_by_the_words(text: str, needed_ms: int, reason: str, likely: bool) -> None:
    strategy = build(rules("adaptive"), turn_model=False)
    verdict = strategy.judge(Pause(text=text))
    assert (strategy.name, strategy.least_ms) == ("adaptive", 240)
    assert (verdict.needed_ms, verdict.reason, verdict.likely) == (needed_ms, reason, likely)


def test_settings_that_contradict_each_other_keep_the_shortest_below_the_longest() -> None:
    strategy = build(rules("adaptive", endpointing_min_ms=900, endpointing_max_ms=300), turn_model=False)
    assert strategy.judge(Pause(text="words")).needed_ms == 900
    assert strategy.judge(Pause(text="um")).needed_ms == 900
    strategy = build(rules("adaptive", endpointing_ms=3_000), turn_model=False)
    assert strategy.judge(Pause(text="words")).needed_ms == 1_400


def test_vendor_ends_with_the_sign_of_its_end() -> None:
    strategy = build(rules("vendor", transcript_after_ms=120), turn_model=False)
    over = strategy.judge(Pause(text="and", sign=TurnSign.OVER))
    assert (over.needed_ms, over.reason) == (120, "end of turn")
    likely = strategy.judge(Pause(text="and", sign=TurnSign.LIKELY_OVER))
    assert (likely.needed_ms, likely.likely) == (1_400, True)
    goes_on = strategy.judge(Pause(text="I want to pay.", sign=TurnSign.RESUMED))
    assert (goes_on.needed_ms, goes_on.reason, goes_on.likely) == (1_400, "limit", False)
    assert strategy.judge(Pause(text="I want to pay.")).needed_ms == 1_400


def test_a_vendor_that_gives_no_signs_does_not_make_every_turn_last() -> None:
    strategy = build(rules("vendor"), turn_model=False)
    unsigned = strategy.judge(Pause(text="I want to pay."))
    assert (unsigned.needed_ms, unsigned.reason) == (450, "no sign, complete sentence")
    assert strategy.judge(Pause(text="um")).needed_ms == 1_400


def test_semantic_goes_by_the_melody_unless_the_words_say_that_more_will_come() -> None:
    strategy = build(rules("semantic"), turn_model=True)
    assert strategy.name == "semantic"
    waits = strategy.judge(Pause(text="I want to pay.", model_asked=True))
    assert (waits.needed_ms, waits.likely) == (500, True)
    over = strategy.judge(Pause(text="so then", completeness=0.9, model_asked=True))
    assert (over.needed_ms, over.reason) == (240, "sounds complete")
    goes_on = strategy.judge(Pause(text="I want to pay.", completeness=0.1, model_asked=True))
    assert (goes_on.needed_ms, goes_on.reason, goes_on.likely) == (1_400, "sounds unfinished", False)
    assert strategy.judge(Pause(text="five five five", completeness=0.9)).reason == "digits"
    assert strategy.judge(Pause(text="I want to pay.")).needed_ms == 240


def test_semantic_without_a_model_is_adaptive() -> None:
    assert build(rules("semantic"), turn_model=False).name == "adaptive"
