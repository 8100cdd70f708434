"""Knowledge bases and documents as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.knowledge.embeddings import VENDORS
from apps.knowledge.finding import LONGEST_QUERY
from apps.knowledge.models import Chunk, Document, DocumentState, Kind, KnowledgeBase
from apps.knowledge.services.bases import Embedding
from tenants.rest import PrefixedIdField, StrictSerializer

LONGEST_TEXT = 1_000_000
MOST_BASES = 10
EMBEDDING_VENDORS = list(VENDORS)
DOCUMENT_KINDS = Kind.choices
DOCUMENT_STATES = DocumentState.choices


class EmbeddingSerializer(serializers.Serializer[Any]):
    """The model that meanings are searched by."""

    vendor = serializers.CharField(source="embedding_vendor")
    model = serializers.CharField(source="embedding_model")
    base_url = serializers.CharField(source="embedding_url", help_text="Of `openai_compatible`.")


class KnowledgeBaseSerializer(serializers.ModelSerializer[KnowledgeBase]):
    id = PrefixedIdField(KnowledgeBase.id_prefix, read_only=True)
    documents = serializers.SerializerMethodField(help_text="How many it has.")
    chunks = serializers.IntegerField(help_text="Pieces of its documents that can be found.")
    embedding = serializers.SerializerMethodField(help_text="Null: words only are searched.")

    class Meta:
        model = KnowledgeBase
        fields = ["id", "name", "description", "documents", "chunks", "embedding", "created_at", "updated_at"]
        read_only_fields = fields

    def get_documents(self, base: KnowledgeBase) -> int:
        counted = getattr(base, "document_count", None)
        return base.documents.count() if counted is None else int(counted)

    @extend_schema_field(EmbeddingSerializer(allow_null=True))
    def get_embedding(self, base: KnowledgeBase) -> Any:
        return EmbeddingSerializer(base).data if base.embedding_vendor else None


class EmbeddingInput(StrictSerializer):
    vendor = serializers.ChoiceField(choices=EMBEDDING_VENDORS, help_text="Whose key is taken as for calls.")
    model = serializers.CharField(
        max_length=200, help_text="The vendor's name for it; of at most 1024 numbers, or one that can be."
    )
    base_url = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        help_text="Of `openai_compatible`: what `/embeddings` is added to.",
    )
    api_key = serializers.CharField(
        max_length=500,
        required=False,
        allow_null=True,
        default=None,
        help_text="Of `openai_compatible`. Write-only. Left out or null: the one there is stays.",
    )

    def validate(self, values: dict[str, Any]) -> Embedding:
        return Embedding(**values)


class KnowledgeBaseInput(StrictSerializer):
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    embedding = EmbeddingInput(required=False, allow_null=True, default=None)


class KnowledgeBaseChanges(StrictSerializer):
    name = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    embedding = EmbeddingInput(
        required=False, allow_null=True, help_text="Null: words only. Another model embeds all anew."
    )


class DocumentSerializer(serializers.ModelSerializer[Document]):
    id = PrefixedIdField(Document.id_prefix, read_only=True)
    kind = serializers.ChoiceField(choices=DOCUMENT_KINDS)
    state = serializers.ChoiceField(choices=DOCUMENT_STATES)
    url = serializers.CharField(help_text="Of a page; otherwise empty.")
    problem = serializers.CharField(
        help_text="In words: why it could not be read; of one that is ready, what is missing."
    )
    chunks = serializers.IntegerField(help_text="Pieces that it was divided into.")
    language = serializers.CharField(
        help_text="The language that its words were taken to be of, like `english`; `simple`: of none."
    )

    class Meta:
        model = Document
        fields = [
            "id",
            "title",
            "kind",
            "url",
            "state",
            "problem",
            "size_bytes",
            "chunks",
            "language",
            "created_at",
            "read_at",
        ]
        read_only_fields = fields


class DocumentInput(StrictSerializer):
    """Exactly one of `text` and `url`."""

    title = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    text = serializers.CharField(
        max_length=LONGEST_TEXT, required=False, trim_whitespace=False, help_text="Plain, or Markdown."
    )
    url = serializers.CharField(
        max_length=2000, required=False, help_text="A page of the public internet: HTML, PDF or text."
    )

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if ("text" in values) == ("url" in values):
            raise serializers.ValidationError({"text": ["Give a text, or the address of a page."]})
        return values


class DocumentUpload(StrictSerializer):
    file = serializers.FileField(
        max_length=300, help_text="Text, Markdown, HTML, PDF or DOCX, by the ending of its name."
    )
    title = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")

    def validate_file(self, file: Any) -> Any:
        if file.size > settings.KNOWLEDGE_MAX_DOCUMENT_BYTES:
            megabytes = settings.KNOWLEDGE_MAX_DOCUMENT_BYTES // 1024 // 1024
            raise serializers.ValidationError(f"A document may have {megabytes} MB.", code="too_large")
        return file


class ChunkSerializer(serializers.ModelSerializer[Chunk]):
    embedded = serializers.SerializerMethodField(help_text="It can be found by its meaning.")

    class Meta:
        model = Chunk
        fields = ["position", "heading", "text", "words", "embedded"]
        read_only_fields = fields

    def get_embedded(self, chunk: Chunk) -> bool:
        return bool(getattr(chunk, "embedded", False))


class KnowledgeSearchInput(StrictSerializer):
    bases = serializers.ListField(
        child=PrefixedIdField(KnowledgeBase.id_prefix), min_length=1, max_length=MOST_BASES
    )
    query = serializers.CharField(max_length=LONGEST_QUERY)
    limit = serializers.IntegerField(min_value=1, max_value=20, required=False, default=5)


class KnowledgeResultSerializer(serializers.Serializer[Any]):
    document = PrefixedIdField(Document.id_prefix, source="document_id")
    document_title = serializers.CharField(source="title")
    url = serializers.CharField()
    heading = serializers.CharField(help_text="The headings that it stands under.")
    text = serializers.CharField()
    score = serializers.FloatField(help_text="0 to 1: 1 is the first in every list, of words and meanings.")
    by = serializers.ListField(child=serializers.ChoiceField(choices=["words", "meaning"]))
    matched = serializers.ListField(child=serializers.CharField(), help_text="Words of the question.")


class KnowledgeAnswerSerializer(serializers.Serializer[Any]):
    took_ms = serializers.IntegerField()
    trouble = serializers.CharField(help_text="Why meanings were not searched though they should be.")
    results = KnowledgeResultSerializer(many=True, source="found")
