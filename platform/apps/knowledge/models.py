"""Knowledge bases, their documents, and what these are searched by: chunks and an index of their words."""

from __future__ import annotations

from typing import Any

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func

from tenants.managers import TenantManager
from tenants.models import OwnTenant, Tenant, TenantModel
from tenants.secrets import EncryptedText

DIMENSIONS = 1024
"""Of an embedding as it is kept. A shorter one is filled up with zeros, which changes no angle."""

WITHOUT_LANGUAGE = "simple"
"""PostgreSQL's text search configuration that takes words as they are."""


class Real(models.FloatField):  # type: ignore[type-arg]
    """Four bytes; Django's own is of eight."""

    def db_type(self, connection: Any) -> str:
        return "real"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["updated_at", "chunks", "languages", "embedding_key"],
)
class KnowledgeBase(TenantModel):
    """Documents that agents answer from.

    `embedding_vendor` empty: searched by words only. `embedding_url` and `embedding_key` are those of
    `openai_compatible`. `chunks` and `languages` (PostgreSQL's names of text search configurations) are of
    its documents that are ready. `deleting_at`: since when it is gone for people; its rows go meanwhile.
    """

    id_prefix = "kb_"

    name = models.CharField(max_length=200)
    description = models.CharField(max_length=1000, blank=True)
    embedding_vendor = models.CharField(max_length=40, blank=True)
    embedding_model = models.CharField(max_length=200, blank=True)
    embedding_url = models.CharField(max_length=500, blank=True)
    embedding_key = EncryptedText(blank=True, default="")
    chunks = models.PositiveIntegerField(default=0)
    languages = ArrayField(models.CharField(max_length=20), default=list)
    deleting_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class Kind(models.TextChoices):
    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    PDF = "pdf"
    DOCX = "docx"
    URL = "url"


class DocumentState(models.TextChoices):
    READING = "reading"
    READY = "ready"
    FAILED = "failed"


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=[
        "updated_at",
        "state",
        "problem",
        "chunks",
        "language",
        "read_at",
        "storage_key",
        "size_bytes",
        "due_at",
    ],
)
class Document(TenantModel):
    """Something to answer from. The original lies in the storage `documents`, that of a `url` once it has
    been fetched. `problem`: in words, why it could not be read; of one that is ready, what is missing.
    `language`: PostgreSQL's name of the text search configuration that its words were taken by.
    """

    id_prefix = "doc_"

    base = models.ForeignKey(
        KnowledgeBase, on_delete=models.CASCADE, db_constraint=False, related_name="documents"
    )
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    url = models.CharField(max_length=2000, blank=True)
    state = models.CharField(max_length=10, choices=DocumentState.choices, default=DocumentState.READING)
    problem = models.CharField(max_length=500, blank=True)
    storage_key = models.CharField(max_length=255, blank=True)
    size_bytes = models.PositiveIntegerField(default=0)
    chunks = models.PositiveIntegerField(default=0)
    language = models.CharField(max_length=20, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(
        null=True, blank=True, help_text="When its job is taken for lost, and begun again."
    )

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(due_at__isnull=False), name="knowledge_document_due"
            )
        ]

    def __str__(self) -> str:
        return self.title


class Chunk(TenantModel):
    """A piece of a document, small enough to be read out to a model. `heading`: the path of headings that it
    stands under. `words`: how many it has. `embedding`: its meaning, of `DIMENSIONS` numbers."""

    base = models.ForeignKey(KnowledgeBase, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    document = models.ForeignKey(
        Document, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="pieces"
    )
    position = models.PositiveIntegerField()
    heading = models.CharField(max_length=500, blank=True)
    text = models.TextField()
    words = models.PositiveSmallIntegerField()
    embedding = ArrayField(Real(), null=True, blank=True)

    class Meta:
        ordering = ["document", "position"]
        constraints = [models.UniqueConstraint(fields=["document", "position"], name="knowledge_chunk_once")]

    def __str__(self) -> str:
        return self.heading or self.text[:60]


class Word(models.Model):
    """Where a word stands in a document: the index that chunks are found by (docs/decisions/0011).

    `lexeme` is a word's stem. `hits`: for each chunk that has it ``position * 256 + weight``; the weight, up
    to 255, says how much of the chunk it is (`services.indexing`).
    """

    tenant = OwnTenant(Tenant, on_delete=models.CASCADE, related_name="+", db_index=False)
    base = models.ForeignKey(
        KnowledgeBase, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    document = models.ForeignKey(Document, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    lexeme = models.CharField(max_length=100, db_collation="C")
    hits = ArrayField(models.IntegerField())
    chunks = models.GeneratedField(
        expression=Func(F("hits"), function="cardinality"),
        output_field=models.IntegerField(),
        db_persist=True,
    )

    objects = TenantManager()

    class Meta:
        indexes = [
            # How many chunks have a word is read from this alone; the tenant is what policies look at.
            models.Index(fields=["base", "lexeme"], include=["tenant", "chunks"], name="knowledge_word_found")
        ]

    def __str__(self) -> str:
        return self.lexeme
