"""The magic numbers: which telephone stands behind each, and what happens when it is called.

The one table of the sandbox. The numbers lie in the range that is reserved for fiction (+1 202 555
0100 to 0199). docs/guides/sandbox.md shows the same table; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass

from media_workers.contract.simulation import TOLD_PHONE
from media_workers.sandbox import answerers
from media_workers.sandbox.script import (
    AwaitSpeech,
    Beep,
    HangUp,
    Listen,
    Press,
    Say,
    Script,
    Wait,
    WaitForEnd,
)


@dataclass(frozen=True, slots=True)
class Refuses:
    """The carrier or the phone ends the attempt with this final response after ringing `ring_ms`."""

    code: int
    reason: str
    ring_ms: int = 0


@dataclass(frozen=True, slots=True)
class RingsOut:
    """180 for as long as the caller waits; 487 when it cancels."""


@dataclass(frozen=True, slots=True)
class Answers:
    """200 after ringing `ring_ms`, then `script`. `sends_rtp` false: not one packet is sent."""

    script: Script
    ring_ms: int = 1_000
    sends_rtp: bool = True


@dataclass(frozen=True, slots=True)
class Asks:
    """200 after ringing `ring_ms`, then what the control plane tells for this call (`told`)."""

    ring_ms: int = 500


@dataclass(frozen=True, slots=True)
class Phone:
    """One number: its name, what the caller will see in one sentence, and how it behaves."""

    number: str
    name: str
    outcome: str
    does: Refuses | RingsOut | Answers | Asks


_MAILBOX_LIMIT_MS = 60_000

_TALKS = Script(
    voice="rms",
    steps=[
        Listen(required=False, limit_ms=4_000),
        Say(text="Yes please."),
        Listen(),
        Say(text="Yes, I will be there."),
        Listen(),
        Say(text="No thank you. Goodbye."),
        WaitForEnd(limit_ms=8_000, required=False),
    ],
)
_SLOW = Script(voice="awb", steps=[Say(text="Hello?"), WaitForEnd(limit_ms=20_000, required=False)])
_KEYS = Script(
    voice="rms",
    steps=[
        Listen(required=False, limit_ms=4_000),
        Press(digits="1"),
        WaitForEnd(limit_ms=20_000, required=False),
    ],
)
_LEAVES = Script(voice="rms", steps=[AwaitSpeech(for_ms=600), HangUp()])
_NEVER_AGAIN = Script(
    voice="rms",
    steps=[
        Listen(required=False, limit_ms=4_000),
        Say(text="Please do not call me again."),
        Listen(),
        Say(text="Thank you. Goodbye."),
        WaitForEnd(limit_ms=8_000, required=False),
    ],
)
_LATER = Script(
    voice="rms",
    steps=[
        Listen(required=False, limit_ms=4_000),
        Say(text="I am busy now. Please call me back in two minutes."),
        Listen(),
        Say(text="Thank you. Goodbye."),
        WaitForEnd(limit_ms=8_000, required=False),
    ],
)
_VOICEMAIL = Script(
    voice="awb",
    steps=[
        Say(text="Hello. I cannot take your call right now. Please leave a message after the tone."),
        Wait(ms=300),
        Beep(hz=1_000, ms=500),
        WaitForEnd(limit_ms=_MAILBOX_LIMIT_MS, required=False),
    ],
)
_MUTE = Script(steps=[WaitForEnd(limit_ms=60_000, required=False)])

_BRIEFED = Listen(limit_ms=20_000)
_STAYS = WaitForEnd(limit_ms=60_000, required=False)
_ACCEPTS = Script(
    voice="awb",
    steps=[
        Say(text="Hello?"),
        _BRIEFED,
        Say(text="Yes please."),
        Listen(required=False, limit_ms=3_000),
        Say(text="This is the front desk. How can I help?"),
        _STAYS,
    ],
)
_DECLINES = Script(voice="awb", steps=[_BRIEFED, Say(text="No thank you."), _STAYS])
_ACCEPTS_BY_KEY = Script(voice="awb", steps=[_BRIEFED, Press(digits="1"), _STAYS])
_SLOW_YES = Script(
    voice="awb", steps=[Say(text="Hello?"), _BRIEFED, Wait(ms=3_000), Say(text="Yes."), _STAYS]
)
_LEAVES_EARLY = Script(voice="awb", steps=[AwaitSpeech(for_ms=1_200), HangUp()])

PHONES: dict[str, Phone] = {
    phone.number: phone
    for phone in [
        Phone(
            "+12025550101",
            "talks",
            "Answers; after each thing it hears it says its next line: "
            "“Yes please.”, “Yes, I will be there.”, “No thank you. Goodbye.” Waits 8 s, hangs up.",
            Answers(_TALKS),
        ),
        Phone(
            "+12025550102",
            "slow answer",
            "Rings for 8 s, then answers, says “Hello?” and stays for 20 s.",
            Answers(_SLOW, ring_ms=8_000),
        ),
        Phone(
            "+12025550103",
            "presses a key",
            "Answers, listens, presses 1 (RFC 4733) and stays for 20 s.",
            Answers(_KEYS),
        ),
        Phone(
            "+12025550104",
            "leaves",
            "Answers and hangs up 0.6 s into the agent's first sentence.",
            Answers(_LEAVES),
        ),
        Phone(
            "+12025550105",
            "one-way audio",
            "Answers, hears, and never sends a single RTP packet; hangs up after 60 s.",
            Answers(_MUTE, sends_rtp=False),
        ),
        Phone(
            "+12025550106",
            "voicemail",
            "Answers with a greeting, then a 1 kHz beep of 0.5 s, and records for up to 60 s.",
            Answers(_VOICEMAIL, ring_ms=2_000),
        ),
        Phone("+12025550107", "busy", "486 Busy Here.", Refuses(486, "Busy Here")),
        Phone("+12025550108", "rings out", "180 Ringing until the caller gives up (487).", RingsOut()),
        Phone("+12025550109", "rejects", "Rings for 1 s, then 603 Decline.", Refuses(603, "Decline", 1_000)),
        Phone(
            "+12025550110",
            "unreachable",
            "480 Temporarily Unavailable: switched off or out of coverage.",
            Refuses(480, "Temporarily Unavailable"),
        ),
        Phone(
            "+12025550111",
            "carrier down",
            "503 Service Unavailable: the carrier itself fails.",
            Refuses(503, "Service Unavailable"),
        ),
        Phone(
            "+12025550112",
            "never again",
            "Answers, listens, says “Please do not call me again.”, listens, says “Thank you. Goodbye.” "
            "Waits 8 s, hangs up.",
            Answers(_NEVER_AGAIN),
        ),
        Phone(
            "+12025550113",
            "call me later",
            "Answers, listens, says “I am busy now. Please call me back in two minutes.”, listens, says "
            "“Thank you. Goodbye.” Waits 8 s, hangs up.",
            Answers(_LATER),
        ),
        Phone(
            "+12025550114",
            "blocked",
            "608 Rejected: the carrier takes the call for an unwanted one (RFC 8688).",
            Refuses(608, "Rejected"),
        ),
        Phone(
            TOLD_PHONE,
            "told",
            "Plays the caller of a test suite's case over audio; 404 for any other call.",
            Asks(),
        ),
        Phone(
            "+12025550120",
            "accepts",
            "For transfers: says “Hello?”, hears the briefing, says “Yes please.” and then, to the caller, "
            "“This is the front desk. How can I help?”; stays for 60 s.",
            Answers(_ACCEPTS),
        ),
        Phone(
            "+12025550121",
            "declines",
            "Hears the briefing and says “No thank you.”",
            Answers(_DECLINES),
        ),
        Phone(
            "+12025550122",
            "accepts by key",
            "Hears the briefing and presses 1.",
            Answers(_ACCEPTS_BY_KEY),
        ),
        Phone(
            "+12025550123",
            "slow yes",
            "Says “Hello?”, hears the briefing, thinks for 3 s and says “Yes.”",
            Answers(_SLOW_YES, ring_ms=3_000),
        ),
        Phone("+12025550124", "never answers", "180 Ringing until the caller gives up (487).", RingsOut()),
        Phone(
            "+12025550125",
            "leaves in the briefing",
            "Answers and hangs up 1.2 s into the briefing.",
            Answers(_LEAVES_EARLY),
        ),
        Phone(
            "+12025550126",
            "says nothing",
            "Answers and is silent; hangs up after 60 s.",
            Answers(_MUTE),
        ),
        Phone(
            "+12025550130",
            "personal voicemail",
            "A recorded greeting, 0.7 s of silence, a beep of 1400 Hz; records for up to 60 s.",
            Answers(answerers.PERSONAL),
        ),
        Phone(
            "+12025550131",
            "carrier's voicemail",
            "A carrier's announcement with “press one for more options”, a beep; records for up to 60 s.",
            Answers(answerers.CARRIER),
        ),
        Phone(
            "+12025550132",
            "voicemail without a beep",
            "A recorded greeting, then silence for up to 60 s.",
            Answers(answerers.WITHOUT_BEEP),
        ),
        Phone(
            "+12025550133",
            "full mailbox",
            "Says that the mailbox is full and hangs up.",
            Answers(answerers.FULL),
        ),
        Phone(
            "+12025550134",
            "screened",
            "A screening service asks for a name, listens, says “Please stay on the line.”; 3 s later a "
            "person says “Hello?”, listens, says “Yes please.” and stays for 20 s.",
            Answers(answerers.SCREENED),
        ),
        Phone(
            "+12025550135",
            "menus",
            "A menu that wants 2, a second one that wants 3 (RFC 4733); then a person answers, listens, says "
            "“Yes please.” and stays for 20 s.",
            Answers(answerers.MENUS),
        ),
        Phone(
            "+12025550136",
            "slow person",
            "Answers, says nothing for 3.5 s, then “Hello?”; listens, says “Yes please.” and stays for 20 s.",
            Answers(answerers.SLOW),
        ),
        Phone(
            "+12025550137",
            "company",
            "A person with a long greeting (“Good morning, Miller's bakery, ...”); listens, says “Yes "
            "please.” and stays for 20 s.",
            Answers(answerers.COMPANY),
        ),
        Phone(
            "+12025550138",
            "late beep",
            "A short greeting, 5 s of silence, a double beep; records for up to 60 s.",
            Answers(answerers.LATE_BEEP),
        ),
        Phone(
            "+12025550139",
            "fax",
            "A fax machine's answering tone of 2100 Hz for 3 s.",
            Answers(answerers.FAX),
        ),
    ]
}

UNKNOWN = Phone("", "unknown", "Any other number: 404 Not Found.", Refuses(404, "Not Found"))


CROWD = range(12_025_560_000, 12_025_570_000)
"""Many different numbers for campaigns: each does what the magic number with its last two digits does."""


def phone_for(dialed: str) -> Phone:
    """The phone of a number as dialed, with or without the leading +."""
    digits = dialed.lstrip("+")
    if digits.isascii() and digits.isdigit() and int(digits) in CROWD:
        digits = f"120255501{digits[-2:]}"
    return PHONES.get(f"+{digits}", UNKNOWN)


def table() -> str:
    """The magic numbers as a Markdown table, as docs/guides/sandbox.md shows it."""
    rows = [(phone.number, phone.name, phone.outcome) for phone in PHONES.values()]
    rows.append(("other", UNKNOWN.name, UNKNOWN.outcome))
    lines = ["| number | phone | what happens |", "|---|---|---|"]
    lines += [f"| {number} | {name} | {outcome} |" for number, name, outcome in rows]
    return "\n".join(lines)
