"""What Twilio tells us of itself. https://www.twilio.com/docs/usage/security#validating-requests"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from twilio.request_validator import RequestValidator, get_signature_algorithm

from telephony.carriers.base import NotSigned
from telephony.carriers.values import MessageNews, News, PortNews

FAILURES = {
    30003: "The telephone was off or out of reach.",
    30004: "The other side has blocked messages from this number.",
    30005: "The number is not in service.",
    30006: "The number is a landline, which gets no messages.",
    30007: "The other side's carrier took the message for spam.",
    30008: "The other side's carrier did not deliver it and does not say why.",
    30034: "Messages from this US number are refused until it is registered (A2P 10DLC).",
}
_FAILED = {"failed", "undelivered"}
_NOT_BILLED = {"failed"}
"""It never left Twilio; an undelivered one did, and is billed.
https://www.twilio.com/docs/messaging/api/message-resource#message-status-values"""


class _Form(dict[str, list[str]]):
    """A form as the library reads it: with all values of a name."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def hear(*, url: str, headers: Mapping[str, str], body: bytes) -> list[News]:
    """Of messages (a form) and of ports (JSON); whatever else Twilio tells is nothing to us."""
    text = body.decode("utf-8", "replace")
    is_form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    form = _Form(parse_qs(text, keep_blank_values=True)) if is_form else _Form()
    if not _is_signed(url, headers, form if is_form else text):
        raise NotSigned("X-Twilio-Signature is not ours.")
    return _of_message(url, form) if is_form else _of_port(text)


def _is_signed(url: str, headers: Mapping[str, str], told: _Form | str) -> bool:
    """The signature is over the URL and the fields of a form; of another body, its digest is in the URL."""
    if isinstance(told, str) and "bodySHA256=" not in url:
        return False
    algorithm = get_signature_algorithm(headers.get("x-twilio-webhooks-signature-settings"))
    given = headers.get("x-twilio-signature", "")
    return bool(RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(url, told, given, algorithm))


def _of_message(url: str, form: _Form) -> list[News]:
    """Our key is in the URL that we gave with the message."""
    key = parse_qs(urlsplit(url).query).get("key", [""])[0]
    status = form.get("MessageStatus", [""])[0]
    if not key or status not in (*_FAILED, "delivered"):
        return []
    problem = _problem(form) if status in _FAILED else ""
    return [MessageNews(key, problem, billed=status not in _NOT_BILLED)]


def _problem(form: _Form) -> str:
    code = form.get("ErrorCode", [""])[0]
    known = FAILURES.get(int(code)) if code.isdigit() else None
    return known or f"The carrier could not deliver it (Twilio's error {code or 'has no number'})."


def _of_port(text: str) -> list[News]:
    try:
        told = json.loads(text)
    except ValueError:
        return []
    id = told.get("port_in_request_sid") if isinstance(told, dict) else None
    return [PortNews(id)] if isinstance(id, str) else []
