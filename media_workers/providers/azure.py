"""Messages of Azure's speech websockets: headers, an empty line, a body. Binary ones begin with the length of
their headers in two bytes.

As Microsoft's open JavaScript SDK (MIT) writes and reads them; the native SDK is proprietary.
https://github.com/microsoft/cognitive-services-speech-sdk-js
"""

from __future__ import annotations

import json
import struct
from datetime import UTC, datetime

JSON = "application/json"
SSML = "application/ssml+xml"


def headers(path: str, request: str, kind: str = "") -> str:
    """The headers of a message of ours; `request` is 32 hexadecimal digits."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    content = f"Content-Type: {kind}\r\n" if kind else ""
    return f"Path: {path}\r\nX-RequestId: {request}\r\nX-Timestamp: {now}\r\n{content}"


def text_message(path: str, request: str, body: dict[str, object] | str) -> str:
    """A dict is sent as JSON, a text as SSML."""
    if isinstance(body, str):
        return f"{headers(path, request, SSML)}\r\n{body}"
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return f"{headers(path, request, JSON)}\r\n{content}"


def binary_message(path: str, request: str, body: bytes, kind: str = "") -> bytes:
    """Audio of ours; an empty body ends it."""
    head = headers(path, request, kind).encode()
    return struct.pack(">H", len(head)) + head + body


def read_text(message: str) -> tuple[dict[str, str], str]:
    """Headers, by their names in small letters, and body."""
    head, _, body = message.partition("\r\n\r\n")
    return _read(head), body


def read_binary(message: bytes) -> tuple[dict[str, str], bytes]:
    """The same of a binary message. Raises `ValueError`."""
    if len(message) < 2:
        raise ValueError("too short")
    (length,) = struct.unpack(">H", message[:2])
    if len(message) < 2 + length:
        raise ValueError("shorter than its headers")
    return _read(message[2 : 2 + length].decode()), message[2 + length :]


def _read(head: str) -> dict[str, str]:
    lines = (line.partition(":") for line in head.split("\r\n") if line)
    return {name.strip().lower(): value.strip() for name, _, value in lines}
