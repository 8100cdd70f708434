"""What Telnyx refuses, in words and with what to do next. https://developers.telnyx.com/api/errors"""

from __future__ import annotations

from typing import Any

from telephony.carriers.base import CarrierDown, CarrierRefused

_BROKEN, _BUSY, _NOT_FOUND, _UNPAID = 500, 429, 404, 402
_CREDENTIALS = (401, 403)
KNOWN: dict[str, tuple[str, str, str]] = {
    "10031": ("unavailable", "There is no such number for sale.", "Search again and choose another one."),
    "20100": (
        "account",
        "The platform's account at Telnyx has no money left.",
        "Tell the operator of this installation.",
    ),
    "40300": (
        "unsubscribed",
        "The other side has answered STOP and gets no more messages.",
        "They can write START to this number.",
    ),
    "40310": ("bad_input", "Nothing can be sent to this number.", "Check the number."),
    "40305": ("bad_input", "This number cannot send text messages.", "Use a number that can (sms)."),
}
"""By Telnyx's code: our code, words, and what to do."""


def refusal(what: str, status: int, told: dict[str, Any]) -> CarrierRefused | CarrierDown:
    """As ours. `what`: as in "Telnyx could not {what}"."""
    errors = told.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    number = str(first.get("code") or "")
    if number in KNOWN:
        code, words, to_do = KNOWN[number]
        return CarrierRefused(words, code=code, to_do=to_do, carrier_code=number)
    if status in _CREDENTIALS:
        return CarrierDown(f"Telnyx could not {what}: it does not accept the platform's credentials.")
    if status >= _BROKEN or status == _BUSY:
        return CarrierDown(f"Telnyx could not {what}: it answered {status}.")
    if status == _UNPAID:
        code, words, to_do = KNOWN["20100"]
        return CarrierRefused(words, code=code, to_do=to_do, carrier_code=number)
    said = str(first.get("detail") or first.get("title") or "it gives no reason").strip()[:300].rstrip(".")
    return CarrierRefused(
        f"Telnyx would not {what}: {said}.",
        code="not_found" if status == _NOT_FOUND else "refused",
        to_do=f"Telnyx's error {number}." if number else "",
        carrier_code=number,
    )
