"""Yes or no, as the answer to a question."""

from __future__ import annotations

from apps.analysis.rules.found import Found, Setting
from apps.analysis.text import Word, folded, places, words

# fmt: off
_YES = {
    "en": [
        "yes", "yeah", "yep", "yup", "yes please", "sure", "of course", "correct", "that's correct",
        "right", "that's right", "okay", "ok", "exactly", "absolutely", "please do", "i do", "i am",
        "i have", "i did", "i would", "i will", "i can", "definitely", "certainly", "go ahead",
        "no problem", "not a problem", "why not", "sounds good", "that works", "that's fine",
        "i think so", "i guess so", "uh huh", "affirmative", "i don't mind", "all right", "alright",
        "for sure", "indeed"
    ],
    "de": ["ja", "jawohl", "genau", "richtig", "gerne", "natürlich", "okay", "klar", "stimmt", "doch",
           "kein problem", "selbstverständlich"],
    "es": ["sí", "claro", "correcto", "vale", "por supuesto", "exacto", "de acuerdo", "sin problema"],
    "fr": ["oui", "ouais", "bien sûr", "d'accord", "exact", "exactement", "tout à fait", "pas de problème"],
}
_NO = {
    "en": ["no", "nope", "nah", "never", "not really", "no thanks", "no thank you", "not now", "wrong",
           "i don't", "i do not", "incorrect", "i didn't", "i did not", "i haven't", "i have not", "i'm not",
           "i am not", "i won't", "i will not", "i can't", "i cannot", "i don't think so",
           "not at all", "not yet",
           "that's wrong", "not correct", "not right", "no way", "absolutely not", "definitely not",
           "certainly not", "of course not", "i wouldn't", "i'd rather not", "not interested", "not ok",
           "not okay", "not sure about that"],
    "de": ["nein", "nee", "nö", "nicht", "falsch", "auf keinen fall", "niemals"],
    "es": ["no", "nunca", "incorrecto", "para nada"],
    "fr": ["non", "jamais", "faux", "pas du tout", "pas"],
}
_NEITHER = {
    "en": [
        "i don't know", "i do not know", "not sure", "no idea", "i'm not sure", "maybe", "perhaps",
        "i don't remember", "i don't understand", "you know", "right now", "right away",
        "all right then", "know if", "i do have a question", "no one", "never mind", "yes or no",
        "right after", "right before"
    ],
    "de": ["weiß nicht", "weiß ich nicht", "keine ahnung", "vielleicht"],
    "es": ["no sé", "no lo sé", "quizás", "tal vez"],
    "fr": ["je ne sais pas", "sais pas", "peut-être"],
}
# fmt: on
TONGUES = frozenset(_YES)
DOES_NOT_KNOW = [phrase for phrases in _NEITHER.values() for phrase in phrases[:4]]


def find(text: str, setting: Setting) -> list[Found]:
    """True or False by what `text` says first, at most one. Longer phrases count before shorter ones: ``no
    problem`` is a yes."""
    tongue = setting.tongue
    if tongue not in TONGUES:
        return []
    said = words(text)
    taken = [False] * len(said)
    told: list[tuple[int, int, bool | None]] = []
    for value, phrase in _phrases(tongue):
        for i, j in places(said, phrase):
            if not any(taken[i:j]):
                taken[i:j] = [True] * (j - i)
                told.append((i, j, value))
    return _first(said, sorted(told))


def _phrases(tongue: str) -> list[tuple[bool | None, tuple[str, ...]]]:
    if tongue not in _sorted:
        tables: list[tuple[bool | None, dict[str, list[str]]]] = [
            (None, _NEITHER),
            (True, _YES),
            (False, _NO),
        ]
        found = [(value, folded(phrase)) for value, table in tables for phrase in table[tongue]]
        _sorted[tongue] = sorted(found, key=lambda one: -len(one[1]))
    return _sorted[tongue]


_sorted: dict[str, list[tuple[bool | None, tuple[str, ...]]]] = {}


def _first(said: list[Word], told: list[tuple[int, int, bool | None]]) -> list[Found]:
    """The first that is one or the other; less sure when it comes late, or when the opposite follows."""
    clear = [(i, j, value) for i, j, value in told if value is not None]
    if not clear:
        return []
    i, j, value = clear[0]
    sure = 0.95 if i <= 2 else 0.75
    if any(other != value for *_, other in clear[1:]):
        sure *= 0.6
    if any(other is None for *_, other in told):
        sure *= 0.6
    return [Found(value, said[i].start, said[j - 1].end, sure)]
