"""What Twilio refuses, in words and with what to do next. Codes: Twilio's error dictionary."""

from __future__ import annotations

from typing import NamedTuple

from telephony.carriers.base import CarrierDown, CarrierRefused


class Known(NamedTuple):
    """`code`: ours."""

    code: str
    words: str
    to_do: str


_TAKEN = Known("unavailable", "Somebody else has taken this number.", "Search again and choose another one.")
_ADDRESS = Known(
    "address_required",
    "The regulator of this country asks for the owner's address.",
    "Give an address that meets the requirements of this kind of number, and order again.",
)
_BUNDLE = Known(
    "bundle_required",
    "The regulator of this country asks for papers that were looked at and accepted.",
    "Hand in what the requirements of this kind of number name; order again when they are accepted.",
)
_ACCOUNT = Known(
    "account",
    "The platform's account at Twilio may not do this.",
    "Tell the operator of this installation.",
)
_AUTHENTICATE = 20003
KNOWN: dict[int, Known] = {
    # Numbers
    21421: Known("bad_input", "This is no telephone number.", "Write it with + and the country code."),
    21422: _TAKEN,
    21452: Known("unavailable", "There is no such number for sale.", "Search with a wider pattern or area."),
    20005: _ACCOUNT,  # suspended, as without money
    21404: _ACCOUNT,  # trial accounts
    21473: _ACCOUNT,
    21615: _ADDRESS,
    21631: _ADDRESS,
    21649: _BUNDLE,
    21651: _ADDRESS,
    # Addresses
    21629: Known(
        "bad_input",
        "Nobody knows this address.",
        "Correct street, city, region and postal code as on a letter.",
    ),
    # Messages
    21211: Known("bad_input", "Nothing can be sent to this number.", "Check the number."),
    21408: Known(
        "account",
        "Messages to this country are not allowed for the platform's account.",
        "Ask the operator of this installation to allow the country at Twilio.",
    ),
    21606: Known("bad_input", "This number cannot send text messages.", "Use a number that can (sms)."),
    21610: Known(
        "unsubscribed",
        "The other side has answered STOP and gets no more messages.",
        "They can write START to this number.",
    ),
    21612: Known("bad_input", "No message can go from this number to that one.", "Use another number."),
    21617: Known("bad_input", "The text is longer than 1600 characters.", "Shorten it."),
    21614: Known("bad_input", "This is no mobile number: it gets no messages.", "Check the number."),
    30034: Known(
        "account",
        "Messages from this US number are refused until it is registered (A2P 10DLC).",
        "Ask the operator of this installation to register it at Twilio.",
    ),
}


class Answer(NamedTuple):
    """A refusal as Twilio tells it: the HTTP status, its own code (None: it names none), its words."""

    status: int
    code: int | None
    words: str


def refusal(what: str, answer: Answer) -> CarrierRefused | CarrierDown:
    """As ours. `what`: as in "Twilio could not {what}"."""
    if answer.status in (401, 403) and answer.code in (_AUTHENTICATE, None):
        # Nothing that who asks could change, and right again when the operator has mended it.
        return CarrierDown(f"Twilio could not {what}: it does not accept the platform's credentials.")
    if answer.status >= 500 or answer.status == 429:
        return CarrierDown(f"Twilio could not {what}: it answered {answer.status}.")
    known = KNOWN.get(answer.code or 0)
    number = str(answer.code or "")
    if known is not None:
        return CarrierRefused(known.words, code=known.code, to_do=known.to_do, carrier_code=number)
    words = answer.words.strip()[:300].rstrip(".") or "it gives no reason"
    return CarrierRefused(
        f"Twilio would not {what}: {words}.",
        code="not_found" if answer.status == 404 else "refused",
        to_do=f"Twilio's error {number}." if number else "",
        carrier_code=number,
    )
