"""Words that tell, in the languages we know them for. All without accents and in lower case, as
`providers.words` writes them."""

from __future__ import annotations

from dataclasses import dataclass

_EN_OPEN = (
    "and, but, or, nor, because, if, when, while, although, though, unless, until, which, whose, than, "
    "as, the, a, an, my, your, our, their, its, every, to, for, with, at, in, on, of, from, by, about, "
    "into, onto, between, without, during, before, after, under, near, and then, so that, i, i'm, i'd, "
    "i'll, i've, we're, we'd, we'll, there's, let's, name is, number is, address is, i would like, i'd "
    "like, i want, i need, i am, i was, this is, it's, can you, could you, can i, could i, would you, "
    "do you, is there, are there, do you have, very"
)
_EN_STRANDED = (
    "to, for, with, at, in, on, of, from, by, about, before, after, under, near, if, when, i want, "
    "i need, i am, i was, i'd like, i would like, can you, could you, can i, could i, would you, do you, "
    "do you have, is there, are there, it's, this is"
)
_DE_OPEN = (
    "und, aber, oder, weil, dass, ob, wenn, damit, obwohl, sondern, denn, sowie, der, dem, den, des, "
    "ein, eine, einen, einem, einer, eines, mein, meine, meinen, meinem, meiner, ihre, ihren, unser, "
    "unsere, kein, keine, keinen, in, im, am, bei, beim, von, vom, zum, zur, fur, zwischen, ohne, "
    "gegen, seit, wahrend, wegen, hinter, ich mochte, ich hatte, ich habe, ich bin, ich brauche, mein "
    "name ist, ich heisse, nummer ist, adresse ist, das ist, es ist, konnen sie, kann ich, gibt es, "
    "haben sie, sehr, ganz, etwa, ungefahr, und dann"
)
_DE_STRANDED = (
    "ich habe, ich bin, ich brauche, es ist, haben sie, konnen sie, kann ich, gibt es, der, den, ein"
)
_ES_OPEN = (
    "y, e, o, u, pero, porque, que, aunque, mientras, sino, pues, el, la, los, las, un, una, unos, "
    "unas, mis, tus, su, sus, nuestro, nuestra, a, de, del, al, en, con, por, para, sin, sobre, entre, "
    "hasta, desde, hacia, segun, contra, yo, quiero, quisiera, necesito, tengo, me llamo, nombre es, "
    "numero es, direccion es, muy, casi, puede, podria, hay, mi"
)
_ES_STRANDED = "que, mi, puede, hay, quiero, la, el, yo"
_FR_OPEN = (
    "et, ou, mais, donc, car, que, qui, si, parce que, lorsque, dont, le, la, les, l, un, une, des, du, "
    "de, d, mon, ma, mes, ton, ta, tes, son, sa, ses, notre, votre, leur, leurs, ce, cet, cette, ces, "
    "au, aux, en, dans, sur, sous, avec, sans, pour, par, chez, vers, entre, jusqu, depuis, pendant, "
    "je, j, je voudrais, je veux, j'ai, je suis, je m'appelle, nom est, numero est, adresse est, c'est, "
    "est ce que, pouvez vous, tres, a"
)
_FR_STRANDED = "ou, qui, si, la, pour, avec, ce, car, a, sur, sous, dans"


@dataclass(frozen=True, slots=True)
class Phrases:
    """Of one language. `hesitations` and `open`: what a caller who goes on ends with; `stranded`: those of
    them that a sentence may well end with, too. `closing`: whole turns that are complete without a full stop.
    `letters`: single letters that are words. `digits`: names of the figures; `digit_word`: what a question
    for figures calls them. `backchannels`: said while listening."""

    hesitations: frozenset[str]
    open: frozenset[str]
    stranded: frozenset[str]
    closing: frozenset[str]
    letters: frozenset[str]
    digits: frozenset[str]
    digit_word: str
    numbers: tuple[str, ...]
    backchannels: frozenset[str]


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _list(text: str) -> frozenset[str]:
    return frozenset(p.strip() for p in text.split(","))


_SOUNDS = "mhm, mm hm, mm, mmm, hm, hmm, uh huh, uhuh, aha, ah, oh"

