"""A labelled set of openings: what is heard when a telephone is answered, by whom, and how it is said.

Spoken by flite in five voices and at several speeds, with tones, pauses, background noise and levels of its
own, through 8 kHz mu-law. Deterministic. The words come with their times, as a transcriber would give them.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from media_workers.audio import mulaw
from media_workers.providers.base import FRAME_BYTES, FRAME_MS, VoiceSettings
from media_workers.providers.tts.flite import FliteTextToSpeech
from media_workers.sandbox.mouth import trim

Samples = npt.NDArray[np.float64]
AFTERWARDS_MS = 3_000
"""Silence that follows: whoever it was waits, or records."""


@dataclass(frozen=True)
class Tones:
    """`hz` sound together for `ms`."""

    hz: tuple[float, ...]
    ms: int


@dataclass(frozen=True)
class Opening:
    """`parts`: texts, pauses in ms, tones. `noise`: RMS of the background in 16-bit units; `db`: level."""

    label: str
    name: str
    parts: tuple[str | int | Tones, ...]
    voice: str = "rms"
    speed: float = 1.0
    noise: float = 12.0
    db: float = 0.0
    babble: bool = False


@dataclass(frozen=True)
class Rendered:
    """`frames`: 20 ms each. `words`: utterances with their beginning and end in ms."""

    opening: Opening
    frames: list[bytes]
    words: list[tuple[int, int, str]]


def beep(hz: float = 1000, ms: int = 500) -> Tones:
    return Tones((hz,), ms)


def _human(name: str, *parts: str | int | Tones, **how: object) -> Opening:
    return Opening("human", name, parts, **how)  # type: ignore[arg-type]


def _machine(name: str, *parts: str | int | Tones, **how: object) -> Opening:
    return Opening("machine", name, parts, **how)  # type: ignore[arg-type]


def _screening(name: str, *parts: str | int | Tones, **how: object) -> Opening:
    return Opening("screening", name, parts, **how)  # type: ignore[arg-type]


def _menu(name: str, *parts: str | int | Tones, **how: object) -> Opening:
    return Opening("menu", name, parts, **how)  # type: ignore[arg-type]


DOCTOR = "Doctor Lee's office. The doctor is not available, can I take a message?"
SHE_ASKS = "She is out today. Would you like to leave a message?"
NOT_HERE = "I am not here. Leave a message after the beep."
GARAGE = "Good morning and thank you for calling Riverside Auto Repair, my name is Bob."
TELEVISION = "Hello? Hang on, let me turn down the television. Okay, who is this?"
FOOLED = "Hello? Hello? Ha, fooled you, I'm not really here. Leave a message."
MISSED = (
    "We are sorry we missed your call. Please leave a detailed message with your phone number, and "
    "someone will return your call shortly."
)
LAWYERS = "You have reached the law office of Parker and Stone. We are unable to answer at this time."
NO_INCOMING = "At the subscriber's request, this phone does not accept incoming calls. Goodbye."
SCREEN_RECORD = "Hi, if you record your name and reason for calling, I'll see if this person is available."
MENU_EXTENSION = (
    "Thank you for calling Acme. If you know your party's extension, you may dial it at any time. "
    "Para espanol, oprima el dos."
)
MENU_PHARMACY = "Hello and welcome to the pharmacy. To refill a prescription, say refill, or press one."
BAKERY = "Good morning, Miller's bakery, you're speaking with Anna, how may I help you?"
CLINIC = (
    "Thank you for calling Green Street dental clinic, this is the front desk, what can I do for you today?"
)
OFFICE = "Good afternoon, Henderson and sons, accounts department, Margaret speaking."
PERSONAL = (
    "Hi, you've reached Tom. I can't come to the phone right now. Please leave your name and number "
    "after the beep, and I'll call you back as soon as I can."
)
FAMILY = (
    "Hello, this is the Baker family. We are not home at the moment. Leave us a message and we will "
    "get back to you."
)
CARRIER = (
    "Your call has been forwarded to an automated voice messaging system. Two zero two, five five "
    "five, zero one four four, is not available. At the tone, please record your message. When you "
    "have finished recording, you may hang up, or press one for more options."
)
SUBSCRIBER = "The person you are trying to reach is not available. Please leave a message after the tone."
OUT_OF_HOURS = (
    "Thank you for calling Northside insurance. Our office is closed. Our opening hours are Monday to"
    " Friday, from nine to five. Please leave a message and we will return your call on the next "
    "business day."
)
FULL = (
    "Hello. You have reached the mailbox of Sarah Cole. The mailbox is full, and cannot accept any "
    "messages at this time. Goodbye."
)
NOT_IN_SERVICE = (
    "We're sorry. The number you have dialed is no longer in service. Please check the number and try again."
)
SCREEN = (
    "Hi. The person you are calling is using a screening service. Please say your name, and why you "
    "are calling, before I try to connect you."
)
SCREEN_SHORT = "Please state your name after the tone, and I'll see if this person is available."
MENU = (
    "Welcome to Northside insurance. For sales, press one. For claims, press two. For all other "
    "questions, press three, or stay on the line."
)
MENU_LANGUAGES = "Thank you for calling City Bank. For English, press one. Para espanol, marque dos."
MENU_LISTEN = (
    "Please listen carefully as our menu options have changed. If you know your party's extension, "
    "dial it now. For billing, press two."
)

BEEPS = (("rms", 1000, 500), ("awb", 1400, 300), ("slt", 440, 800), ("kal16", 2000, 200), ("kal", 620, 1000))
SIT = (Tones((985.2,), 380), Tones((1370.6,), 274), Tones((1776.7,), 380))

OPENINGS: tuple[Opening, ...] = (
    # People: a word.
    *(
        _human(f"hello, {voice}", 700 + 150 * n, "Hello?", voice=voice)
        for n, voice in enumerate(("rms", "awb", "slt", "kal16", "kal"))
    ),
    _human("hello at once", 120, "Hello?", voice="slt", speed=1.2),
    _human("hello, loud room", 600, "Hello?", voice="rms", noise=350, db=-3),
    _human("hello, in a crowd", 600, "Hello?", voice="slt", babble=True),
    _human("hello, soft", 800, "Hello?", voice="awb", db=-18, noise=20),
    _human("yes", 900, "Yes?", voice="rms"),
    _human("yes please", 500, "Yes, please?", voice="kal16", speed=0.9),
    _human("a name", 800, "Peter Baker.", voice="awb"),
    _human("name speaking", 900, "Sarah Cole speaking.", voice="slt"),
    _human("hi this is", 700, "Hi, this is Tom.", voice="rms"),
    # People: slow, twice, confused.
    _human("slow answer", 3_200, "Hello?", voice="rms"),
    _human("very slow answer", 4_800, "Yes, hello?", voice="slt"),
    _human("slow in noise", 3_500, "Hello?", voice="awb", noise=300),
    _human("hello twice", 800, "Hello?", 1_300, "Hello?", voice="rms"),
    _human("hello three times", 700, "Hello?", 1_200, "Hello?", 1_400, "Is anybody there?", voice="slt"),
    _human("hello who is this", 900, "Hello?", 900, "Who is this?", voice="awb"),
    _human("who is calling", 1_000, "Who's calling please?", voice="slt"),
    _human("cannot hear", 600, "Hello? I can't hear you.", 1_000, "Hello?", voice="rms", noise=150),
    _human("picks up the receiver", 300, Tones((0.0,), 60), 900, "Hello?", voice="kal16"),
    _human("breathless", 700, "Hang on a second.", 1_500, "Okay. Hello?", voice="slt", speed=1.15),
    _human("driving", 800, "Hello? I'm driving, can you call me back later?", voice="rms", noise=250),
    _human("in a meeting", 500, "I'm in a meeting, I'll call you back.", voice="awb", speed=1.2),
    # People: companies.
    _human("bakery", 500, BAKERY, voice="slt"),
    _human("bakery, fast", 400, BAKERY, voice="awb", speed=1.25),
    _human("bakery, slow", 600, BAKERY, voice="rms", speed=0.9),
    _human("bakery, noisy", 500, BAKERY, voice="kal16", noise=300, db=-4),
    _human("clinic", 600, CLINIC, voice="slt", speed=1.05),
    _human("clinic, rms", 600, CLINIC, voice="rms", speed=1.1),
    _human("office", 700, OFFICE, voice="slt"),
    _human("office, awb", 400, OFFICE, voice="awb"),
    _human("not available but here", 500, DOCTOR, voice="slt"),
    _human("leave a message, she asks", 600, SHE_ASKS, voice="slt"),
    _human("help desk", 500, "Technical support, my name is Alan, how can I help?", voice="rms", speed=1.1),
    _human("restaurant, babble", 800, "Good evening, restaurant Bellini.", voice="awb", babble=True),
    # People, written after the rules.
    _human("residence", 600, "Johnson residence.", voice="slt"),
    _human("what's up", 900, "Hey, what's up?", voice="rms"),
    _human("garage", 400, GARAGE, voice="rms"),
    _human("library", 500, "City library, information desk, good afternoon.", voice="kal16"),
    _human("um", 2_500, "Um, hello? Yes?", voice="awb", noise=200),
    _human("television", 700, TELEVISION, voice="slt"),
    _human("speaking", 700, "Speaking.", voice="awb"),
    _human("about to leave", 300, "Hi mom, I'm just about to leave, what is it?", voice="slt", speed=1.2),
    _human("police", 600, "Police department, is this an emergency?", voice="rms"),
    _human(
        "nobody there",
        800,
        "Hello hello?",
        600,
        "Can you hear me?",
        1_500,
        "I think it's nobody.",
        voice="kal",
    ),
    # Machines of people.
    *(
        _machine(f"personal, {voice}", 600, PERSONAL, 500, beep(hz, ms), voice=voice)
        for voice, hz, ms in BEEPS
    ),
    _machine("personal, noisy", 500, PERSONAL, 400, beep(), voice="rms", noise=250, db=-6),
    _machine("personal, fast", 300, PERSONAL, 900, beep(800, 250), voice="slt", speed=1.25),
    _machine("personal, double beep", 400, FAMILY, 600, beep(1000, 150), 120, beep(1000, 150), voice="awb"),
    _machine("family, chord", 600, FAMILY, 300, Tones((800, 1300), 400), voice="rms"),
    _machine("family, no beep", 600, FAMILY, voice="slt"),
    _machine("hello, then the rest", 500, "Hello.", 900, NOT_HERE, 500, beep(950, 400), voice="rms"),
    _machine("short", 500, "This is Jim. You know what to do.", 400, beep(1000, 700), voice="awb"),
    _machine("shortest", 700, "Leave a message.", 300, beep(1400, 400), voice="kal16"),
    _machine("only a name", 800, "Sarah Cole.", 1_000, beep(1000, 600), voice="slt"),
    _machine("only a beep", 1_200, beep(1000, 800)),
    _machine(
        "long beep", 500, "Please leave your message after the tone.", 600, beep(440, 1800), voice="rms"
    ),
    _machine(
        "jenny",
        500,
        "Hey it's Jenny. I'm ignoring you. Leave one at the beep.",
        400,
        beep(1200, 300),
        voice="slt",
    ),
    _machine("fooled you", 500, FOOLED, 600, beep(900, 350), voice="rms"),
    # Machines of carriers and companies.
    *(
        _machine(f"carrier, {voice}", 400, CARRIER, 600, beep(1000, 400), voice=voice, speed=speed)
        for voice, speed in (("slt", 1.0), ("rms", 1.1), ("kal", 1.0))
    ),
    _machine("subscriber", 500, SUBSCRIBER, 700, beep(1400, 500), voice="slt"),
    _machine("subscriber, soft", 500, SUBSCRIBER, 700, beep(1400, 500), voice="awb", db=-16),
    _machine("out of hours", 500, OUT_OF_HOURS, 500, beep(800, 500), voice="rms"),
    _machine("out of hours, no beep", 500, OUT_OF_HOURS, voice="slt"),
    _machine("missed your call", 400, MISSED, 800, beep(700, 400), voice="rms"),
    _machine("law office", 500, LAWYERS, 700, beep(440, 600), voice="awb"),
    _machine("no incoming calls", 600, NO_INCOMING, voice="slt"),
    _machine("full mailbox", 500, FULL, voice="slt"),
    _machine("full mailbox, kal", 500, FULL, voice="kal16"),
    _machine("not in service", 300, *SIT, 300, NOT_IN_SERVICE, voice="slt"),
    _machine("fax", 1_500, Tones((2100.0,), 3000)),
    # Screening.
    *(_screening(f"assistant, {voice}", 500, SCREEN, voice=voice) for voice in ("slt", "rms", "awb")),
    _screening("assistant, noisy", 500, SCREEN, voice="slt", noise=200, db=-5),
    _screening("short", 700, SCREEN_SHORT, 300, beep(1000, 300), voice="slt"),
    _screening("short, awb", 700, SCREEN_SHORT, voice="awb", speed=1.1),
    _screening("record your name", 500, SCREEN_RECORD, voice="slt"),
    _screening(
        "being screened", 500, "This call is being screened. Please tell me who is calling.", voice="rms"
    ),
    # Menus.
    _menu("extension", 500, MENU_EXTENSION, voice="slt"),
    _menu("pharmacy", 500, MENU_PHARMACY, voice="awb"),
    *(_menu(f"insurance, {voice}", 500, MENU, voice=voice) for voice in ("slt", "rms", "kal16")),
    _menu("bank", 600, MENU_LANGUAGES, voice="slt"),
    _menu("bank, awb", 600, MENU_LANGUAGES, voice="awb", speed=1.15),
    _menu("listen carefully", 400, MENU_LISTEN, voice="slt"),
    _menu("listen carefully, noisy", 400, MENU_LISTEN, voice="rms", noise=200),
)


@lru_cache
def rendered() -> list[Rendered]:
    """The whole set."""
    return asyncio.run(_all(OPENINGS))


async def _all(openings: Sequence[Opening]) -> list[Rendered]:
    flite, some = FliteTextToSpeech(), asyncio.Semaphore(4)

    async def one(opening: Opening) -> Rendered:
        async with some:
            return await _render(opening, flite)

    return list(await asyncio.gather(*(one(opening) for opening in openings)))


async def _render(opening: Opening, flite: FliteTextToSpeech) -> Rendered:
    random = np.random.default_rng(int.from_bytes(hashlib.sha256(opening.name.encode()).digest()[:4], "big"))
    pieces: list[Samples] = []
    words, at_ms = [], 0
    for part in opening.parts:
        piece = await _part(part, opening, flite, random)
        if isinstance(part, str):
            words.append((at_ms, at_ms + len(piece) // 8, part))
        pieces.append(piece)
        at_ms += len(piece) // 8
    whole = np.concatenate([*pieces, np.zeros(8 * AFTERWARDS_MS)]) * 10 ** (opening.db / 20)
    whole += random.normal(0, opening.noise, len(whole))
    if opening.babble:
        whole += await _babble(len(whole), flite)
    whole = np.concatenate([whole, np.zeros(-len(whole) % 160)])
    pcm = mulaw.decode(mulaw.encode(np.clip(whole, -32_000, 32_000).astype("<i2").tobytes()))
    return Rendered(opening, [pcm[i : i + FRAME_BYTES] for i in range(0, len(pcm), FRAME_BYTES)], words)


async def _part(
    part: str | int | Tones, opening: Opening, flite: FliteTextToSpeech, random: np.random.Generator
) -> Samples:
    if isinstance(part, int):
        return np.zeros(8 * part)
    if isinstance(part, str):
        return await _speech(part, opening.voice, opening.speed, flite)
    time = np.arange(8 * part.ms) / 8_000
    if part.hz == (0.0,):
        return random.normal(0, 2_500, len(time))
    return np.sum([6_000 / len(part.hz) * np.sin(2 * np.pi * hz * time) for hz in part.hz], axis=0)


async def _speech(text: str, voice: str, speed: float, flite: FliteTextToSpeech) -> Samples:
    pcm = b"".join([c async for c in flite.speak(text, VoiceSettings(voice, speed)) if isinstance(c, bytes)])
    return np.frombuffer(trim(pcm), "<i2").astype(np.float64)


async def _babble(samples: int, flite: FliteTextToSpeech) -> Samples:
    """Other people, somewhere behind: two voices, 22 dB softer."""
    voices = [await _speech(CARRIER, "kal", 1.0, flite), await _speech(OUT_OF_HOURS, "awb", 1.1, flite)]
    return np.sum([0.08 * np.resize(voice, samples) for voice in voices], axis=0)


def spoken_ms(rendered: Rendered) -> int:
    return sum(end - begin for begin, end, _ in rendered.words)


def length_ms(rendered: Rendered) -> int:
    return len(rendered.frames) * FRAME_MS
