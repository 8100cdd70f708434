"""What machines, screening services, menus and people say first, in the languages we know it for.

Phrases are without accents and in lower case, as `providers.words` writes them (figures as English words,
whatever the language). `N` stands for a key, `...` for up to five words, `[...]` for words that may be
left out. A transcriber that hears only what it expects (pocketsphinx) is not told of them: it would hear them
in people's names, and a greeting is never one of them alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from media_workers.providers.words import words

Kind = Literal["machine", "screening", "menu", "human", "hold"]
"""`hold`: somebody else is coming, so that who says it is nobody to talk to."""
Table = Mapping[tuple[Kind, float], Sequence[str]]

CERTAIN: Final = 4.0
"""Nobody else says that."""
LIKELY: Final = 2.5
HINT: Final = 1.2

_KEYS: Final = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|star|pound|hash|eins|null|zwei|drei|vier|funf|sechs|"
    "sieben|acht|neun|raute|stern|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|cero|almohadilla|asterisco|"
    "un|deux|trois|quatre|cinq|sept|huit|neuf|diese|etoile"
)

_ENGLISH: Final[Table] = {
    ("machine", CERTAIN): [
        "leave ... message [after|at] [the] tone", "after the tone", "after the beep",
        "at the tone", "at the beep", "at the sound of the tone", "record your message",
        "please leave [me|us] [a|your] message", "leave a message and", "leave your name and",
        "leave me a message", "leave us a message", "leave a brief message",
        "leave a short message", "leave your message", "leave a message after",
        "has been forwarded to ... voice mail", "has been forwarded to ... voicemail",
        "forwarded to an automated voice messaging system", "automatic voice message system",
        "voice mailbox", "voice mail box", "the mailbox is full", "mailbox is full",
        "mailbox you have reached", "has a voice mailbox that has not been set up",
        "cannot accept any messages", "not accepting messages", "when you have finished recording",
        "when you are finished recording", "the wireless customer", "the subscriber you",
        "the customer you are calling", "the person you are trying to reach is not",
        "the person you have called is", "the number you have dialed",
        "the number you have dialled", "the number you are calling is", "the number you called is",
        "is no longer in service", "call cannot be completed as dialed", "reached the voicemail",
        "reached the voice mail", "you've reached the mailbox", "you have reached the mailbox",
        "welcome to the voicemail", "this is the voicemail of",
        "does not accept incoming calls", "not accepting calls",
        "this is the mailbox of",
        "answering machine of", "you know what to do", "i'll call you back as soon",
        "i will call you back as soon", "we'll call you back as soon",
        "we will call you back as soon", "get back to you as soon as",
        "return your call as soon as",
    ],
    ("machine", LIKELY): [
        "can't come to the phone", "cannot come to the phone", "can't take your call",
        "cannot take your call", "can't answer the phone", "can't get to the phone",
        "unable to take your call", "unable to answer", "unable to come to the phone",
        "leave a message", "voicemail", "voice mail", "mailbox", "get back to you",
        "missed your call", "our office is closed", "our offices are closed",
        "we are currently closed", "our office hours are", "our opening hours are",
        "no one is available to take your call", "nobody is available to take your call",
        "is not available to take your call", "return your call", "is currently unavailable",
        "away from my desk", "away from the phone", "on the other line or",
    ],
    ("machine", HINT): [
        "you have reached", "you've reached", "not available", "unavailable",
        "thank you for calling", "thanks for calling", "not home", "not here right now",
        "after hours",
    ],
    ("screening", CERTAIN): [
        "state your name", "say your name", "record your name", "say who you are",
        "who is calling and why", "state ... name and [the] reason", "reason for your call",
        "reason for calling", "why you're calling", "why you are calling", "call screening",
        "screening service", "using a screening", "screen this call", "call assist",
        "before i try to connect you", "before i connect you", "before we connect you",
        "i'll see if this person is available", "see if this person is available",
        "to see if they are available", "announce your call",
        "being screened", "tell me who is calling", "your name and why you are calling",
    ],
    ("menu", CERTAIN): [
        "press N", "press the N key", "press any key", "dial N for", "say or press", "press or say",
        "our menu options have", "menu has recently changed", "listen carefully as our",
        "main menu", "listen to the following options", "following options",
        "choose from the following", "enter ... extension", "dial ... extension", "enter your",
        "enter the N digit", "for english", "to repeat this menu",
        "dial it at any time", "know your party's extension", "marque N", "oprima N", "oprima el N",
        "to repeat these options",
        "to return to the",
    ],
    ("menu", HINT): [
        "this call may be recorded", "calls may be recorded", "may be monitored or recorded",
        "to speak with", "to speak to", "for all other", "para espanol", "welcome to",
    ],
    ("hold", CERTAIN): [
        "please hold", "please stay on the line", "please wait", "stay on the line while",
        "transferring your call", "transferring you", "connecting your call", "connecting you now",
        "try to connect you", "one moment while", "your call is being", "your call is important",
        "agents are busy", "hold the line",
    ],
    ("human", CERTAIN): [
        "would you like to leave a message", "do you want to leave a message",
        "can i take a message", "may i take a message", "shall i take a message", "who is this",
        "who's this", "who's there", "who is calling please", "who am i speaking", "who's calling",
        "what's this about", "what is this about", "can you hear me", "sorry who is",
        "is anybody there", "is anyone there", "i can't hear you", "how did you get this number",
        "are you still there", "not interested",
    ],
    ("human", LIKELY): [
        "how can i help", "how may i help", "can i help you", "what can i do for you",
        "how can we help", "how may i direct your call", "you're speaking with",
        "you are speaking with", "you're speaking to", "speaking how", "may i ask who",
        "one moment please i'll", "this is he", "this is she", "i'm driving", "i'm in a meeting",
        "hang on", "hold on a second", "he's not here", "she's not here", "wrong number",
        "call me back later", "can you call", "could you call", "yes who", "what do you want",
    ],
    ("human", HINT): ["hello", "hi there", "yeah", "yes", "speaking", "good morning", "good afternoon"],
}  # fmt: skip

_GERMAN: Final[Table] = {
    ("machine", CERTAIN): [
        "nach dem signalton", "nach dem ton", "nach dem piepton", "nach dem pieps", "nach dem piep",
        "nach dem signal", "hinterlassen sie ... nachricht", "hinterlasst ... nachricht",
        "hinterlasse ... nachricht", "nachricht hinterlassen", "eine nachricht nach",
        "sprechen sie ... auf band", "sprechen sie nach", "der teilnehmer ist",
        "teilnehmer ist ... nicht erreichbar", "der angerufene teilnehmer",
        "der gewunschte gesprachspartner", "gewahlte rufnummer", "kein anschluss unter", "mobilbox",
        "mailbox von", "die mailbox", "der anrufbeantworter", "anrufbeantworter von",
        "automatische anrufbeantworter", "anschluss ist vorubergehend nicht",
        "wir rufen sie zuruck", "ich rufe ... zuruck", "rufe sobald wie moglich zuruck",
        "mailbox ist voll", "speicher ist voll", "the person you have called is",
    ],
    ("machine", LIKELY): [
        "nicht erreichbar", "nicht ans telefon", "nicht personlich erreichbar",
        "nicht personlich entgegen", "ihren anruf nicht", "deinen anruf nicht", "anrufbeantworter",
        "mailbox", "ausserhalb unserer", "unsere geschaftszeiten", "unsere offnungszeiten",
        "leider niemand", "zur zeit nicht", "momentan nicht",
    ],
    ("machine", HINT): ["sie sind verbunden mit", "sie haben ... angerufen", "vielen dank fur ihren anruf"],
    ("screening", CERTAIN): [
        "nennen sie ... namen", "sagen sie ... namen", "sprechen sie ... namen",
        "grund ihres anrufs", "anruffilter", "bevor ich sie verbinde",
        "bevor ich versuche sie zu verbinden", "warum sie anrufen",
    ],
    ("menu", CERTAIN): [
        "drucken sie ... N", "wahlen sie ... N", "drucken sie bitte", "taste N", "oder sagen sie",
        "die N fur", "fur ... drucken", "im hauptmenu", "zum hauptmenu", "geben sie ... ein",
        "folgenden optionen",
    ],
    ("menu", HINT): ["zu schulungszwecken", "wird aufgezeichnet", "herzlich willkommen bei"],
    ("hold", CERTAIN): [
        "bitte warten", "bleiben sie in der leitung", "bleiben sie am apparat", "sie werden verbunden",
        "bitte haben sie einen moment geduld",
    ],
    ("human", CERTAIN): [
        "wer ist da", "wer spricht da", "wer ist denn da", "mit wem spreche ich", "horen sie mich",
        "kann ich etwas ausrichten", "soll ich etwas ausrichten", "worum geht es", "kein interesse",
        "ich hore sie nicht", "ist da jemand",
    ],
    ("human", LIKELY): [
        "was kann ich fur sie tun", "wie kann ich ihnen helfen", "wie kann ich helfen",
        "sie sprechen mit", "mein name ist", "am apparat", "einen moment bitte ich",
        "falsch verbunden", "am telefon guten tag",
    ],
    ("human", HINT): ["hallo", "ja bitte", "ja hallo", "guten tag", "guten morgen", "gruss gott"],
}  # fmt: skip

_SPANISH: Final[Table] = {
    ("machine", CERTAIN): [
        "despues de la senal", "despues del tono", "al oir la senal", "tras la senal",
        "despues del pitido", "deje ... mensaje", "deja ... mensaje", "dejar un mensaje despues",
        "grabe ... mensaje", "buzon de voz", "el telefono al que llama", "el numero al que llama",
        "el numero que usted marco", "el numero marcado", "apagado o fuera de cobertura",
        "fuera de servicio", "contestador automatico", "el buzon esta lleno",
        "le llamaremos lo antes", "te llamo lo antes", "le devolveremos la llamada",
        "te devolvere la llamada", "el cliente que usted",
    ],
    ("machine", LIKELY): [
        "no puedo atender", "no podemos atender", "no puedo contestar",
        "no se encuentra disponible", "no esta disponible", "no estoy disponible",
        "en este momento no", "contestador", "buzon", "horario de atencion",
    ],
    ("machine", HINT): ["ha llamado a", "has llamado a", "gracias por llamar"],
    ("screening", CERTAIN): [
        "diga su nombre", "di tu nombre", "indique su nombre", "motivo de su llamada",
        "motivo de la llamada", "filtro de llamadas", "antes de pasarle", "grabe su nombre",
        "antes de conectarle",
    ],
    ("menu", CERTAIN): [
        "pulse N", "pulse el N", "marque N", "marque el N", "presione N", "presione el N",
        "oprima N", "menu principal", "escuche ... opciones", "siguientes opciones",
        "introduzca su", "marque la extension",
    ],
    ("menu", HINT): ["puede ser grabada", "sera grabada", "bienvenido a"],
    ("hold", CERTAIN): [
        "por favor espere", "espere por favor", "no cuelgue", "permanezca a la espera", "le estamos pasando",
    ],
    ("human", CERTAIN): [
        "quien es", "quien habla", "de parte de quien", "con quien hablo", "quiere dejar un recado",
        "quiere dejar algun recado", "me oye", "me escucha", "no le oigo", "hay alguien",
        "no me interesa",
    ],
    ("human", LIKELY): [
        "en que puedo ayudarle", "en que le puedo ayudar", "en que puedo ayudar",
        "como puedo ayudarle", "le atiende", "le habla", "un momento por favor le",
        "numero equivocado",
    ],
    ("human", HINT): ["diga", "digame", "hola", "bueno", "si digame", "buenos dias", "buenas tardes", "alo"],
}  # fmt: skip

_FRENCH: Final[Table] = {
    ("machine", CERTAIN): [
        "apres le bip", "apres le signal", "apres le bip sonore", "apres la tonalite",
        "laissez ... message", "laisser un message", "laisser votre message",
        "enregistrez votre message", "boite vocale", "la messagerie de", "messagerie vocale",
        "sur le repondeur", "le repondeur de", "le numero que vous avez", "votre correspondant",
        "le correspondant que vous", "n'est plus attribue", "n'est pas attribue",
        "vous rappellerai des que", "vous rappellerons des que", "je te rappelle des que",
        "la messagerie est pleine", "messagerie de votre correspondant",
    ],
    ("machine", LIKELY): [
        "je ne suis pas disponible", "nous ne sommes pas disponibles", "n'est pas disponible",
        "pas joignable", "ne peux pas vous repondre", "ne pouvons pas vous repondre", "repondeur",
        "messagerie", "je suis absent", "nos horaires", "nos bureaux sont fermes", "indisponible",
    ],
    ("machine", HINT): ["vous etes bien", "vous etes bien chez", "merci de votre appel"],
    ("screening", CERTAIN): [
        "dites votre nom", "indiquez votre nom", "donnez votre nom", "enonce votre nom",
        "votre nom et la raison", "la raison de votre appel", "le motif de votre appel", "filtrage",
        "avant de vous mettre en relation",
    ],
    ("menu", CERTAIN): [
        "tapez N", "tapez sur N", "appuyez sur", "faites le N", "composez le N", "menu principal",
        "ecoutez ... choix", "choix suivants", "options suivantes", "saisissez votre",
        "dites ou tapez",
    ],
    ("menu", HINT): ["susceptible d'etre enregistre", "peut etre enregistre", "bienvenue chez"],
    ("hold", CERTAIN): [
        "veuillez patienter", "merci de patienter", "restez en ligne", "nous vous mettons en relation",
    ],
    ("human", CERTAIN): [
        "qui est a l'appareil", "c'est qui", "qui est la", "c'est de la part de qui",
        "a qui ai je l'honneur", "vous m'entendez", "je ne vous entends pas",
        "voulez vous laisser un message", "il y a quelqu'un", "pas interesse",
    ],
    ("human", LIKELY): [
        "que puis je faire", "en quoi puis je vous aider", "comment puis je vous aider",
        "puis je vous aider", "a votre ecoute", "a l'appareil", "ne quittez pas je",
        "vous avez fait un faux numero",
    ],
    ("human", HINT): ["allo", "oui allo", "oui bonjour", "bonjour", "oui j'ecoute", "j'ecoute"],
}  # fmt: skip

LANGUAGES: Final[Mapping[str, Table]] = {
    "en": _ENGLISH,
    "de": _GERMAN,
    "es": _SPANISH,
    "fr": _FRENCH,
}


NO_MESSAGE: Final = frozenset(
    {
        *("the mailbox is full", "mailbox is full", "cannot accept any messages", "not accepting messages"),
        *("has a voice mailbox that has not been set up", "is no longer in service"),
        "the number you have dialed",
        *("the number you have dialled", "call cannot be completed as dialed", "the number you called is"),
        *("mailbox ist voll", "speicher ist voll", "kein anschluss unter", "gewahlte rufnummer"),
        *("el buzon esta lleno", "el numero que usted marco", "el numero marcado", "fuera de servicio"),
        *("la messagerie est pleine", "n'est plus attribue", "n'est pas attribue"),
    }
)
"""Machines that say this take no message."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A phrase that was heard, and whom it speaks for. `at`: index of its first word."""

    kind: Kind
    weight: float
    phrase: str
    at: int