ENGLISH = Phrases(
    hesitations=_list(
        "um, umm, uh, uhm, er, erm, hmm, hm, mm, you know, let me see, let me think, "
        "let's see, one moment, one second, just a moment, hold on, i mean, kind of, sort of"
    ),
    open=_list(_EN_OPEN),
    stranded=_list(_EN_STRANDED),
    closing=_list(
        "yes please, no thanks, no thank you, thank you, thanks, thank you very much, thanks a lot, "
        "that's all, that is all, that's it, that's right, that is right, that's correct, correct, "
        "exactly, bye, goodbye, bye bye, thank you bye, thank you goodbye, nothing else"
    ),
    letters=_set("a i"),
    digits=_set("zero oh one two three four five six seven eight nine double triple"),
    digit_word="digits?|figures?|numbers?",
    numbers=_words("one two three four five six seven eight nine ten eleven twelve"),
    backchannels=_list(
        f"{_SOUNDS}, yes, yeah, yep, yup, okay, ok, right, sure, i see, got it, alright, all right, "
        "good, great, fine, cool, oh okay, yes yes, okay okay, exactly, really, wow"
    ),
)
GERMAN = Phrases(
    hesitations=_list(
        "ah, ahm, ahh, eh, ehm, hm, hmm, mm, also, naja, na ja, tja, moment, einen moment, sekunde, "
        "wie soll ich sagen, sagen wir, mal sehen"
    ),
    open=_list(_DE_OPEN),
    stranded=_list(_DE_STRANDED),
    closing=_list(
        "ja bitte, nein danke, danke, vielen dank, danke schon, das ist alles, das war's, das wars, "
        "das stimmt, stimmt, richtig, genau, tschuss, auf wiederhoren, auf wiedersehen, nichts "
        "weiter"
    ),
    letters=frozenset(),
    digits=_set("null eins zwei zwo drei vier funf sechs sieben acht neun doppel"),
    digit_word="stellen|stellige[nrs]?|ziffern?|zahlen",
    numbers=_words("ein zwei drei vier funf sechs sieben acht neun zehn elf zwolf"),
    backchannels=_list(
        f"{_SOUNDS}, ja, ja ja, jaja, ja genau, okay, ok, genau, gut, alles klar, klar, verstehe, "
        "ach so, achso, richtig, stimmt, aha okay, na klar, echt, super"
    ),
)
SPANISH = Phrases(
    hesitations=_list(
        "eh, em, ehm, mm, hm, hmm, pues, a ver, o sea, un momento, un segundo, dejame ver, dejeme ver"
    ),
    open=_list(_ES_OPEN),
    stranded=_list(_ES_STRANDED),
    closing=_list(
        "si por favor, no gracias, gracias, muchas gracias, eso es todo, nada mas, correcto, "
        "exacto, asi es, adios, hasta luego"
    ),
    letters=_set("a e o u y"),
    digits=_set("cero uno dos tres cuatro cinco seis siete ocho nueve doble"),
    digit_word="digitos?|cifras?|numeros?",
    numbers=_words("un dos tres cuatro cinco seis siete ocho nueve diez once doce"),
    backchannels=_list(
        f"{_SOUNDS}, si, si si, vale, ok, okay, claro, ya, ya veo, entiendo, de acuerdo, bien, aja, "
        "bueno, perfecto, exacto"
    ),
)
FRENCH = Phrases(
    hesitations=_list(
        "euh, heu, hum, hm, hmm, mm, ben, bah, alors, voyons, attendez, un instant, une "
        "seconde, un moment, disons"
    ),
    open=_list(_FR_OPEN),
    stranded=_list(_FR_STRANDED),
    closing=_list(
        "oui s'il vous plait, non merci, merci, merci beaucoup, c'est tout, c'est ca, c'est exact, "
        "exactement, au revoir, rien d'autre"
    ),
    letters=_set("a y"),
    digits=_set("zero un deux trois quatre cinq six sept huit neuf double"),
    digit_word="chiffres?|numeros?",
    numbers=_words("un deux trois quatre cinq six sept huit neuf dix onze douze"),
    backchannels=_list(
        f"{_SOUNDS}, oui, ouais, oui oui, d'accord, ok, okay, je vois, bien, tres bien, exact, voila, "
        "ah bon, ah oui, bien sur, mmh"
    ),
)
LANGUAGES = {"en": ENGLISH, "de": GERMAN, "es": SPANISH, "fr": FRENCH}

_NONE: frozenset[str] = frozenset()
UNKNOWN = Phrases(_list(_SOUNDS), _NONE, _NONE, _NONE, _NONE, _NONE, "", (), _list(f"{_SOUNDS}, ok, okay"))
"""Of a language that we have no list for: only sounds, punctuation and figures tell."""


def phrases_of(language: str) -> Phrases:
    """By the language's first part: `de-AT` is German."""
    return LANGUAGES.get(language.partition("-")[0], UNKNOWN)
