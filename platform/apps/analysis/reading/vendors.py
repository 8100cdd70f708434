"""One question to a vendor's language model, and its whole answer; what differs between vendors is data.

References: developers.openai.com/api/docs/guides/structured-outputs (what most others speak as well),
platform.claude.com/docs/en/build-with-claude/structured-outputs, ai.google.dev/api/generate-content.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import urlsplit

import requests

from apps.analysis.errors import ReadingFailed
from apps.analysis.reading.prompt import with_schema
from apps.vendors.names import label_of
from media_workers.contract.vendors import OWN_ENDPOINT, Credential
from tenants.outbound import TooLong, body_of, guarded_session

MOST_TOKENS = 8_000
LONGEST_ANSWER = 4 * 1024 * 1024
_PAUSE_S = 20
_LONGEST_PAUSE_S = 3_600
_REFUSED_FORM = (400, 422)

_OPENAI_URLS = {
    "openai": "https://api.openai.com/v1",
    "mistral": "https://api.mistral.ai/v1",
    "groq": "https://api.groq.com/openai/v1",
    "together": "https://api.together.xyz/v1",
    "cerebras": "https://api.cerebras.ai/v1",
    "xai": "https://api.x.ai/v1",
    "deepseek": "https://api.deepseek.com/v1",
    "bedrock": "https://bedrock-runtime.{region}.amazonaws.com/openai/v1",
}
_ANTHROPIC_URLS = {
    "anthropic": "https://api.anthropic.com",
    "bedrock": "https://bedrock-mantle.{region}.api.aws/anthropic",
}
_GOOGLE_URL = "https://generativelanguage.googleapis.com"
_NEW_LIMIT = frozenset({"openai", "groq", "cerebras", "xai", "azure", "bedrock"})
"""Who calls the limit of tokens `max_completion_tokens`."""

_OBJECT_ONLY = frozenset({"deepseek"})
"""Who takes no schema, only that it be JSON."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A model, and what lets us in at it."""

    vendor: str
    model: str
    credential: Credential
    timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`text`: JSON, one hopes."""

    text: str
    prompt_tokens: int
    completion_tokens: int


class _FormRefused(Exception):
    """The vendor does not take the request as it is, perhaps for its schema."""


def ask(reader: Reader, system: str, messages: Sequence[Message], schema: dict[str, Any]) -> Answer:
    """The model's answer, held to `schema` by the vendor; a model that takes none is told it in words.
    Outside any transaction. ReadingFailed."""
    try:
        return _ask(reader, system, messages, schema)
    except _FormRefused:
        return _ask(reader, with_schema(system, schema), messages, None)


def _ask(reader: Reader, system: str, messages: Sequence[Message], schema: dict[str, Any] | None) -> Answer:
    make, read = _PROTOCOLS[_protocol(reader)]
    url, headers, body = make(reader, system, messages, schema)
    label, timed_out = _label(reader), "{label} gave no answer within {seconds:g} s."
    try:
        answer = _post(reader, url, headers, body, constrained=schema is not None)
        return read(reader, answer)
    except requests.Timeout:
        words = timed_out.format(label=label, seconds=reader.timeout_s)
        raise ReadingFailed(words, again_s=_PAUSE_S) from None
    except TooLong:
        raise ReadingFailed(f"{label} answered far too much.") from None
    except (requests.RequestException, OSError) as error:
        private = "not a public one" in str(error)
        if private:
            raise ReadingFailed(f"{label}'s address is not on the public internet.") from None
        raise ReadingFailed(f"{label} cannot be reached.", again_s=_PAUSE_S) from None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise ReadingFailed(
            f"{label} answered in another form than its protocol's.", again_s=_PAUSE_S
        ) from None


def _post(
    reader: Reader, url: str, headers: dict[str, str], body: dict[str, Any], *, constrained: bool
) -> Any:
    private, until = not reader.credential.public_only, time.monotonic() + reader.timeout_s
    with (
        guarded_session(allow_private=private) as session,
        # A redirect would carry the key and what was said elsewhere.
        session.post(
            url,
            json=body,
            headers=headers,
            timeout=(min(10.0, reader.timeout_s), reader.timeout_s),
            allow_redirects=False,
            stream=True,
        ) as answer,
    ):
        if answer.status_code in _REFUSED_FORM and constrained:
            raise _FormRefused
        if answer.status_code != 200:
            raise _refusal(reader, answer)
        return json.loads(body_of(answer, most=LONGEST_ANSWER, until=until))


def _refusal(reader: Reader, answer: requests.Response) -> ReadingFailed:
    """Never the vendor's own words: they may hold what was said in the call."""
    label, status = _label(reader), answer.status_code
    told = {
        400: f"does not take this request: does {reader.model} exist, and is the call not too long for it?",
        401: "does not know the key",
        402: "wants to be paid first",
        403: "does not allow this with the key",
        404: f"has no model {reader.model} at this address",
        413: "says that the call is too long for it",
        429: "takes no more requests for now",
    }
    what = told.get(status) or ("is in trouble itself" if status >= 500 else "refuses the request")
    again = _pause(answer) if status in (408, 409, 425, 429) or status >= 500 else None
    return ReadingFailed(f"{label} {what} ({status}).", again_s=again, status=status)


