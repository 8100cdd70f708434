"""REST view of the search through transcripts."""

from __future__ import annotations

import base64
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Agent
from apps.api.pagination import CursorPagination
from apps.calls.api.serializers import CallSerializer
from apps.calls.models import Call
from apps.calls.models.events import SPEAKERS
from apps.calls.selectors import list_calls
from apps.calls.transcript_search import Place, Wish, search
from tenants.rest import PrefixedIdField, TenantViewSet


class PieceSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    marked = serializers.BooleanField(help_text="Whether it is what was searched for.")


class HitSerializer(serializers.Serializer[Any]):
    call = CallSerializer()
    turn = serializers.IntegerField(help_text="Its index.")
    speaker = serializers.ChoiceField(choices=SPEAKERS)
    start_ms = serializers.IntegerField(help_text="From the answer.")
    snippet = PieceSerializer(many=True)


class SearchQuery(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=300)
    agent = PrefixedIdField(Agent.id_prefix, required=False)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    speaker = serializers.ChoiceField(choices=SPEAKERS, required=False)


class HitPagination(CursorPagination):
    """Pages of turns: behind a call and one of its turns."""

    default_limit = 20
    max_limit = 50

    def limit_of(self, request: Request) -> int:
        return self._limit(request)

    def place_of(self, request: Request) -> Place | None:
        """Where the page begins. ValidationError (cursor)."""
        cursor = request.query_params.get("cursor", "")
        if not cursor:
            return None
        try:
            call_id, seq = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split(".")
            return Place(UUID(call_id), min(int(seq), 2**31 - 1))
        except ValueError as error:
            raise ValidationError({"cursor": ["Use the `next_cursor` of the page before."]}) from error

    def answer(self, data: Any, following: Place | None) -> Response:
        self.next_cursor = self._cursor(f"{following.call_id.hex}.{following.seq}") if following else None
        return self.get_paginated_response(data)


@extend_schema(tags=["calls"])
class TranscriptSearchViewSet(TenantViewSet):
    """Turns by what was said in them."""

    required_permissions: ClassVar = {"search": "calls.read"}

    @extend_schema(
        summary="Search transcripts",
        description=(
            "Turns of calls that have ended, by what was said, newest calls first. All words must be in one"
            ' turn, whatever their endings; "words in quotes" stand next to each other; -word must not be'
            " there. A page may hold fewer turns than `limit`, even none, and still have a `next_cursor`:"
            " the search goes on behind it."
        ),
        parameters=[
            OpenApiParameter("q", str, required=True, description="Words and phrases."),
            OpenApiParameter("agent", str, description="agt_..."),
            OpenApiParameter("since", str, description="ISO 8601: calls from then on."),
            OpenApiParameter("until", str, description="ISO 8601: calls before."),
            OpenApiParameter("speaker", str, enum=[name for name, _ in SPEAKERS], description="Who said it."),
        ],
        responses=HitSerializer(many=True),
    )
    @action(detail=False, pagination_class=HitPagination)
    def search(self, request: Request) -> Response:
        pages = self.paginator
        assert isinstance(pages, HitPagination)  # noqa: S101  (ours)
        query = SearchQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        wish = _wish(query.validated_data)
        found, following = search(wish, after=pages.place_of(request), limit=pages.limit_of(request))
        calls = {call.pk: call for call in list_calls().filter(pk__in={turn.call_id for turn in found})}
        hits = [
            {
                "call": calls[turn.call_id],
                "turn": turn.index,
                "speaker": turn.speaker,
                "start_ms": turn.start_ms,
                "snippet": [{"text": text, "marked": marked} for text, marked in turn.snippet],
            }
            for turn in found
            if turn.call_id in calls
        ]
        return pages.answer(HitSerializer(hits, many=True, context={"request": request}).data, following)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Call.objects.none()


def _wish(asked: dict[str, Any]) -> Wish:
    return Wish(
        text=asked["q"],
        agent_id=asked.get("agent"),
        since=asked.get("since"),
        until=asked.get("until"),
        speaker=asked.get("speaker", ""),
    )
