"""Documents on their way: given, read, embedded, found, fetched again, deleted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from apps.knowledge import tasks
from apps.knowledge.errors import DocumentRefused, EmbeddingFailed, KnowledgeFull
from apps.knowledge.jobs import EMBED, READ
from apps.knowledge.leaving import documents as files_of
from apps.knowledge.models import Chunk, Document, KnowledgeBase, Word
from apps.knowledge.services import bases
from apps.knowledge.services.documents import add_file, add_text, add_url, delete_document, refresh
from apps.knowledge.services.embed_document import embed_document
from apps.knowledge.services.fetching import NotFetched
from apps.knowledge.services.read_document import read_document
from apps.knowledge.services.searching import search
from apps.knowledge.storage import document_storage
from apps.knowledge.vectors import available
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tests.apps.knowledge import files
from tests.apps.knowledge.conftest import HOUSE, Read, embedding
from tests.fakes.embeddings import EmbeddingApi

Sent = list[tuple[str, list[str]]]


@pytest.fixture
def embedded(tenant: Tenant, api: EmbeddingApi) -> KnowledgeBase:
    """A base with an embedding model."""
    if not available():
        pytest.skip("the database has no pgvector")
    with tenant_scope(tenant.pk):
        return bases.create_base(name="House", embedding=bases.Embedding(**embedding(api)))


@contextmanager
def site(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def page(body: bytes, kind: str = "text/html", status: int = 200, **headers: str) -> Callable[[Any], None]:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def ask(tenant: Tenant, base: KnowledgeBase, query: str) -> list[str]:
    return [one.heading.rpartition(" > ")[2] for one in search(tenant.pk, [base.pk], query, limit=3).found]


def test_a_document_from_its_upload_to_an_answer(
    tenant: Tenant, base: KnowledgeBase, read: Read, sent: Sent, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(tenant.pk):
        document = add_file(base=base, name="house.md", data=HOUSE.encode())
    assert sent == [(READ, [str(tenant.pk), str(document.pk)])]
    assert (document.state, document.kind, document.title) == ("reading", "markdown", "house.md")

    document = read(document)

    assert (document.state, document.problem, document.chunks, document.language) == (
        "ready",
        "",
        4,
        "english",
    )
    assert document.due_at is None
    answer = search(tenant.pk, [base.pk], "may I bring my dogs", limit=3)
    (found,) = answer.found
    assert (found.document_id, found.title, found.by, found.matched) == (
        document.pk,
        "house.md",
        ["words"],
        ["dogs"],
    )
    assert answer.trouble == ""


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.pdf", files.locked_pdf(), "encrypted"),
        ("a.pdf", files.pdf(""), "no_text"),
        ("a.pdf", b"no", "not_pdf"),
        ("a.docx", files.bomb(), "too_large"),
        ("a.txt", b" \n", "empty"),
        ("a.exe", b"MZ", "unknown_kind"),
        ("a.txt", b"x" * 3_000, "too_large"),
    ],
)
def test_what_cannot_be_read_is_refused_when_it_is_given(
    tenant: Tenant, base: KnowledgeBase, settings: Any, name: str, data: bytes, code: str
) -> None:
    settings.KNOWLEDGE_MAX_DOCUMENT_BYTES = 100_000 if code != "too_large" or name != "a.txt" else 2_000
    with tenant_scope(tenant.pk), pytest.raises(DocumentRefused) as told:
        add_file(base=base, name=name, data=data)

    assert (told.value.field, told.value.code) == ("file", code)
    with tenant_scope(tenant.pk):
        assert not Document.objects.exists()


def test_a_tenant_has_its_limits(tenant: Tenant, base: KnowledgeBase, settings: Any) -> None:
    with tenant_scope(tenant.pk):
        add_text(base=base, text="Dogs are welcome.")
        settings.KNOWLEDGE_MAX_BYTES = 20
        with pytest.raises(KnowledgeFull):
            add_text(base=base, text="Cats are, too.")
        settings.KNOWLEDGE_MAX_DOCUMENTS = 1
        with pytest.raises(KnowledgeFull):
            add_url(base=base, url="https://example.com/")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1/", "private_address"),
        ("http://[::1]/", "private_address"),
        ("http://[::ffff:10.0.0.1]/", "private_address"),
        ("http://2130706433/", "invalid"),
        ("http://localhost:8000/", "private_address"),
        ("http://intranet/", "private_address"),
        ("https://user:word@example.com/", "invalid"),
        ("ftp://example.com/", "invalid"),
        ("file:///etc/passwd", "invalid"),
        ("https://exa mple.com/", "invalid"),
        ("nothing", "invalid"),
    ],
)
def test_an_address_that_leads_inside_is_refused(
    tenant: Tenant, base: KnowledgeBase, url: str, code: str
) -> None:
    with tenant_scope(tenant.pk), pytest.raises(InvalidInput) as told:
        add_url(base=base, url=url)

    assert (told.value.field, told.value.code) == ("url", code)


def test_a_page_is_fetched_and_fetched_again(
    tenant: Tenant, base: KnowledgeBase, read: Read, settings: Any
) -> None:
    settings.KNOWLEDGE_ALLOW_PRIVATE_ADDRESSES = True
    now: dict[str, Any] = {"answer": page(b"<title>Rules</title><h1>Pets</h1><p>Dogs are welcome.</p>")}
    with site(lambda request: now["answer"](request)) as url:
        with tenant_scope(tenant.pk):
            document = add_url(base=base, url=f"{url}/rules")
        document = read(document)
        assert (document.state, document.title, document.chunks) == ("ready", "Rules", 1)
        assert ask(tenant, base, "dogs") == ["Pets"]

        now["answer"] = page(b"<h1>Pets</h1><p>Cats are welcome.</p>")
        with tenant_scope(tenant.pk):
            document = refresh(document=document)
            assert document.state == "reading"
        assert ask(tenant, base, "dogs") == ["Pets"]  # until it has been read
        document = read(document)
        assert (ask(tenant, base, "dogs"), ask(tenant, base, "cats")) == ([], ["Pets"])

        now["answer"] = page(b"gone", status=404)
        with tenant_scope(tenant.pk):
            refresh(document=document)
        document = read(document)
    assert (document.state, document.problem) == (
        "ready",
        "It could not be fetched again: The server answered 404.",
    )
    assert ask(tenant, base, "cats") == ["Pets"]


def test_a_page_takes_no_more_room_than_there_is(
    tenant: Tenant, base: KnowledgeBase, read: Read, settings: Any
) -> None:
    settings.KNOWLEDGE_ALLOW_PRIVATE_ADDRESSES, settings.KNOWLEDGE_MAX_BYTES = True, 100
    with site(page(b"Dogs are welcome. " * 20, "text/plain")) as url:
        with tenant_scope(tenant.pk):
            document = add_url(base=base, url=url)
        document = read(document)
    assert (document.state, document.storage_key) == ("failed", "")
    assert "together" in document.problem


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (page(b"no", status=403), "The server answered 403."),
        (page(b"\x89PNG", "image/png"), "There is no text at this address, but image/png."),
        (page(b"x" * 200_000, "text/plain"), "The page has more than 0 MB."),
        (page(b"%PDF-1.4 x", "application/pdf"), "This PDF is damaged and cannot be read."),
        (page(b"", status=302, Location="/round"), "The address leads from one to another without an end."),
        (page(b"", status=503), "The server answered 503."),
    ],
)
def test_a_page_that_cannot_be_had_says_why(
    tenant: Tenant,
    base: KnowledgeBase,
    read: Read,
    settings: Any,
    answer: Callable[[Any], None],
    problem: str,
) -> None:
    settings.KNOWLEDGE_ALLOW_PRIVATE_ADDRESSES = True
    settings.KNOWLEDGE_MAX_DOCUMENT_BYTES = 100_000
    with site(answer) as url:
        with tenant_scope(tenant.pk):
            document = add_url(base=base, url=url)
        document = read(document)

    assert (document.state, document.problem) == ("failed", problem)


def test_a_page_that_may_come_later_is_asked_for_again(
    tenant: Tenant, base: KnowledgeBase, settings: Any
) -> None:
    settings.KNOWLEDGE_ALLOW_PRIVATE_ADDRESSES = True
    with site(page(b"", status=503)) as url, tenant_scope(tenant.pk):
        document = add_url(base=base, url=url)
    with pytest.raises(NotFetched):
        read_document(tenant.pk, document.pk, last_try=False)
    with tenant_scope(tenant.pk):
        document.refresh_from_db()
    assert document.state == "reading"


def test_a_redirect_into_our_network_is_not_followed(
    tenant: Tenant, base: KnowledgeBase, read: Read, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing here is public: the first address counts as such, whatever its number."""
    asked: list[str] = []

    def inside(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.path)
        page(b"secret", "text/plain")(request)

    with (
        site(inside) as private,
        site(page(b"", status=302, Location=f"{private.replace('127.0.0.1', '127.0.0.2')}/")) as public,
    ):
        monkeypatch.setattr("tenants.outbound.is_public", lambda address: address == "127.0.0.1")
        with tenant_scope(tenant.pk):
            document = Document.objects.create(base=base, kind="url", url=public, title="x")
        document = read(document)

    assert (document.state, document.problem, asked) == (
        "failed",
        "The address is private: it cannot be reached from here.",
        [],
    )


