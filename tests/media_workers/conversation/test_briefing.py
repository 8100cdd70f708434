"""Asking a human whether they take a call: what is a yes, what is a no, and what is neither."""

from __future__ import annotations

import pytest

from media_workers.contract.events import EndReason
from media_workers.conversation.briefing import BriefingDialogue, verdict_of
from tests.media_workers.conversation.phone import Phone, config

QUESTION = "Do you want to take the call?"


@pytest.mark.parametrize(
    ("text", "language", "verdict"),
    [
        ("Yes please.", "en-US", True),
        ("Sure, put them through!", "en-GB", True),
        ("uh yes okay", "en-US", True),
        ("No.", "en-US", False),
        ("yes but not now", "en-US", False),
        ("I can't, I am busy", "en-US", False),
        ("Hello?", "en-US", None),
        ("", "en-US", None),
        ("yes you have reached the voicemail of nobody please leave a message after the tone", "en-US", None),
        ("Ja, gerne", "de-DE", True),
        ("Später bitte", "de-DE", False),
        ("Oui d'accord", "fr-FR", True),
        ("yes", "tlh", True),
    ],
)
def test_an_answer_is_a_yes_or_a_no_or_neither(text: str, language: str, verdict: bool | None) -> None:
    assert verdict_of(text, language) is verdict


def briefed(*answers: str | tuple[str, int], keys: str = "") -> BriefingDialogue:
    """The dialogue after a human has said `answers`, a few seconds apart, or pressed `keys`."""
    mind = BriefingDialogue(QUESTION, "en-US")
    phone = Phone(agent=config(first_message=QUESTION, silence={"prompt_after_ms": 5_000, "prompts": []}))
    phone.mind = mind  # type: ignore[assignment]
    for number, answer in enumerate(answers):
        phone.says(str(answer), at=4_000 + 5_000 * number)
    for digit in keys:
        phone.presses(digit, at=4_000)
    phone.call(40_000)
    assert phone.hung_up is not None
    assert phone.hung_up[0] in (EndReason.AGENT_HUNG_UP, EndReason.SILENCE)
    return mind


@pytest.mark.parametrize(
    ("answers", "keys", "accepted"),
    [
        (["yes please"], "", True),
        (["hello", "yes"], "", True),
        (["no thank you"], "", False),
        (["hello", "who is this"], "", False),
        ([], "1", True),
        ([], "2", False),
        ([], "", None),
    ],
)
def test_the_question_is_asked_twice_at_most(answers: list[str], keys: str, accepted: bool | None) -> None:
    assert briefed(*answers, keys=keys).accepted is accepted