@dataclass(frozen=True, slots=True)
class _Phrase:
    kind: Kind
    weight: float
    pattern: re.Pattern[str]


def signs_in(text: str, language: str) -> list[Sign]:
    """Every phrase in `text`, each once, but not one inside another. English is known everywhere, because
    carriers speak it."""
    said = " ".join(words(text))
    if not said:
        return []
    found = [
        (match.start(), match.end(), phrase)
        for phrase in _phrases(language.partition("-")[0])
        if (match := phrase.pattern.search(said)) is not None
    ]
    found.sort(key=lambda item: (item[0] - item[1], -item[2].weight))
    kept: list[tuple[int, int, _Phrase]] = []
    for start, end, phrase in found:
        if not any(start >= a and end <= b for a, b, _ in kept):
            kept.append((start, end, phrase))
    return [
        Sign(p.kind, p.weight, said[a:b], said.count(" ", 0, a))
        for a, b, p in sorted(kept, key=lambda k: k[0])
    ]


@lru_cache
def _phrases(family: str) -> tuple[_Phrase, ...]:
    tables = [_ENGLISH] if family == "en" else [LANGUAGES.get(family, {}), _ENGLISH]
    return tuple(
        _Phrase(kind, weight, _pattern(phrase))
        for table in tables
        for (kind, weight), phrases in table.items()
        for phrase in phrases
    )


def _pattern(phrase: str) -> re.Pattern[str]:
    regex = r"\b"
    for number, part in enumerate(phrase.split()):
        last = number == len(phrase.split()) - 1
        if part == "...":
            regex += r"(?:\S+ ){0,5}?"
        elif part.startswith("["):
            regex += rf"(?:(?:{part[1:-1]})\b ?)?"
        else:
            regex += (rf"(?:{_KEYS})" if part == "N" else re.escape(part)) + (r"\b" if last else " ")
    return re.compile(regex)
