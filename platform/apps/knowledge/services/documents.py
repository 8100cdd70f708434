"""Writes of documents, in the tenant's scope."""

from __future__ import annotations

import re
from functools import partial
from pathlib import PurePath
from threading import BoundedSemaphore
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction

from apps.knowledge.child import TookTooLong, read_apart
from apps.knowledge.errors import DocumentRefused, KnowledgeFull
from apps.knowledge.jobs import READ, enqueue
from apps.knowledge.models import Document, DocumentState, Kind, KnowledgeBase
from apps.knowledge.reading.blocks import Unreadable
from apps.knowledge.selectors import get_document, stored
from apps.knowledge.services.indexing import clear, count
from apps.knowledge.storage import document_storage, new_key
from telephony.trunks.values import check_host, is_private
from tenants.errors import Conflict, InvalidInput
from tenants.models import Tenant
from tenants.scope import current_tenant_id

LOOK_S = 8.0
"""How long a file is looked at while somebody waits; what takes longer is read in the background."""

LOOKED_AT_ONCE = 2
WAIT_S = 2.0
"""A file may take more than a gigabyte to look at: with many at once that is left to the background too."""

_looking = BoundedSemaphore(LOOKED_AT_ONCE)

KINDS_BY_ENDING = {
    ".txt": Kind.TEXT, ".text": Kind.TEXT, ".csv": Kind.TEXT, ".log": Kind.TEXT,
    ".md": Kind.MARKDOWN, ".markdown": Kind.MARKDOWN,
    ".html": Kind.HTML, ".htm": Kind.HTML, ".xhtml": Kind.HTML,
    ".pdf": Kind.PDF, ".docx": Kind.DOCX,
}  # fmt: skip
KINDS_BY_TYPE = {
    "text/plain": Kind.TEXT,
    "text/csv": Kind.TEXT,
    "text/markdown": Kind.MARKDOWN,
    "text/x-markdown": Kind.MARKDOWN,
    "text/html": Kind.HTML,
    "application/xhtml+xml": Kind.HTML,
    "application/pdf": Kind.PDF,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": Kind.DOCX,
}
FULL = "A tenant's documents may have {} MB together."
_SPACE = re.compile(r"\s+")


def add_file(
    *, base: KnowledgeBase, name: str, data: bytes, content_type: str = "", title: str = ""
) -> Document:
    """A document that was uploaded as the file `name`. DocumentRefused tells of `file` what can be told at
    once; the rest is told by the document's `problem`. KnowledgeFull."""
    kind = _kind(name, content_type)
    check_readable(kind, data, field="file")
    return _add(base, data, kind=kind, title=title or PurePath(name).name)


def add_text(*, base: KnowledgeBase, text: str, title: str = "") -> Document:
    """A text that somebody typed in, as Markdown: a plain one is read the same way. DocumentRefused."""
    data = text.encode(errors="replace")
    check_readable(Kind.MARKDOWN, data, field="text")
    first = next((line.strip("# \t") for line in text.splitlines() if line.strip("# \t")), "Text")
    return _add(base, data, kind=Kind.MARKDOWN, title=title or first[:80])


def add_url(*, base: KnowledgeBase, url: str, title: str = "") -> Document:
    """A page that is fetched in the background. InvalidInput when it cannot be: private, or no address."""
    url = check_url(url)
    document = _new(base, kind=Kind.URL, title=title or place_of(url), size=0)
    document.url = url
    document.save()
    enqueue(READ, document)
    return document


def refresh(*, document: Document) -> Document:
    """Fetches a page again. Until it has been read, its old text is found. Conflict of what is no page."""
    fresh = get_document(document.pk, lock=True)
    if fresh.kind != Kind.URL:
        raise Conflict("Only a document with an address can be fetched again.", code="not_a_url")
    fresh.state = DocumentState.READING
    fresh.problem = ""
    fresh.save(update_fields=["state", "problem", "updated_at"])
    enqueue(READ, fresh)
    return fresh


def delete_document(*, document: Document) -> None:
    """It is found no more, and its file is deleted."""
    drop_document(get_document(document.pk, lock=True))
    count(document.base_id)


def drop_document(document: Document) -> None:
    """Removes the rows now and the file after the transaction. The base's figures stay as they are."""
    clear(document)
    if key := document.storage_key:
        transaction.on_commit(partial(document_storage().delete, key), robust=True)
    document.delete()


