"""Embedding models over a real socket: what each is asked, what its failures come to."""

from __future__ import annotations

from typing import Any

import pytest

from apps.knowledge.embeddings import Embedder, embed
from apps.knowledge.errors import EmbeddingFailed
from apps.knowledge.models import DIMENSIONS
from media_workers.contract.vendors import Credential
from tests.fakes.embeddings import KEY, EmbeddingApi


def embedder(api: EmbeddingApi, vendor: str = "openai", model: str = "text-embedding-3-small") -> Embedder:
    return Embedder(vendor, model, Credential(vendor=vendor, api_key=KEY, base_url=api.url))


@pytest.mark.parametrize(
    ("vendor", "model", "path", "asks"),
    [
        ("openai", "text-embedding-3-large", "/embeddings", {"dimensions": DIMENSIONS}),
        ("mistral", "mistral-embed", "/embeddings", {}),
        ("mistral", "codestral-embed", "/embeddings", {"output_dimension": DIMENSIONS}),
        ("azure", "my-deployment", "/embeddings", {}),
        ("together", "intfloat/multilingual-e5-large-instruct", "/embeddings", {}),
        ("openai_compatible", "nomic-embed-text", "/embeddings", {}),
    ],
)
def test_those_who_speak_openais_protocol(
    api: EmbeddingApi, vendor: str, model: str, path: str, asks: dict[str, Any]
) -> None:
    found = embed(embedder(api, vendor, model), ["dogs", "breakfast"], purpose="document")

    assert api.asked == [(path, {"model": model, "input": ["dogs", "breakfast"], **asks})]
    assert api.keys == [KEY if vendor == "azure" else f"Bearer {KEY}"]
    assert [len(vector) for vector in found] == [DIMENSIONS] * 2
    assert [vector.index(max(vector)) for vector in found] == [0, 1]  # each in its place


@pytest.mark.parametrize(
    ("purpose", "task"), [("document", "RETRIEVAL_DOCUMENT"), ("query", "RETRIEVAL_QUERY")]
)
def test_google(api: EmbeddingApi, purpose: Any, task: str) -> None:
    (found,) = embed(embedder(api, "google", "gemini-embedding-001"), ["dogs"], purpose=purpose)

    ((path, body),) = api.asked
    assert (path, api.keys) == ("/v1beta/models/gemini-embedding-001:batchEmbedContents", [KEY])
    assert body["requests"] == [
        {
            "model": "models/gemini-embedding-001",
            "content": {"parts": [{"text": "dogs"}]},
            "taskType": task,
            "outputDimensionality": DIMENSIONS,
        }
    ]
    assert len(found) == DIMENSIONS


@pytest.mark.parametrize(
    ("status", "words", "again"),
    [
        (401, "OpenAI does not know the key (401).", None),
        (404, "OpenAI has no model text-embedding-3-small at this address (404).", None),
        (429, "OpenAI takes no more requests for now (429).", 7),
        (503, "OpenAI is in trouble itself (503).", 7),
        (0, "OpenAI answered something that are no embeddings.", None),
        (302, "OpenAI refuses the request (302).", None),
    ],
)
def test_a_failure_in_words(api: EmbeddingApi, status: int, words: str, again: int | None) -> None:
    api.failures, api.retry_after = [status], "7"

    with pytest.raises(EmbeddingFailed) as told:
        embed(embedder(api), ["dogs"], purpose="document")

    assert (told.value.detail, told.value.again_s) == (words, again)


def test_nobody_there_and_nobody_answering(api: EmbeddingApi) -> None:
    gone = Embedder("openai", "m", Credential(vendor="openai", api_key=KEY, base_url="http://127.0.0.1:1"))
    with pytest.raises(EmbeddingFailed, match="cannot be reached"):
        embed(gone, ["dogs"], purpose="query")
    api.slow_s = 0.5
    with pytest.raises(EmbeddingFailed, match="gave no answer in time") as told:
        embed(embedder(api), ["dogs"], purpose="query", timeout_s=0.05)
    assert told.value.again_s is not None


def test_more_numbers_than_can_be_kept(api: EmbeddingApi) -> None:
    api.size = DIMENSIONS + 1

    with pytest.raises(EmbeddingFailed, match="choose another model"):
        embed(embedder(api, model="ada"), ["dogs"], purpose="document")


def test_a_private_address_is_not_asked(api: EmbeddingApi) -> None:
    credential = Credential(vendor="openai", api_key=KEY, base_url=api.url, public_only=True)

    with pytest.raises(EmbeddingFailed):
        embed(Embedder("openai", "m", credential), ["dogs"], purpose="query")
    assert api.asked == []


def test_an_answer_that_comes_byte_by_byte_is_not_waited_for(api: EmbeddingApi) -> None:
    api.drip_s = 0.05  # each comes in time; all of them would take minutes
    with pytest.raises(EmbeddingFailed, match="gave no answer in time"):
        embed(embedder(api), ["dogs"], purpose="query", timeout_s=0.5)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "70000.0", "1e400", "1" + "0" * 400, '"1"', "null"])
def test_numbers_that_cannot_be_kept_are_refused(api: EmbeddingApi, number: str) -> None:
    api.first_number = number
    with pytest.raises(EmbeddingFailed, match="no embeddings"):
        embed(embedder(api), ["dogs"], purpose="document")
