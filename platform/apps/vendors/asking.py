"""Asking a vendor whether it takes a key: of each the cheapest request that needs one, and costs nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import requests
from django.conf import settings

from apps.vendors.names import label_of
from media_workers.contract.vendors import OWN_ENDPOINT, Credential
from tenants.outbound import guarded_session


@dataclass(frozen=True, slots=True)
class Answer:
    """`words`: what the vendor said, for people. `ok` None: it cannot be asked. `status`: of HTTP."""

    ok: bool | None
    words: str
    status: int | None = None
    took_ms: int | None = None


Headers = Callable[[str], dict[str, str]]
"""By the key."""


@dataclass(frozen=True, slots=True)
class Question:
    """A GET of `base` + `path`. `Credential.base_url` takes the place of `base`, which may hold {region};
    `regions` have an address of their own."""

    base: str
    path: str
    headers: Headers
    regions: Mapping[str, str] = field(default_factory=dict)


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _named(name: str, scheme: str = "", **more: str) -> Headers:
    return lambda key: {name: scheme + key} | {n.replace("_", "-"): value for n, value in more.items()}


_AZURE_MODELS = Question("", "/models", _named("api-key"))
"""Of a resource whose address leads to its models; that of speech has none of them."""

QUESTIONS: dict[str, Question] = {
    "anthropic": Question(
        "https://api.anthropic.com",
        "/v1/models?limit=1",
        _named("x-api-key", anthropic_version="2023-06-01"),
    ),
    "assemblyai": Question(
        "https://api.assemblyai.com",
        "/v2/transcript?limit=1",
        _named("Authorization"),
        {"eu": "https://api.eu.assemblyai.com"},
    ),
    "azure": Question(
        "https://{region}.tts.speech.microsoft.com",
        "/cognitiveservices/voices/list",
        _named("Ocp-Apim-Subscription-Key"),
    ),
    "bedrock": Question("https://bedrock.{region}.amazonaws.com", "/foundation-models", _bearer),
    "cartesia": Question(
        "https://api.cartesia.ai", "/voices?limit=1", _named("X-API-Key", Cartesia_Version="2025-04-16")
    ),
    "cerebras": Question("https://api.cerebras.ai/v1", "/models", _bearer),
    "deepgram": Question(
        "https://api.deepgram.com",
        "/v1/projects",
        _named("Authorization", "Token "),
        {"eu": "https://api.eu.deepgram.com"},
    ),
    "deepseek": Question("https://api.deepseek.com/v1", "/models", _bearer),
    "elevenlabs": Question(
        "https://api.elevenlabs.io",
        "/v1/models",
        _named("xi-api-key"),
        {region: f"https://api.{region}.residency.elevenlabs.io" for region in ("eu", "in")},
    ),
    "gladia": Question("https://api.gladia.io", "/v2/transcription?limit=1", _named("x-gladia-key")),
    "google": Question(
        "https://generativelanguage.googleapis.com", "/v1beta/models?pageSize=1", _named("x-goog-api-key")
    ),
    "groq": Question("https://api.groq.com/openai/v1", "/models", _bearer),
    "mistral": Question("https://api.mistral.ai/v1", "/models", _bearer),
    "openai": Question(
        "https://api.openai.com/v1", "/models", _bearer, {"eu": "https://eu.api.openai.com/v1"}
    ),
    OWN_ENDPOINT: Question("", "/models", _bearer),
    "soniox": Question("https://api.soniox.com", "/v1/models", _bearer),
    "speechmatics": Question("https://asr.api.speechmatics.com", "/v2/jobs?limit=1", _bearer),
    "together": Question("https://api.together.xyz/v1", "/models", _bearer),
    "xai": Question("https://api.x.ai/v1", "/models", _bearer),
}


def ask(credential: Credential) -> Answer:
    """What the vendor says to the key. Takes up to 5 s for a connection and as long for the answer: outside
    any transaction. Never the key in the words."""
    label, question = label_of(credential.vendor), _question(credential)
    if question is None:
        return Answer(None, f"{label} has nothing to ask that costs nothing: the first call will tell.")
    if "{region}" in question.base and not (credential.region or credential.base_url):
        return Answer(False, f"{label} needs a region, or an address.")
    base = question.regions.get(credential.region.lower()) or question.base.format(region=credential.region)
    url = (credential.base_url or base) + question.path
    began = time.monotonic()
    try:
        with guarded_session(allow_private=settings.VENDORS_ALLOW_PRIVATE_ADDRESSES) as session:
            # The body is nobody's business, and may be long; a redirect would carry the key elsewhere.
            answer = session.get(
                url, headers=question.headers(credential.api_key), stream=True, allow_redirects=False
            )
            status = answer.status_code
            answer.close()
    except (requests.RequestException, OSError, ValueError) as error:
        return Answer(False, f"{label} cannot be asked: {_reason(error)}.", took_ms=_since(began))
    return Answer(200 <= status < 300, _words(label, status), status, _since(began))


def _question(credential: Credential) -> Question | None:
    if credential.vendor == "azure" and "/openai" in credential.base_url:
        return _AZURE_MODELS
    if credential.vendor == "google" and credential.api_key.startswith("{"):
        return None  # a service account's, which is no key but signs for one
    return QUESTIONS.get(credential.vendor)


def _words(label: str, status: int) -> str:
    if 200 <= status < 300:
        return f"{label} takes the key."
    told = {
        401: "does not know the key",
        402: "wants to be paid first",
        403: "knows the key, but does not allow this with it",
        404: "has nothing at this address: look at the address and the region",
        429: "takes no more requests with this key for now",
    }
    what = told.get(status) or ("is in trouble itself" if status >= 500 else "refuses the request")
    return f"{label} {what} ({status})."


def _reason(error: Exception) -> str:
    """No more than a person needs: the library's text tells of addresses and headers."""
    if isinstance(error, requests.Timeout):
        return "no answer came in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not valid"
    return "no connection was possible"


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