def keep_file(document: Document, data: bytes) -> None:
    """Stores `data` as the document's file; the one before it goes. The row is not saved."""
    old, storage = document.storage_key, document_storage()
    key = new_key(document.tenant_id, document.pk, document.kind)
    document.storage_key = storage.save(key, ContentFile(data))
    document.size_bytes = len(data)
    if old:
        transaction.on_commit(partial(storage.delete, old), robust=True)


def check_readable(kind: str, data: bytes, *, field: str) -> None:
    """DocumentRefused when it can be told at once that the document is not to be read."""
    if len(data) > settings.KNOWLEDGE_MAX_DOCUMENT_BYTES:
        megabytes = settings.KNOWLEDGE_MAX_DOCUMENT_BYTES // 1024 // 1024
        raise DocumentRefused(f"A document may have {megabytes} MB.", field=field, code="too_large")
    if not data.strip():
        raise DocumentRefused("The document is empty.", field=field, code="empty")
    if not _looking.acquire(timeout=WAIT_S):
        return
    try:
        read_apart(kind, data, limit_s=LOOK_S)
    except TookTooLong:
        return
    except Unreadable as error:
        raise DocumentRefused(error.detail, field=field, code=error.code) from error
    finally:
        _looking.release()


def check_room(document: Document, data: bytes) -> None:
    """Unreadable when a fetched page is more than the tenant has room for: its size was not known before."""
    _, held = stored()
    if held - document.size_bytes + len(data) > settings.KNOWLEDGE_MAX_BYTES:
        raise Unreadable("full", FULL.format(settings.KNOWLEDGE_MAX_BYTES // 1024 // 1024))


def place_of(url: str) -> str:
    """The title of a page before it has been read."""
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path.rstrip('/')}"[:300]


def check_url(url: str) -> str:
    """`url`, when it is one of the public internet as far as its text tells: names are looked up when it is
    fetched. InvalidInput."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if (
        not host
        or parts.scheme not in ("http", "https")
        or len(url) > 2000
        or re.search(r"[\s\x00-\x1f]", url)
    ):
        raise InvalidInput("Give an address that begins with https:// or http://.", field="url")
    if parts.username or parts.password:
        raise InvalidInput("Give the address without a user's name and password.", field="url")
    try:
        private = is_private(check_host(host))
    except InvalidInput:
        raise InvalidInput("This is no address of a server.", field="url") from None
    if private and not settings.KNOWLEDGE_ALLOW_PRIVATE_ADDRESSES:
        raise InvalidInput(
            "This address is private: it cannot be reached from here.", field="url", code="private_address"
        )
    return url


def _add(base: KnowledgeBase, data: bytes, *, kind: str, title: str) -> Document:
    document = _new(base, kind=kind, title=title, size=len(data))
    keep_file(document, data)
    try:
        document.save()
        enqueue(READ, document)
    except BaseException:  # whatever it was: the file has no row
        document_storage().delete(document.storage_key)
        raise
    return document


def _new(base: KnowledgeBase, *, kind: str, title: str, size: int) -> Document:
    """Not saved yet. KnowledgeFull."""
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=current_tenant_id())
    if tenant.deleting_at is not None:
        raise Conflict("This tenant is being deleted.", code="tenant_leaving")
    documents, held = stored()
    if documents >= settings.KNOWLEDGE_MAX_DOCUMENTS:
        raise KnowledgeFull(f"A tenant may have {settings.KNOWLEDGE_MAX_DOCUMENTS} documents.")
    if held + size > settings.KNOWLEDGE_MAX_BYTES:
        raise KnowledgeFull(FULL.format(settings.KNOWLEDGE_MAX_BYTES // 1024 // 1024))
    title = _SPACE.sub(" ", title).strip()[:300] or "Document"
    return Document(base=base, tenant_id=base.tenant_id, kind=kind, title=title)


def _kind(name: str, content_type: str) -> str:
    """By the name's ending, else by what the browser says. DocumentRefused for anything else."""
    ending = PurePath(name).suffix.lower()
    kind = KINDS_BY_ENDING.get(ending) or KINDS_BY_TYPE.get(content_type.partition(";")[0].strip().lower())
    if kind is None:
        raise DocumentRefused(
            "Give a text, Markdown, HTML, PDF or DOCX file.", field="file", code="unknown_kind"
        )
    return kind
