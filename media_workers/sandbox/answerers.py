"""Who answers besides people: voicemail, screening services and menus of the sandbox, and people who are
easily taken for one of them."""

from __future__ import annotations

from media_workers.sandbox.script import AwaitKeys, Beep, Listen, Say, Script, Wait, WaitForEnd

_RECORDS = WaitForEnd(limit_ms=60_000, required=False)
_STAYS = WaitForEnd(limit_ms=20_000, required=False)

PERSONAL = Script(
    voice="awb",
    steps=[
        Wait(ms=500),
        Say(
            text="Hi, you have reached Tom. I can't come to the phone. Please leave a message after the beep."
        ),
        Wait(ms=700),
        Beep(hz=1_400, ms=400),
        _RECORDS,
    ],
)
CARRIER = Script(
    voice="slt",
    steps=[
        Wait(ms=400),
        Say(text="Your call has been forwarded to an automated voice messaging system."),
        Say(text="The person you are trying to reach is not available."),
        Say(text="At the tone, please record your message."),
        Say(text="When you have finished recording, you may hang up, or press one for more options."),
        Wait(ms=600),
        Beep(hz=1_000, ms=500),
        _RECORDS,
    ],
)
WITHOUT_BEEP = Script(
    voice="rms",
    steps=[
        Wait(ms=500),
        Say(text="This is the Baker family. We are not home. Leave us a message, and we will call you back."),
        _RECORDS,
    ],
)
FULL = Script(
    voice="slt",
    steps=[
        Wait(ms=400),
        Say(
            text="The mailbox you have reached is full, and cannot accept any messages at this time. Goodbye."
        ),
        Wait(ms=1_500),
    ],
)
SCREENED = Script(
    voice="slt",
    steps=[
        Wait(ms=500),
        Say(text="The person you are calling is using a screening service. Please say your name."),
        Listen(limit_ms=15_000),
        Say(text="Thank you. Please stay on the line."),
        Wait(ms=3_000),
        Say(text="Hello?"),
        Listen(),
        Say(text="Yes please."),
        _STAYS,
    ],
)
MENUS = Script(
    voice="slt",
    steps=[
        Wait(ms=500),
        Say(text="Welcome to Northside insurance. For sales, press one. For claims, press two."),
        AwaitKeys(digits="2", again="That is not a valid choice. For claims, press two."),
        Say(text="For a new claim, press one. To speak to somebody, press three."),
        AwaitKeys(digits="3", again="That is not a valid choice. To speak to somebody, press three."),
        Wait(ms=1_500),
        Say(text="Claims, this is Anna."),
        Listen(),
        Say(text="Yes please."),
        _STAYS,
    ],
)
SLOW = Script(
    voice="rms",
    steps=[Wait(ms=3_500), Say(text="Hello?"), Listen(required=False), Say(text="Yes please."), _STAYS],
)
COMPANY = Script(
    voice="slt",
    steps=[
        Wait(ms=400),
        Say(text="Good morning, Miller's bakery, you are speaking with Anna, how may I help you?"),
        Listen(required=False),
        Say(text="Yes please."),
        _STAYS,
    ],
)
LATE_BEEP = Script(
    voice="awb",
    steps=[
        Wait(ms=500),
        Say(text="Leave a message for Tom."),
        Wait(ms=5_000),
        Beep(hz=1_000, ms=150),
        Wait(ms=120),
        Beep(hz=1_000, ms=150),
        _RECORDS,
    ],
)
FAX = Script(steps=[Wait(ms=1_500), Beep(hz=2_100, ms=3_000), _STAYS])
