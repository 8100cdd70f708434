"""What Telnyx tells us of itself.

https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks: signed with Ed25519, over the time
and the body.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings

from telephony.carriers.base import NotSigned
from telephony.carriers.values import MessageNews, News, PortNews

OLDEST_S = 300
_LONGEST_TIME = 16
"""Digits of seconds since 1970."""

_FAILED = {"delivery_failed", "sending_failed"}
_NOT_BILLED = {"sending_failed"}
"""It never left Telnyx; one that the other side's carrier did not deliver did, and is billed."""


def hear(*, url: str, headers: Mapping[str, str], body: bytes) -> list[News]:
    """Of messages and ports; whatever else Telnyx tells is nothing to us."""
    _check(headers, body)
    try:
        data = json.loads(body)["data"]
        event, payload = str(data["event_type"]), data["payload"]
    except (ValueError, KeyError, TypeError):
        return []
    if event == "message.finalized":
        return _of_message(url, payload)
    if (
        event.startswith("porting_order.")
        and isinstance(payload, dict)
        and isinstance(payload.get("id"), str)
    ):
        return [PortNews(payload["id"])]
    return []


def _check(headers: Mapping[str, str], body: bytes) -> None:
    """Raises NotSigned."""
    when, given = headers.get("telnyx-timestamp", ""), headers.get("telnyx-signature-ed25519", "")
    if (
        not (when.isascii() and when.isdigit() and len(when) < _LONGEST_TIME)
        or abs(time.time() - int(when)) > OLDEST_S
    ):
        raise NotSigned("The request has no time, or an old one.")
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(settings.TELNYX_PUBLIC_KEY))
        key.verify(base64.b64decode(given), f"{when}|".encode() + body)
    except (InvalidSignature, ValueError):
        raise NotSigned("telnyx-signature-ed25519 is not Telnyx's.") from None


def _of_message(url: str, payload: Any) -> list[News]:
    """Our key is in the URL that we gave with the message."""
    key = parse_qs(urlsplit(url).query).get("key", [""])[0]
    receivers = payload.get("to") if isinstance(payload, dict) else None
    if not key or not isinstance(receivers, list) or not receivers:
        return []
    status = receivers[0].get("status")
    if status == "delivered":
        return [MessageNews(key)]
    if status not in _FAILED:
        return []
    return [MessageNews(key, _problem(payload), billed=status not in _NOT_BILLED)]


def _problem(payload: dict[str, Any]) -> str:
    for error in payload.get("errors") or []:
        words = error.get("detail") or error.get("title")
        if words:
            return f"{words} (Telnyx's error {error.get('code')})"
    return "The other side's carrier did not deliver it and does not say why."
