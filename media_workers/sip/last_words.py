"""Why a peer ended or refused a call, from the headers of the message that did (RFC 3326, RFC 3261, 20.33
and 20.43)."""

from __future__ import annotations

import re

from media_workers.sip.message import headers_of
from media_workers.sip.types import LastWords

MAX_TEXT = 200

_Q850 = re.compile(r"(?:^|,)\s*Q\.850\s*((?:;[^,\"]*(?:\"[^\"]*\")?)*)", re.IGNORECASE)
_CAUSE = re.compile(r";\s*cause\s*=\s*(\d{1,3})", re.IGNORECASE)
_TEXT = re.compile(r";\s*text\s*=\s*(?:\"([^\"]*)\"|([^;,\s]+))", re.IGNORECASE)
_WARNING = re.compile(r"\d{3}\s+\S+\s+\"((?:[^\"\\]|\\.)*)\"")
_SECONDS = re.compile(r"\d{1,6}")


def read_last_words(message: str) -> LastWords:
    """Of a BYE, a CANCEL or a final failure."""
    headers = headers_of(message)
    reason = headers.get("reason", "")
    network = _Q850.search(reason)
    cause = _CAUSE.search(network[1]) if network else None
    text = _TEXT.search(network[1] if network else reason)
    warning = _WARNING.match(headers.get("warning", ""))
    seconds = _SECONDS.match(headers.get("retry-after", ""))
    words = (text[1] or text[2] or "") if text else warning[1] if warning else ""
    return LastWords(
        q850=int(cause[1]) if cause and int(cause[1]) <= 127 else None,
        text=re.sub(r"[\x00-\x1f\x7f]", " ", words)[:MAX_TEXT].strip(),
        retry_after_s=int(seconds[0]) if seconds else None,
    )


def ends_a_call(method: str, status: int | None) -> bool:
    """Whether a message of the peer does: `method` is its own or the one it answers."""
    return method in {"BYE", "CANCEL"} if status is None else method == "INVITE" and status >= 300
