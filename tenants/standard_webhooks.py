"""Signed requests to tenants' own servers, as Standard Webhooks 1.0.0 has it (standardwebhooks.com)."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """`whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signed(*keys: str, id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that prove that `body` (UTF-8) was sent by who knows one of `keys`, at `at`: of several,
    while a receiver changes from one to the other, each signs. `id` is the message's."""
    moment, text = at.astimezone(UTC), body.decode()
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(key).sign(id, moment, text) for key in keys),
    }
