from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from media_workers.contract.simulation import Case

CASE: dict[str, Any] = {
    "name": "A case",
    "caller": {"kind": "script", "steps": [{"do": "say", "text": "Hello"}]},
    "assertions": [{"kind": "slot", "name": "day", "is": "set"}],
}
MODEL = {"provider": "openai_compatible", "model": "m", "base_url": "https://example.com/v1"}


def test_a_case_reads_what_it_writes() -> None:
    case = Case.model_validate(CASE)
    assert Case.model_validate(case.model_dump(mode="json", by_alias=True)) == case


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"assertions": []}, "at least 1 item"),
        ({"assertions": [{"kind": "said"}]}, "exactly one of text and pattern"),
        ({"assertions": [{"kind": "said", "text": "a", "pattern": "b"}]}, "exactly one"),
        ({"assertions": [{"kind": "said", "pattern": "(a"}]}, "unclosed group"),
        ({"assertions": [{"kind": "said", "pattern": "(?=a)"}]}, "look-around"),
        ({"assertions": [{"kind": "slot", "name": "a", "is": "matches", "value": "["}]}, "no pattern"),
        ({"caller": {"kind": "script", "steps": []}}, "at least 1 item"),
        ({"caller": {"kind": "model", "goal": "x", "model": MODEL | {"api_key": "k"}}}, "keys are not kept"),
        ({"over": "audio", "caller": {"kind": "model", "goal": "x", "model": MODEL}}, "a script"),
        ({"over": "audio", "mocks": {"book": "{}"}}, "really called"),
        ({"over": "audio", "transfers": {"sales": "taken"}}, "really happens"),
        ({"typo": 1}, "Extra inputs"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words.replace("(", r"\(")):
        Case.model_validate(CASE | change)
