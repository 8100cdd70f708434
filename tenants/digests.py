"""Keyed digests (HMAC-SHA-256): whether a telephone number was known before, when it itself may not be kept.

There are few enough numbers to try them all, so a plain digest would tell them. The key is the tenant's own,
random, encrypted at rest; `manage.py rotate_secrets` encrypts it anew and changes no digest.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable

from tenants.models import DigestKey

KEY_BYTES = 32


def digest_of(text: str) -> str:
    """The digest of `text` in the tenant in force, 64 hexadecimal digits. Makes the key when needed."""
    row, _ = DigestKey.objects.get_or_create(defaults={"secret": secrets.token_hex(KEY_BYTES)})
    return _hmac(str(row.secret), text)


def digests_of(texts: Iterable[str]) -> dict[str, str]:
    """`texts` by their digests; empty while the tenant in force has made none."""
    row = DigestKey.objects.first()
    return {} if row is None else {_hmac(str(row.secret), text): text for text in texts}


def _hmac(secret: str, text: str) -> str:
    return hmac.new(bytes.fromhex(secret), text.encode(), hashlib.sha256).hexdigest()
