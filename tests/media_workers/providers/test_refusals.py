from __future__ import annotations

import json

import pytest

from media_workers.providers.refusals import LONGEST_MESSAGE, message_of, refusal, scrub

SECRET = "sk-very-secret-key"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"detail": {"status": "invalid_api_key", "message": "Invalid API key"}}', "Invalid API key"),
        ('{"error": {"code": 3, "message": "Voice not found", "status": "X"}}', "Voice not found"),
        ('{"err_code": "INVALID_AUTH", "err_msg": "Invalid credentials."}', "Invalid credentials."),
        ('[{"error": "quota"}]', "quota"),
        ('{"detail": [{"loc": ["body"], "msg": "x"}, {"message": "field required"}]}', "field required"),
        ("plain\n words", "plain words"),
        ("<html><h1>502 Bad Gateway</h1></html>", "502 Bad Gateway"),
        ("", ""),
        ("{}", ""),
        ("12", ""),
        ('{"message": ""}', ""),
        (b"\xff\xfe not text \x00", "\ufffd\ufffd not text"),
        ("[" * 100_000, "[" * (LONGEST_MESSAGE - 1) + "…"),
        ('{"error":' * 3_000 + "1" + "}" * 3_000, None),
    ],
)
def test_the_vendors_sentence_is_found(body: str | bytes, said: str | None) -> None:
    found = message_of(body)
    assert len(found) <= LONGEST_MESSAGE
    assert said is None or found == said


@pytest.mark.parametrize(
    ("status", "retryable", "words"),
    [
        (401, False, "refused the API key: no"),
        (404, False, "does not know what was asked for: no"),
        (429, True, "is over its rate limit or quota: no"),
        (503, True, "has a fault of its own (503): no"),
        (302, True, "answered with status 302: no"),
    ],
)
def test_a_status_is_told_in_words(status: int, retryable: bool, words: str) -> None:
    error = refusal("tts", "vendor", status, '{"message": "no"}')
    assert (error.component, error.provider, error.retryable) == ("tts", "vendor", retryable)
    assert error.detail == words
    assert refusal("tts", "vendor", status, b"").detail == words.removesuffix(": no")


def test_a_key_that_the_vendor_repeats_is_not_shown() -> None:
    error = refusal("stt", "vendor", 401, json.dumps({"message": f"bad key {SECRET}!"}), SECRET)
    assert error.detail == "refused the API key: bad key [key]!"
    assert SECRET not in scrub("x" * 295 + SECRET, SECRET)
    assert scrub("a\tb", "") == "a b"