def test_deleted_documents_leave_nothing(
    tenant: Tenant, base: KnowledgeBase, read: Read, django_capture_on_commit_callbacks: Any
) -> None:
    with tenant_scope(tenant.pk):
        document = add_text(base=base, text=HOUSE)
        key = document.storage_key
    read(document)
    assert [file.name for file in files_of(Tenant, tenant)] == [f"documents/{document.public_id}.md"]
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(tenant.pk):
        delete_document(document=document)

    with tenant_scope(tenant.pk):
        base.refresh_from_db()
        left = [model.objects.count() for model in (Document, Chunk, Word)]
    assert (left, base.chunks, base.languages) == ([0, 0, 0], 0, [])
    assert not document_storage().exists(key)


def test_a_deleted_base_goes_with_everything(tenant: Tenant, base: KnowledgeBase, read: Read) -> None:
    with tenant_scope(tenant.pk):
        document = add_text(base=base, text=HOUSE)
    read(document)
    with tenant_scope(tenant.pk):
        bases.delete_base(base=base)
    assert search(tenant.pk, [base.pk], "dogs", limit=3).found == []

    bases.finish_deleting(tenant.pk, base.pk)

    with platform_scope():
        assert [m.objects.count() for m in (KnowledgeBase, Document, Chunk, Word)] == [0, 0, 0, 0]


