"""Whatever a vendor sends, it is heard, passed over, or told as a `ProviderError`."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_workers.audio import mulaw
from media_workers.providers.base import ProviderError
from media_workers.providers.tts.contexts import ContextVoice
from media_workers.providers.tts.line import Line, Sentence
from tests.media_workers.providers.tts.vendors import HELLO, VENDORS, Vendor

HEADERS = [vendor for vendor in VENDORS if vendor.name == "azure"]
JSON = [vendor for vendor in VENDORS if not vendor.http and vendor not in HEADERS]
KEY = "the-sentence"

_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(
        ["", "AAAA", "AAA", "Hello", "!", KEY, "chunk", "timestamps", "done", "error", "Flushed"]
    ),
    st.text(max_size=5),
)
# fmt: off
_NAMES = st.sampled_from([
    "type", "contextId", "context_id", "audio", "data", "isFinal", "alignment", "chars", "charStartTimesMs",
    "words", "start", "end", "word_timestamps", "error", "message", "status_code", "err_code", "code",
    "Metadata", "Type", "Data", "Offset", "text", "Text",
])
# fmt: on
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=8,
)
_MESSAGES = st.dictionaries(_NAMES, _VALUES, max_size=6)


class _NoSocket:
    sent_at = 0.0

    def put(self, message: str | bytes) -> None: ...


def _speaking(vendor: Vendor) -> tuple[ContextVoice, Line]:
    tts, _ = vendor.voice("http://127.0.0.1:1")
    assert isinstance(tts, ContextVoice)
    line = Line("")
    line.socket = _NoSocket()  # type: ignore[assignment]
    sentence = Sentence(HELLO, mulaw.decode)
    sentence.key = KEY
    line.begin(sentence)
    return tts, line


@pytest.mark.parametrize("vendor", JSON, ids=lambda vendor: vendor.name)
@settings(max_examples=60, deadline=None)
@given(message=_MESSAGES, addressed=st.booleans())
def test_any_message_in_json(vendor: Vendor, message: dict[str, Any], addressed: bool) -> None:
    tts, line = _speaking(vendor)
    if addressed:
        message = message | {"contextId": KEY, "context_id": KEY}
    with contextlib.suppress(ProviderError):
        tts._received(line, json.dumps(message))


@pytest.mark.parametrize("vendor", HEADERS, ids=lambda vendor: vendor.name)
@settings(max_examples=40, deadline=None)
@given(
    path=st.sampled_from(["audio.metadata", "turn.end", "audio", "x"]), body=_VALUES, cut=st.integers(0, 99)
)
def test_any_message_with_headers(vendor: Vendor, path: str, body: object, cut: int) -> None:
    tts, line = _speaking(vendor)
    text = f"X-RequestId:{KEY}\r\nPath:{path}\r\n\r\n{json.dumps(body)}"
    binary = len(text.encode()).to_bytes(2, "big") + text.encode()
    for message in (text, text[:cut], binary, binary[:cut], text.encode()[:cut]):
        with contextlib.suppress(ProviderError):
            tts._received(line, message)
