"""Collect nodes: what is said and pressed becomes a value, or is asked for again."""

from __future__ import annotations

from typing import Any

import pytest

from media_workers.contract.tools import KeyInput
from media_workers.providers.base import UserInput
from media_workers.providers.llm.flow import spoken
from media_workers.providers.llm.flow.dialogue import HIDDEN
from media_workers.providers.llm.phrases import ANY_DIGITS
from tests.media_workers.providers.llm.flow.walk import END, Model, Walk

HEARD: list[tuple[dict[str, Any], UserInput, str | None]] = [
    ({"type": "text"}, UserInput("Jane Roe"), "Jane Roe"),
    ({"type": "digits"}, UserInput("four one, double five oh"), "41550"),
    ({"type": "digits"}, UserInput("my number is 41-55"), "4155"),
    ({"type": "digits", "min_digits": 6}, UserInput("four one"), None),
    ({"type": "digits", "max_digits": 2}, UserInput("four one five"), None),
    ({"type": "digits"}, UserInput(dtmf="4155#"), "4155"),
    ({"type": "digits"}, UserInput(dtmf="#"), None),
    ({"type": "digits", "by": "keys"}, UserInput("four one"), None),
    ({"type": "digits", "by": "voice"}, UserInput(dtmf="41"), None),
    ({"type": "number"}, UserInput("two hundred and five point five"), "205.5"),
    ({"type": "number"}, UserInput("minus three"), "-3"),
    ({"type": "number"}, UserInput("about 1,250 dollars"), "1250"),
    ({"type": "number"}, UserInput("twenty five or thirty"), None),
    ({"type": "number"}, UserInput(dtmf="007"), "7"),
    ({"type": "number"}, UserInput("none of your business"), None),
    ({"type": "yes_no"}, UserInput("Yes, please."), "yes"),
    ({"type": "yes_no"}, UserInput("no, that's right"), "no"),
    ({"type": "yes_no"}, UserInput("maybe"), None),
    ({"type": "yes_no"}, UserInput(dtmf="1"), "yes"),
    ({"type": "yes_no"}, UserInput(dtmf="2"), "no"),
    ({"type": "yes_no"}, UserInput(dtmf="3"), None),
    ({"type": "choice", "choices": ["Red wine", "White wine"]}, UserInput("the white wine"), "White wine"),
    ({"type": "choice", "choices": ["Red wine", "White wine"]}, UserInput("beer"), None),
    ({"type": "choice", "choices": ["Red wine", "White wine"]}, UserInput(dtmf="2"), "White wine"),
    ({"type": "choice", "choices": ["Red wine", "White wine"]}, UserInput(dtmf="0"), None),
    ({"type": "text"}, UserInput(unclear=True), None),
]


def collect(**more: Any) -> dict[str, Any]:
    ask = {"kind": "collect", "ask": "Well?", "save_as": "it", "edges": [{"goto": "end"}], **more}
    return {"start": ask, "end": END, "person": {"kind": "end", "say": "A person."}}


@pytest.mark.parametrize(("node", "said", "value"), HEARD)
async def test_what_the_caller_does_is_a_value_or_asked_for_again(
    node: dict[str, Any], said: UserInput, value: str | None
) -> None:
    walk = Walk(collect(**node))
    assert await walk.turn() == "Well?"
    answer = await walk.turn(said.text, dtmf=said.dtmf, unclear=said.unclear)
    assert walk.slots.get("it") == value
    assert answer == ("Sorry, I did not understand that. Well?" if value is None else "Bye.!")


@pytest.mark.parametrize(
    ("language", "said", "digits", "number"),
    [
        ("de-DE", "zweiundzwanzig", "22", "22"),
        ("de-DE", "eins zwei null", "120", None),
        ("de-DE", "1.250,5", "12505", "1250.5"),
        ("es-ES", "treinta y cinco", "35", "35"),
        ("fr-FR", "quatre-vingt-dix-sept", "97", "97"),
        ("fr-FR", "cinq zéro six", "506", None),
        ("ja-JP", "12", "12", "12"),
    ],
)
def test_numbers_in_other_languages(language: str, said: str, digits: str, number: str | None) -> None:
    assert spoken.digits(said, language) == digits
    if number is not None:
        assert spoken.number(said, language) == number


@pytest.mark.parametrize(
    ("language", "said", "meant"),
    [("de-DE", "Ja, gerne.", "yes"), ("fr-FR", "non merci", "no"), ("es-ES", "Sí, claro", "yes")],
)
def test_consent_in_other_languages(language: str, said: str, meant: str) -> None:
    assert spoken.yes_or_no(said, language) == meant


async def test_after_its_attempts_the_node_gives_up() -> None:
    walk = Walk(collect(type="yes_no", attempts=2, otherwise_goto="person"))
    await walk.turn()
    assert await walk.turn("perhaps") == "Sorry, I did not understand that. Well?"
    assert await walk.turn("perhaps") == "A person.!"
    assert walk.moves[-1] == ("person", "start", "failure")

    alone = Walk(collect(type="yes_no", attempts=1, again="Then not."))
    await alone.turn()
    assert await alone.turn("perhaps") == "Then not.!"


async def test_a_sensitive_value_is_told_to_who_hides_it_and_not_to_the_model() -> None:
    model = Model(["Thank you."])
    nodes = collect(type="digits", sensitive=True, edges=[{"goto": "talk"}])
    nodes["talk"] = {
        "kind": "prompt",
        "prompt": "Their number is {it}.",
        "edges": [{"goto": "end", "when": "x"}],
    }
    walk = Walk(nodes, model=model)
    await walk.turn()
    key_input = walk.dialogue.key_input()
    assert key_input is not None
    assert key_input.sensitive
    assert await walk.turn("four one five five") == "Thank you."
    assert walk.secrets == [("it", "4155")]
    told = "\n".join(message.text for message in model.asked[-1])
    assert "4155" not in told
    assert "four one" not in told
    assert HIDDEN in told
    assert walk.slots == {"it": "4155"}


async def test_what_is_expected_of_voice_and_keys() -> None:
    def of(**more: Any) -> tuple[list[str], KeyInput | None]:
        dialogue = Walk(collect(**more), variables={"wine": "White wine"}).dialogue
        return list(dialogue.expected()), dialogue.key_input()

    phrases, keys = of(type="choice", choices=["Red wine", "{{wine}}"])
    assert phrases == ["Red wine", "White wine"]
    assert keys is not None
    assert (keys.length, keys.terminator) == (1, "")
    phrases, keys = of(type="digits", max_digits=6, terminator="*")
    assert phrases == [ANY_DIGITS]
    assert keys is not None
    assert (keys.length, keys.terminator, keys.sensitive) == (6, "*", False)
    assert "yes" in of(type="yes_no")[0]
    assert of(type="yes_no", by="keys")[0] == []
    assert of(type="text")[0] == []