def test_jobs_that_got_lost_are_begun_again(
    tenant: Tenant, base: KnowledgeBase, sent: Sent, django_capture_on_commit_callbacks: Any
) -> None:
    with tenant_scope(tenant.pk):
        lost = add_text(base=base, text=HOUSE)
        add_text(base=base, text="Not lost yet.")
        Document.objects.filter(pk=lost.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    sent.clear()
    with django_capture_on_commit_callbacks(execute=True):
        tasks.resume()

    assert sent == [(READ, [str(tenant.pk), str(lost.pk)])]


# --- meanings ------------------------------------------------------------------------------------


def test_meanings_are_found_where_no_word_is_the_same(
    tenant: Tenant, embedded: KnowledgeBase, api: EmbeddingApi, read: Read
) -> None:
    with tenant_scope(tenant.pk):
        document = add_text(base=embedded, text=HOUSE, title="House")
    document = read(document)
    assert (document.state, document.problem) == ("ready", "")
    assert len(api.asked) == 1
    assert api.asked[0][1]["input"][0].startswith("House\nHotel Seeblick > Breakfast\nBreakfast is")

    first = search(tenant.pk, [embedded.pk], "where do I leave my vehicle", limit=1)

    assert [(one.heading, one.by) for one in first.found] == [("Hotel Seeblick > Parking", ["meaning"])]
    search(tenant.pk, [embedded.pk], "where do I leave my vehicle", limit=1)
    assert len(api.asked) == 2  # the question once


def test_a_vendor_that_is_slow_or_gone_leaves_the_words(
    tenant: Tenant, embedded: KnowledgeBase, api: EmbeddingApi, read: Read
) -> None:
    with tenant_scope(tenant.pk):
        read_document(tenant.pk, add_text(base=embedded, text=HOUSE).pk)
    api.slow_s = 0.5
    late = search(tenant.pk, [embedded.pk], "dogs and their puppy", limit=1, within_s=0.05)
    api.slow_s, api.failures = 0, [500]
    broken = search(tenant.pk, [embedded.pk], "dogs and a puppy", limit=1)

    assert [one.by for one in (*late.found, *broken.found)] == [["words"], ["words"]]
    assert "gave no answer in time" in late.trouble
    assert "in trouble itself (500)" in broken.trouble


def test_embedding_goes_on_where_it_broke_off(
    tenant: Tenant, embedded: KnowledgeBase, api: EmbeddingApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.knowledge.services.embed_document.BATCH", 3)
    with tenant_scope(tenant.pk):
        document = add_text(base=embedded, text=HOUSE)
    read_document(tenant.pk, document.pk)
    api.failures = [200, 429]
    with pytest.raises(EmbeddingFailed):
        embed_document(tenant.pk, document.pk, last_try=False)
    with tenant_scope(tenant.pk):
        assert Chunk.objects.exclude(embedding=None).count() == 3

    embed_document(tenant.pk, document.pk, last_try=False)

    assert [len(body["input"]) for _, body in api.asked] == [3, 1, 1]
    with tenant_scope(tenant.pk):
        assert not Chunk.objects.filter(embedding=None).exists()


def test_a_document_that_cannot_be_embedded_says_so_and_is_found_by_its_words(
    tenant: Tenant, embedded: KnowledgeBase, api: EmbeddingApi, read: Read
) -> None:
    api.failures = [401]
    with tenant_scope(tenant.pk):
        document = add_text(base=embedded, text=HOUSE)
    document = read(document)

    assert document.state == "ready"
    assert document.problem.startswith("It is found by its words only: ")
    assert document.problem.endswith("does not know the key (401).")
    assert ask(tenant, embedded, "dogs") == ["Pets"]


def test_another_model_embeds_everything_anew(
    tenant: Tenant, embedded: KnowledgeBase, api: EmbeddingApi, read: Read, sent: Sent,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    with tenant_scope(tenant.pk):
        document = add_text(base=embedded, text=HOUSE)
    read(document)
    sent.clear()
    other = bases.Embedding(**embedding(api, model="large"))
    with django_capture_on_commit_callbacks(execute=True), tenant_scope(tenant.pk):
        bases.update_base(base=embedded, embedding=other, change_embedding=True)
        assert not Chunk.objects.exclude(embedding=None).exists()
    assert sent == [(EMBED, [str(tenant.pk), str(document.pk)])]

    embed_document(tenant.pk, document.pk)

    assert api.asked[-1][1]["model"] == "large"
