"""Asking somebody whether they take a call: yes, no, or key 1 or 2. Anything else is asked again once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

from media_workers.contract.tools import KeyInput
from media_workers.conversation.acting import END_CALL
from media_workers.providers.base import Delta, TextDelta, ToolCall, UserInput
from media_workers.providers.words import words

LONGEST_ANSWER = 10
"""Words: who speaks longer (an answering machine, mostly) says neither yes nor no."""

ASKED_AT_MOST = 2
YES_KEY, NO_KEY = "1", "2"


class _Answers(NamedTuple):
    """Phrases, and what is said to a no."""

    yes: Sequence[str]
    no: Sequence[str]
    goodbye: str


_ENGLISH = _Answers(
    ["yes", "yes please", "yeah", "yep", "sure", "okay", "of course", "go ahead", "put them through"],
    ["no", "no thank you", "nope", "not now", "i am busy", "i can't", "later"],
    "All right. Goodbye.",
)
_ANSWERS = {
    "en": _ENGLISH,
    "de": _Answers(
        ["ja", "ja bitte", "gerne", "okay", "klar", "in ordnung"],
        ["nein", "nein danke", "nicht jetzt", "später", "geht nicht"],
        "In Ordnung. Auf Wiederhören.",
    ),
    "fr": _Answers(
        ["oui", "oui bien sûr", "d'accord", "okay", "allez-y"],
        ["non", "non merci", "pas maintenant", "plus tard"],
        "D'accord. Au revoir.",
    ),
    "es": _Answers(
        ["sí", "sí por favor", "claro", "vale", "de acuerdo", "okay"],
        ["no", "no gracias", "ahora no", "más tarde"],
        "De acuerdo. Adiós.",
    ),
    "it": _Answers(
        ["sì", "sì grazie", "certo", "va bene", "okay"],
        ["no", "no grazie", "non adesso", "più tardi"],
        "Va bene. Arrivederci.",
    ),
    "nl": _Answers(
        ["ja", "ja graag", "prima", "oké"],
        ["nee", "nee dank je", "niet nu", "later"],
        "Goed. Tot ziens.",
    ),
    "pt": _Answers(
        ["sim", "sim por favor", "claro", "pode ser", "está bem"],
        ["não", "não obrigado", "agora não", "mais tarde"],
        "Está bem. Até logo.",
    ),
}


def verdict_of(text: str, language: str) -> bool | None:
    """Whether `text` is a yes or a no; None when it is neither."""
    said, answers = words(text), _of(language)
    if not said or len(said) > LONGEST_ANSWER:
        return None
    if any(_inside(words(phrase), said) for phrase in answers.no):
        return False
    return True if any(_inside(words(phrase), said) for phrase in answers.yes) else None


def _of(language: str) -> _Answers:
    return _ANSWERS.get(language.partition("-")[0], _ENGLISH)


def _inside(phrase: Sequence[str], said: Sequence[str]) -> bool:
    size = len(phrase)
    return any(list(said[at : at + size]) == list(phrase) for at in range(len(said) - size + 1))


class BriefingDialogue:
    """A `Dialogue` that only wants an answer: `accepted` is it, None as long as there is none; `heard_words`
    what was said last."""

    def __init__(self, question: str, language: str) -> None:
        self._question = question
        self._language = language
        self._asked = 1
        self._open: tuple[bool | None, str] | None = None
        self.accepted: bool | None = None
        self.heard_words = ""

    async def reply(self, said: UserInput) -> AsyncIterator[Delta]:
        verdict = self._verdict(said)
        gives_up = verdict is None and self._asked >= ASKED_AT_MOST
        self._open = (False if gives_up else verdict, said.text or said.dtmf)
        if verdict is None and not gives_up:
            yield TextDelta(self._question)
            return
        if verdict is not True:
            yield TextDelta(_of(self._language).goodbye)
        yield ToolCall("answered", END_CALL, "{}")

    def _verdict(self, said: UserInput) -> bool | None:
        if said.dtmf:
            return {YES_KEY: True, NO_KEY: False}.get(said.dtmf)
        return verdict_of(said.text, self._language)

    def commit(self) -> None:
        if self._open is None:
            return
        verdict, self.heard_words = self._open
        self._open = None
        self._asked += 1
        if self.accepted is None:
            self.accepted = verdict

    def heard(self, text: str, *, interrupted: bool) -> None: ...

    def tool_result(self, call: ToolCall, result: str, *, failed: bool = False) -> None: ...

    def expected(self) -> Sequence[str]:
        answers = _of(self._language)
        return [*answers.yes, *answers.no]

    def key_input(self) -> KeyInput | None:
        return KeyInput()

    def note(self, text: str) -> bool:
        return False

    async def brief(self) -> str:
        return ""

    @property
    def slots(self) -> dict[str, str]:
        return {}

    def keep(self, name: str, value: str) -> None: ...

    async def warm_up(self) -> None: ...

    async def close(self) -> None: ...
