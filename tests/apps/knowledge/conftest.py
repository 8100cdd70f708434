"""A tenant with a base, and documents that are read at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.knowledge import jobs
from apps.knowledge.models import Document, KnowledgeBase
from apps.knowledge.services.embed_document import embed_document
from apps.knowledge.services.read_document import read_document
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.fakes.embeddings import EmbeddingApi, embedding_api
from tests.tenancy import key_client, make_key, make_tenant

HOUSE = """# Hotel Seeblick

## Breakfast
Breakfast is served from half past six to ten, on Sundays to eleven.

## Parking
The garage has forty places. A night costs 12 dollars; charging an electric car is free.

## Pets
Dogs are welcome and cost 15 dollars a night.

## Cancellation
A booking can be cancelled without a charge until 18:00 of the day before arrival.
"""


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """The jobs that were asked for; nobody takes them."""
    asked: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(jobs, "_send", lambda job, arguments: asked.append((job, arguments)))
    return asked


@pytest.fixture
def api() -> Iterator[EmbeddingApi]:
    with embedding_api() as server:
        yield server


@pytest.fixture
def tenant(db: None) -> Tenant:
    return make_tenant()


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


@pytest.fixture
def base(tenant: Tenant) -> KnowledgeBase:
    with tenant_scope(tenant.pk):
        return KnowledgeBase.objects.create(name="House")


Read = Callable[[Document], Document]


@pytest.fixture
def read(tenant: Tenant) -> Read:
    """Does the document's jobs."""

    def done(document: Document) -> Document:
        read_document(tenant.pk, document.pk)
        embed_document(tenant.pk, document.pk)
        with tenant_scope(tenant.pk):
            document.refresh_from_db()
        return document

    return done


def embedding(api: EmbeddingApi, **changes: Any) -> dict[str, Any]:
    return {"vendor": "openai_compatible", "model": "small", "base_url": api.url} | changes