def _pause(answer: requests.Response) -> int:
    """By Retry-After (RFC 9110, section 10.2.3): seconds, or a date."""
    said = answer.headers.get("Retry-After", "").strip()
    if said.isdigit():
        return min(int(said), _LONGEST_PAUSE_S)
    try:
        left = (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return _PAUSE_S
    return max(1, min(int(left) + 1, _LONGEST_PAUSE_S))


def _label(reader: Reader) -> str:
    if reader.vendor == OWN_ENDPOINT:
        return f"The model at {urlsplit(reader.credential.base_url).netloc}"
    return label_of(reader.vendor)


def _protocol(reader: Reader) -> str:
    if reader.vendor == "bedrock":
        return "anthropic" if re.search(r"(^|\.)(anthropic\.|claude)", reader.model) else "openai"
    return reader.vendor if reader.vendor in ("anthropic", "google") else "openai"


# --- OpenAI's, which most speak ---------------------------------------------------------------------


def _to_openai(
    reader: Reader, system: str, messages: Sequence[Message], schema: dict[str, Any] | None
) -> tuple[str, dict[str, str], dict[str, Any]]:
    limit = "max_completion_tokens" if reader.vendor in _NEW_LIMIT else "max_tokens"
    told = with_schema(system, schema) if schema and reader.vendor in _OBJECT_ONLY else system
    body: dict[str, Any] = {
        "model": reader.model,
        "messages": [
            {"role": "system", "content": told},
            *({"role": message.role, "content": message.text} for message in messages),
        ],
        limit: MOST_TOKENS,
    }
    if reader.vendor in _OBJECT_ONLY:
        body["response_format"] = {"type": "json_object"}
    elif schema:
        form = {"name": "report", "schema": schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    key = reader.credential.api_key
    name, scheme = ("api-key", "") if reader.vendor == "azure" else ("Authorization", "Bearer ")
    return f"{_openai_base(reader)}/chat/completions", {name: scheme + key} if key else {}, body


def _openai_base(reader: Reader) -> str:
    own, region = reader.credential.base_url.rstrip("/"), reader.credential.region.lower()
    if own:
        bare = urlsplit(own).path in ("", "/")
        return f"{own}/openai/v1" if reader.vendor == "azure" and bare else own
    if reader.vendor == "openai" and region == "eu":
        return "https://eu.api.openai.com/v1"
    url = _OPENAI_URLS.get(reader.vendor, "")
    if not url or ("{region}" in url and not region):
        raise ReadingFailed(f"{_label(reader)}'s key needs a region, or an address.")
    return url.format(region=region)


def _from_openai(reader: Reader, answer: Any) -> Answer:
    choice = answer["choices"][0]
    message, usage = choice["message"], answer.get("usage") or {}
    if message.get("refusal") or choice.get("finish_reason") == "content_filter":
        raise _declined(reader)
    if choice.get("finish_reason") == "length":
        raise _too_long(reader)
    return Answer(
        _some_text(message["content"]),
        int(usage.get("prompt_tokens") or 0),
        int(usage.get("completion_tokens") or 0),
    )


# --- Anthropic's ------------------------------------------------------------------------------------


def _to_anthropic(
    reader: Reader, system: str, messages: Sequence[Message], schema: dict[str, Any] | None
) -> tuple[str, dict[str, str], dict[str, Any]]:
    body: dict[str, Any] = {
        "model": reader.model,
        "max_tokens": MOST_TOKENS,
        "system": [{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": message.role, "content": message.text} for message in messages],
    }
    if schema:
        body["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    base = reader.credential.base_url.rstrip("/")
    if not base:
        region = reader.credential.region.lower()
        if reader.vendor == "bedrock" and not region:
            raise ReadingFailed(f"{_label(reader)}'s key needs a region, or an address.")
        base = _ANTHROPIC_URLS[reader.vendor].format(region=region)
    key = reader.credential.api_key
    let_in = {"Authorization": f"Bearer {key}"} if reader.vendor == "bedrock" else {"x-api-key": key}
    headers = {**let_in, "anthropic-version": "2023-06-01"}
    return f"{base}/v1/messages", headers, body


def _from_anthropic(reader: Reader, answer: Any) -> Answer:
    """What was read from the cache, or written to it, is counted apart from the input."""
    if answer.get("stop_reason") == "refusal":
        raise _declined(reader)
    if answer.get("stop_reason") == "max_tokens":
        raise _too_long(reader)
    usage = answer.get("usage") or {}
    inputs = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    text = "".join(block["text"] for block in answer["content"] if block.get("type") == "text")
    return Answer(
        _some_text(text),
        sum(int(usage.get(name) or 0) for name in inputs),
        int(usage.get("output_tokens") or 0),
    )


# --- Google's ---------------------------------------------------------------------------------------


def _to_google(
    reader: Reader, system: str, messages: Sequence[Message], schema: dict[str, Any] | None
) -> tuple[str, dict[str, str], dict[str, Any]]:
    roles = {"user": "user", "assistant": "model"}
    settings: dict[str, Any] = {"responseMimeType": "application/json", "maxOutputTokens": MOST_TOKENS}
    if schema:
        settings["responseJsonSchema"] = schema
    body = {
        "systemInstruction": {"parts": [{"text": system}]},
        "contents": [{"role": roles[m.role], "parts": [{"text": m.text}]} for m in messages],
        "generationConfig": settings,
    }
    base = reader.credential.base_url.rstrip("/") or _GOOGLE_URL
    url = f"{base}/v1beta/models/{reader.model.removeprefix('models/')}:generateContent"
    return url, {"x-goog-api-key": reader.credential.api_key}, body


def _from_google(reader: Reader, answer: Any) -> Answer:
    if (answer.get("promptFeedback") or {}).get("blockReason"):
        raise _declined(reader)
    candidate, usage = answer["candidates"][0], answer.get("usageMetadata") or {}
    reason = candidate.get("finishReason", "STOP")
    if reason == "MAX_TOKENS":
        raise _too_long(reader)
    if reason != "STOP":
        raise _declined(reader)
    parts = candidate["content"]["parts"]
    text = "".join(part.get("text", "") for part in parts if not part.get("thought"))
    written = int(usage.get("candidatesTokenCount") or 0) + int(usage.get("thoughtsTokenCount") or 0)
    return Answer(_some_text(text), int(usage.get("promptTokenCount") or 0), written)


_PROTOCOLS = {
    "openai": (_to_openai, _from_openai),
    "anthropic": (_to_anthropic, _from_anthropic),
    "google": (_to_google, _from_google),
}


def _some_text(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError("an answer is text")
    return text


def _declined(reader: Reader) -> ReadingFailed:
    return ReadingFailed(f"{_label(reader)} declined to read this call.")


def _too_long(reader: Reader) -> ReadingFailed:
    return ReadingFailed(f"{_label(reader)} did not come to an end: ask for fewer fields.")
