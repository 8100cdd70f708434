"""A vendor's refusal in words for people: what the status means, and what the vendor says about it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from media_workers.providers.base import ProviderError

LONGEST_MESSAGE = 300
_HIDDEN = "[key]"
_SHORTEST_SECRET = 4
_WORDS = {
    400: "refused the request",
    401: "refused the API key",
    402: "asks for payment",
    403: "does not allow this API key to do that",
    404: "does not know what was asked for",
    408: "took too long",
    413: "was sent too much",
    422: "refused the request",
    429: "is over its rate limit or quota",
}
_LASTING = frozenset({400, 401, 402, 403, 404, 405, 410, 413, 415, 422})
"""The next attempt would be answered the same."""

_MESSAGE_KEYS = ("message", "error_message", "err_msg", "error", "detail", "description", "reason", "title")
_TAG = re.compile(r"<[^>]{0,500}>")


def refusal(kind: str, vendor: str, status: int, body: bytes | str, secret: str = "") -> ProviderError:
    """What `vendor` answered instead of serving: an HTTP status (or a code of its own of the same meaning)
    and the body, of any form and size. `secret` is never shown, even if the vendor repeats it."""
    if status in _WORDS:
        words = _WORDS[status]
    elif status >= 500:
        words = f"has a fault of its own ({status})"
    else:
        words = f"answered with status {status}"
    said = message_of(body, secret)
    return ProviderError(
        kind, vendor, f"{words}: {said}" if said else words, retryable=status not in _LASTING
    )


def message_of(body: bytes | str, secret: str = "") -> str:
    """The vendor's own sentence in an error's body (JSON of any shape, markup, plain text), on one line and
    at most `LONGEST_MESSAGE` long; "" when there is none."""
    text = body[:100_000] if isinstance(body, str) else body[:100_000].decode(errors="replace")
    try:
        found = next(_messages(json.loads(text)), "")
    except (ValueError, RecursionError):
        found = _TAG.sub(" ", text)
    return scrub(found, secret)


def scrub(text: str, secret: str) -> str:
    """`text` on one line, cut, without `secret`."""
    if len(secret) >= _SHORTEST_SECRET:
        text = text.replace(secret, _HIDDEN)
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= LONGEST_MESSAGE else line[: LONGEST_MESSAGE - 1] + "…"


def _messages(found: Any, depth: int = 0) -> Iterator[str]:
    """Sentences in parsed JSON, the likeliest first."""
    if isinstance(found, str):
        if found.strip():
            yield found
    elif depth < 5 and isinstance(found, dict):
        for key in _MESSAGE_KEYS:
            if key in found:
                yield from _messages(found[key], depth + 1)
    elif depth < 5 and isinstance(found, list):
        for item in found[:20]:
            yield from _messages(item, depth + 1)
