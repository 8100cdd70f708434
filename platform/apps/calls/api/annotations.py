"""REST views of what people add to a call: tags and notes."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.calls.errors import CallUnknown
from apps.calls.models import Call, CallNote
from apps.calls.models.after import TAG_CHARS
from apps.calls.services import notes, tags
from tenants.errors import NotFound
from tenants.ids import from_public
from tenants.rest import ETAG, IF_MATCH, PrefixedIdField, RowSerializer, StrictSerializer, TenantViewSet

MAX_MS = 2**31 - 1
ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="call_...")
_NOTE = OpenApiParameter("note", str, OpenApiParameter.PATH, description="note_...")
_NOTE_EXAMPLE = {"text": "Wants to be called back on Monday.", "at_ms": 12_400}


class TagsSerializer(StrictSerializer):
    tags = serializers.ListField(
        child=serializers.CharField(max_length=TAG_CHARS),
        max_length=100,
        help_text=f"At most {tags.MAX_TAGS}; kept in lower case, each once.",
    )


class TagNameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    calls = serializers.IntegerField(help_text="That have it.")


class TagNamesSerializer(serializers.Serializer[Any]):
    results = TagNameSerializer(many=True)


class NoteSerializer(RowSerializer[CallNote]):
    id = PrefixedIdField(CallNote.id_prefix, read_only=True)
    author = serializers.CharField(source="author_name", help_text="Who wrote it, as they were called then.")
    mine = serializers.SerializerMethodField(help_text="Whether whoever asks wrote it.")

    class Meta:
        model = CallNote
        fields = ["id", "text", "at_ms", "author", "mine", "created_at", "updated_at"]
        read_only_fields = fields

    @extend_schema_field(bool)
    def get_mine(self, note: CallNote) -> bool:
        return notes.is_mine(note, self.context["request"].auth)


class NoteChanges(StrictSerializer):
    text = serializers.CharField(max_length=4_000, required=False)
    at_ms = serializers.IntegerField(
        min_value=0,
        max_value=MAX_MS,
        required=False,
        allow_null=True,
        help_text="Of which moment of the call, from the answer.",
    )


class NoteInput(NoteChanges):
    text = serializers.CharField(max_length=4_000)


class OfCallViewSet(TenantViewSet):
    """Base of the viewsets of one call's things, by the call's id."""

    id_prefix = Call.id_prefix

    def call_row(self) -> Call:
        """CallUnknown when the tenant has no such call."""
        call_id = self.row_id()
        call = Call.objects.filter(pk=call_id).first()
        if call is None:
            raise CallUnknown("There is no such call.")
        return call

    @staticmethod
    def part_id(prefix: str, text: str) -> UUID:
        """The id of a part of the call, in the path. NotFound."""
        try:
            return from_public(prefix, text)
        except ValueError as error:
            raise NotFound("There is no such thing in this call.") from error


@extend_schema(tags=["calls"])
class AnnotationViewSet(OfCallViewSet):
    """Tags and notes."""

    required_permissions: ClassVar = {
        "tag_names": "calls.read",
        "set_tags": "calls.annotate",
        "notes": "calls.read",
        "add_note": "calls.annotate",
        "change_note": "calls.annotate",
        "delete_note": "calls.annotate",
    }

    @extend_schema(
        summary="List tags in use",
        description="The most used first, 200 at most.",
        responses=TagNamesSerializer,
        filters=False,
    )
    @action(detail=False, url_path="tags", pagination_class=None)
    def tag_names(self, request: Request) -> Response:
        return Response({"results": tags.tag_names()})

    @extend_schema(
        summary="Set a call's tags",
        description="All of them: those left out are taken away.",
        parameters=[ID],
        request=TagsSerializer,
        responses=TagsSerializer,
        examples=[OpenApiExample("Two", request_only=True, value={"tags": ["complaint", "vip"]})],
    )
    @action(detail=True, methods=["put"], url_path="tags", pagination_class=None)
    def set_tags(self, request: Request, id: str) -> Response:
        call = tags.set_tags(call_id=self.row_id(), **self.checked(TagsSerializer))
        return Response({"tags": call.tags})

    @extend_schema(
        summary="List a call's notes",
        description="The newest first.",
        parameters=[ID],
        responses=NoteSerializer(many=True),
    )
    @action(detail=True)
    def notes(self, request: Request, id: str) -> Response:
        return self.page(notes.notes_of(self.call_row()), NoteSerializer)

    @extend_schema(
        summary="Write a note",
        parameters=[ID],
        request=NoteInput,
        responses={201: NoteSerializer},
        examples=[OpenApiExample("Of a moment", request_only=True, value=_NOTE_EXAMPLE)],
    )
    @notes.mapping.post
    def add_note(self, request: Request, id: str) -> Response:
        note = notes.add_note(principal=self.principal, call=self.call_row(), **self.checked(NoteInput))
        return self._answer(note, status=201)

    @extend_schema(
        summary="Change a note",
        description="One's own; admins and the owner may change others'.",
        parameters=[ID, _NOTE, IF_MATCH, ETAG],
        request=NoteChanges,
        responses=NoteSerializer,
        examples=[OpenApiExample("Other words", request_only=True, value={"text": "Has been called back."})],
    )
    @action(detail=True, methods=["patch"], url_path=r"notes/(?P<note>[^/.]+)", pagination_class=None)
    def change_note(self, request: Request, id: str, note: str) -> Response:
        row = self._changeable(note)
        return self._answer(notes.change_note(row, **self.checked(NoteChanges)))

    @extend_schema(
        summary="Delete a note", parameters=[ID, _NOTE, IF_MATCH], request=None, responses={204: None}
    )
    @change_note.mapping.delete
    def delete_note(self, request: Request, id: str, note: str) -> Response:
        self._changeable(note).delete()
        return Response(status=204)

    def _changeable(self, note: str) -> CallNote:
        note_id = self.part_id(CallNote.id_prefix, note)
        row = notes.changeable_note(principal=self.principal, call=self.call_row(), note_id=note_id)
        self.check_unchanged(row)
        return row

    def _answer(self, note: CallNote, status: int = 200) -> Response:
        return self.tagged(note, NoteSerializer(note, context={"request": self.request}).data, status)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return CallNote.objects.none()
