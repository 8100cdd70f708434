"""Texts as numbers that are near each other where the meanings are: the vendors' embedding models.

References: platform.openai.com/docs/api-reference/embeddings (Mistral, Together and Azure speak the same),
ai.google.dev/api/embeddings.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import requests
from django.conf import settings

from apps.knowledge.errors import EmbeddingFailed
from apps.knowledge.models import DIMENSIONS, KnowledgeBase
from apps.vendors.names import label_of
from apps.vendors.selectors import credentials_for
from media_workers.contract.vendors import Credential
from tenants.outbound import body_of, guarded_session

COMPATIBLE = "openai_compatible"
VENDORS = ("openai", "google", "mistral", "azure", "together", COMPATIBLE)

BATCH = 64
"""Texts of one request; Google takes 100 at most."""

JOB_TIMEOUT_S = 60.0
LARGEST = 65_504
"""What the database's half precision can hold; what is no number at all is not less."""
LONGEST_ANSWER = 64 * 1024 * 1024
_PAUSE_S = 20
_LONGEST_PAUSE_S = 600

Purpose = Literal["document", "query"]


@dataclass(frozen=True, slots=True)
class Embedder:
    """A model, and what lets us in at it. Two bases with the same `name` have the same numbers."""

    vendor: str
    model: str
    credential: Credential

    @property
    def name(self) -> str:
        return f"{self.vendor}/{self.model}@{self.credential.base_url}"


def embedder_of(base: KnowledgeBase) -> Embedder | None:
    """That of `base`, in the tenant's scope; None: it has none. EmbeddingFailed without a key."""
    vendor = base.embedding_vendor
    if not vendor:
        return None
    if vendor == COMPATIBLE:
        credential = Credential(
            vendor=vendor, api_key=str(base.embedding_key), base_url=base.embedding_url, own=True,
            public_only=not settings.VENDORS_ALLOW_PRIVATE_ADDRESSES,
        )  # fmt: skip
    elif (found := credentials_for([vendor]).get(vendor)) is not None:
        credential = found
    else:
        raise EmbeddingFailed(f"There is no key for {label_of(vendor)}.")
    return Embedder(vendor, base.embedding_model, credential)


def embed(
    embedder: Embedder, texts: Sequence[str], *, purpose: Purpose, timeout_s: float = JOB_TIMEOUT_S
) -> list[list[float]]:
    """`DIMENSIONS` numbers for each of at most `BATCH` texts. Outside any transaction. EmbeddingFailed."""
    ask = _ask_google if embedder.vendor == "google" else _ask_openai
    label = label_of(embedder.vendor)
    try:
        found = ask(embedder, list(texts), purpose, timeout_s)
    except requests.Timeout:
        raise EmbeddingFailed(f"{label} gave no answer in time.", again_s=_PAUSE_S) from None
    except (requests.RequestException, OSError):
        raise EmbeddingFailed(f"{label} cannot be reached.", again_s=_PAUSE_S) from None
    except (ValueError, KeyError, TypeError, IndexError):
        raise EmbeddingFailed(f"{label} answered something that are no embeddings.") from None
    if len(found) != len(texts):
        raise EmbeddingFailed(f"{label} gave {len(found)} embeddings for {len(texts)} texts.")
    return [_fitted(label, vector) for vector in found]


def _fitted(label: str, vector: Sequence[float]) -> list[float]:
    if not all(isinstance(number, int | float) and abs(number) < LARGEST for number in vector):
        raise EmbeddingFailed(f"{label} answered something that are no embeddings.")
    if not 1 <= len(vector) <= DIMENSIONS:
        raise EmbeddingFailed(
            f"{label}'s model gives {len(vector)} numbers for a text, and at most {DIMENSIONS} can be kept: "
            "choose another model."
        )
    return [*map(float, vector), *([0.0] * (DIMENSIONS - len(vector)))]


_OPENAI_BASES: Mapping[str, Callable[[str], str]] = {
    "openai": lambda region: f"https://{'eu.' if region == 'eu' else ''}api.openai.com/v1",
    "mistral": lambda _: "https://api.mistral.ai/v1",
    "together": lambda _: "https://api.together.xyz/v1",
}


def _ask_openai(
    embedder: Embedder, texts: list[str], purpose: Purpose, timeout_s: float
) -> list[list[float]]:
    credential = embedder.credential
    base = credential.base_url or _OPENAI_BASES[embedder.vendor](credential.region.lower())
    body: dict[str, Any] = {"model": embedder.model, "input": texts}
    if "text-embedding-3" in embedder.model:
        body["dimensions"] = DIMENSIONS
    elif embedder.model.startswith("codestral-embed"):
        body["output_dimension"] = DIMENSIONS
    name, scheme = ("api-key", "") if embedder.vendor == "azure" else ("Authorization", "Bearer ")
    headers = {name: scheme + credential.api_key} if credential.api_key else {}
    answer = _post(embedder, f"{base}/embeddings", headers, body, timeout_s)
    return [row["embedding"] for row in sorted(answer["data"], key=lambda row: row["index"])]


def _ask_google(
    embedder: Embedder, texts: list[str], purpose: Purpose, timeout_s: float
) -> list[list[float]]:
    base = embedder.credential.base_url or "https://generativelanguage.googleapis.com"
    model = f"models/{embedder.model.removeprefix('models/')}"
    task = {"document": "RETRIEVAL_DOCUMENT", "query": "RETRIEVAL_QUERY"}[purpose]
    requests_ = [
        {
            "model": model,
            "content": {"parts": [{"text": text}]},
            "taskType": task,
            "outputDimensionality": DIMENSIONS,
        }
        for text in texts
    ]
    headers = {"x-goog-api-key": embedder.credential.api_key}
    url = f"{base}/v1beta/{model}:batchEmbedContents"
    answer = _post(embedder, url, headers, {"requests": requests_}, timeout_s)
    return [row["values"] for row in answer["embeddings"]]


def _post(
    embedder: Embedder, url: str, headers: dict[str, str], body: dict[str, Any], timeout_s: float
) -> Any:
    private, until = not embedder.credential.public_only, time.monotonic() + timeout_s
    with (
        guarded_session(allow_private=private) as session,
        # A redirect would carry the key elsewhere.
        session.post(
            url, json=body, headers=headers, timeout=timeout_s, allow_redirects=False, stream=True
        ) as answer,
    ):
        if answer.status_code != 200:
            raise _refusal(embedder, answer)
        return json.loads(body_of(answer, most=LONGEST_ANSWER, until=until))


def _refusal(embedder: Embedder, answer: requests.Response) -> EmbeddingFailed:
    """Never the vendor's own words: they may hold what was asked."""
    label, status = label_of(embedder.vendor), answer.status_code
    told = {
        400: f"does not take this request: is {embedder.model} a model for embeddings?",
        401: "does not know the key",
        402: "wants to be paid first",
        403: "does not allow this with the key",
        404: f"has no model {embedder.model} at this address",
        429: "takes no more requests for now",
    }
    what = told.get(status) or ("is in trouble itself" if status >= 500 else "refuses the request")
    again = _pause(answer) if status in (408, 425, 429) or status >= 500 else None
    return EmbeddingFailed(f"{label} {what} ({status}).", again_s=again, status=status)


def _pause(answer: requests.Response) -> int:
    said = answer.headers.get("Retry-After", "")
    return min(int(said), _LONGEST_PAUSE_S) if said.isdigit() else _PAUSE_S
