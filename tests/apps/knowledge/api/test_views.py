"""Knowledge bases over the API: what people and programs send, and what comes back."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from apps.agents.services import create_agent, publish, update_draft
from apps.knowledge.models import Document, KnowledgeBase
from apps.knowledge.vectors import available
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.apps.knowledge import files
from tests.apps.knowledge.conftest import Read, embedding
from tests.fakes.embeddings import EmbeddingApi
from tests.tenancy import script_config

URL = "/api/v1/knowledge-bases"


def of(base: KnowledgeBase, *rest: str) -> str:
    return "/".join([URL, base.public_id, *rest])


def upload(client: APIClient, base: KnowledgeBase, name: str, data: bytes, **more: Any) -> Any:
    key = more.pop("key", None)
    headers = {"Idempotency-Key": key} if key else {}
    body = {"file": SimpleUploadedFile(name, data, "application/octet-stream"), **more}
    return client.post(of(base, "documents"), body, format="multipart", headers=headers)


def fault(answer: Any) -> tuple[int, str, str]:
    (error,) = answer.json()["errors"]
    return answer.status_code, error["field"], error["code"]


def test_a_base_is_made_changed_and_deleted(client: APIClient) -> None:
    made = client.post(URL, {"name": " House ", "description": "Rules"})
    assert made.status_code == 201
    shown = made.json()
    assert (shown["name"], shown["documents"], shown["chunks"], shown["embedding"]) == ("House", 0, 0, None)

    url = f"{URL}/{shown['id']}"
    changed = client.patch(url, {"name": "Home"}, headers={"If-Match": made["ETag"]})
    assert changed.json()["name"] == "Home"
    assert client.patch(url, {"name": "X"}, headers={"If-Match": made["ETag"]}).status_code == 412
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404
    assert client.get(URL).json()["results"] == []


def test_a_file_is_uploaded_read_shown_and_searched(
    client: APIClient, base: KnowledgeBase, tenant: Tenant, read: Read
) -> None:
    answer = upload(client, base, "house.docx", files.docx(), title="The house")
    assert answer.status_code == 201, answer.content
    shown = answer.json()
    assert (shown["title"], shown["kind"], shown["state"]) == ("The house", "docx", "reading")
    with tenant_scope(tenant.pk):
        document = Document.objects.get()
    read(document)

    (listed,) = client.get(of(base, "documents")).json()["results"]
    assert (listed["state"], listed["chunks"], listed["size_bytes"]) == ("ready", 2, len(files.docx()))
    assert client.get(of(base, "documents", shown["id"])).json() == listed
    chunks = client.get(of(base, "documents", shown["id"], "chunks")).json()["results"]
    assert [(c["position"], c["heading"]) for c in chunks] == [
        (0, "House rules"),
        (1, "House rules > Prices"),
    ]
    assert client.get(of(base)).json()["chunks"] == 2

    body = {"bases": [base.public_id], "query": "may I bring dogs"}
    found = client.post(f"{URL}/search", body).json()
    (result,) = found["results"]
    assert result == {
        "document": shown["id"],
        "document_title": "The house",
        "url": "",
        "heading": "House rules",
        "text": "Dogs are welcome.",
        "score": 1.0,
        "by": ["words"],
        "matched": ["dogs"],
    }

    assert client.delete(of(base, "documents", shown["id"])).status_code == 204
    assert client.post(f"{URL}/search", body).json()["results"] == []


def test_an_upload_that_is_sent_again_is_one_document(client: APIClient, base: KnowledgeBase) -> None:
    first = upload(client, base, "a.txt", b"Dogs are welcome.", key="once")
    again = upload(client, base, "a.txt", b"Dogs are welcome.", key="once")
    other = upload(client, base, "a.txt", b"Cats are welcome.", key="once")

    assert (first.status_code, again.status_code, again["Idempotent-Replayed"]) == (201, 201, "true")
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert len(client.get(of(base, "documents")).json()["results"]) == 1


def test_what_cannot_be_read_is_named(client: APIClient, base: KnowledgeBase, settings: Any) -> None:
    assert fault(upload(client, base, "a.pdf", files.locked_pdf())) == (422, "file", "encrypted")
    assert fault(upload(client, base, "a.png", b"\x89PNG")) == (422, "file", "unknown_kind")
    assert fault(client.post(of(base, "documents"), {"url": "http://10.0.0.1/"})) == (
        422,
        "url",
        "private_address",
    )
    assert fault(client.post(of(base, "documents"), {"text": " "})) == (422, "text", "empty")
    assert client.post(of(base, "documents"), {}).status_code == 422
    assert client.post(of(base, "documents"), {"text": "x", "url": "https://a.example"}).status_code == 422
    settings.KNOWLEDGE_MAX_DOCUMENT_BYTES = 10
    assert fault(upload(client, base, "a.txt", b"x" * 11)) == (422, "file", "too_large")
    broken = client.generic(
        "POST",
        of(base, "documents"),
        b"--x\r\nno parts",
        content_type="multipart/form-data",
        headers={"Idempotency-Key": "broken"},
    )
    assert broken.status_code == 400


def test_a_search_names_a_base_that_there_is_not(client: APIClient, base: KnowledgeBase) -> None:
    body = {"bases": [base.public_id, "kb_" + "0" * 32], "query": "dogs"}

    assert fault(client.post(f"{URL}/search", body)) == (422, "bases.1", "unknown")


def test_an_embedding_model_is_checked(
    client: APIClient, base: KnowledgeBase, api: EmbeddingApi, settings: Any
) -> None:
    if not available():
        assert fault(client.patch(of(base), {"embedding": embedding(api)})) == (
            422,
            "embedding",
            "no_pgvector",
        )
        return
    settings.VENDOR_KEYS = {}
    openai = {"vendor": "openai", "model": "text-embedding-3-small"}
    assert fault(client.patch(of(base), {"embedding": openai})) == (422, "embedding.vendor", "no_key")
    private = embedding(api)
    settings.VENDORS_ALLOW_PRIVATE_ADDRESSES = False
    assert client.patch(of(base), {"embedding": private}).status_code == 422
    settings.VENDORS_ALLOW_PRIVATE_ADDRESSES = True

    answer = client.patch(of(base), {"embedding": private | {"api_key": "a secret of ours"}})

    assert answer.json()["embedding"] == {
        "vendor": "openai_compatible",
        "model": "small",
        "base_url": api.url,
    }
    assert b"a secret of ours" not in answer.content
    assert client.patch(of(base), {"embedding": None}).json()["embedding"] is None


def test_a_base_that_an_agent_answers_from_stays(
    client: APIClient, base: KnowledgeBase, tenant: Tenant
) -> None:
    uses = script_config(knowledge={"bases": []})
    with tenant_scope(tenant.pk):
        chosen = uses.model_copy(
            update={"knowledge": uses.knowledge.model_copy(update={"bases": [base.public_id]})}
        )
        agent = create_agent(name="Reception", config=chosen)
    refused = client.delete(of(base))
    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert "Reception" in refused.json()["detail"]

    with tenant_scope(tenant.pk):
        publish(agent=agent)
        update_draft(agent=agent, config=uses)
    assert client.delete(of(base)).status_code == 409  # the published version answers from it
    with tenant_scope(tenant.pk):
        publish(agent=agent)
    assert client.delete(of(base)).status_code == 204


def test_an_agent_names_bases_that_there_are(client: APIClient, base: KnowledgeBase) -> None:
    config = {
        "model": {"provider": "script", "nodes": {"start": {}}},
        "knowledge": {"bases": [base.public_id, "kb_" + "0" * 32]},
    }
    refused = client.post("/api/v1/agents", {"name": "A", "config": config})
    assert fault(refused) == (422, "config.knowledge.bases.1", "unknown")

    config["knowledge"] = {"bases": [base.public_id]}
    assert client.post("/api/v1/agents", {"name": "A", "config": config}).status_code == 201
