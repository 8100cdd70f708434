"""Where the originals of documents are kept."""

from __future__ import annotations

from uuid import UUID

from django.core.files.storage import Storage, storages

from tenants.ids import new_id

ENDINGS = {"text": "txt", "markdown": "md", "html": "html", "pdf": "pdf", "docx": "docx", "url": "bin"}


def document_storage() -> Storage:
    """The file system, or S3 when RECORDINGS_S3_BUCKET is set."""
    return storages["documents"]


def new_key(tenant_id: UUID, document_id: UUID, kind: str) -> str:
    """A name for another file of the document, below its tenant."""
    return f"{tenant_id.hex}/{document_id.hex}-{new_id().hex}.{ENDINGS[kind]}"
