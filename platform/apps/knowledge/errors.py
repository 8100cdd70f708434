"""What can go wrong with a document, besides the errors of `tenants.errors`."""

from __future__ import annotations

from tenants.errors import InvalidInput, LimitReached


class DocumentRefused(InvalidInput):
    """A document that cannot be taken, told when it is given. `code`: encrypted, not_pdf, not_docx, not_text,
    no_text, empty, damaged, too_large, unknown_kind."""


class KnowledgeFull(LimitReached):
    """The tenant has as many documents, or as large ones, as it may."""

    code = "knowledge_full"


class EmbeddingFailed(Exception):
    """A vendor of embeddings did not do its work. `again_s`: asking again after so long may help; None: it
    will not. The text is for people; `status` is of HTTP."""

    def __init__(self, detail: str, *, again_s: int | None = None, status: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.again_s = again_s
        self.status = status
