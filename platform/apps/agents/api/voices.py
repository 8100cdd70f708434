"""REST: the voices an agent may have, and what they sound like."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_serializer, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.agents.models import Agent
from apps.agents.voices import NoVoiceNow, preview_of, speak
from apps.api.afterwards import Afterwards
from apps.api.problems import problem_response
from media_workers.contract.voices import PREVIEW_CHARS, VOICES, VoicePreview
from tenants.rest import TenantViewSet

PROVIDERS = sorted({voice.provider for voice in VOICES})


class VoiceSerializer(serializers.Serializer[Any]):
    provider = serializers.ChoiceField(choices=PROVIDERS)
    voice = serializers.CharField()
    label = serializers.CharField(help_text="For people.")  # type: ignore[assignment]
    language = serializers.CharField(help_text="A BCP 47 tag.")


# Otherwise the document has a list of these.
@extend_schema_serializer(many=False)
class VoiceListSerializer(serializers.Serializer[Any]):
    results = VoiceSerializer(many=True)


class PreviewQuery(serializers.Serializer[Any]):
    provider = serializers.ChoiceField(choices=PROVIDERS)
    voice = serializers.CharField(max_length=40)
    speed = serializers.FloatField(min_value=0.5, max_value=2.0, default=1.0)
    text = serializers.CharField(max_length=PREVIEW_CHARS, help_text="What to say.")


class WavRenderer(JSONRenderer):
    """Lets a client accept audio/wav alone; what it renders itself are problem documents."""

    media_type = "audio/wav"
    format = "wav"


@extend_schema(tags=["agents"])
@extend_schema_view(list=extend_schema(summary="List voices", responses=VoiceListSerializer))
class VoiceViewSet(TenantViewSet):
    """The voices that every media node has."""

    required_permissions: ClassVar = {"list": "agents.read", "preview": "agents.read"}
    pagination_class = None
    filter_backends = []

    def list(self, request: Request) -> Response:
        return Response({"results": [voice._asdict() for voice in VOICES]})

    @extend_schema(
        summary="Hear a voice",
        description="A mono WAV. 503 when no media node can speak at the moment, 429 beyond 20 new texts a "
        "minute.",
        parameters=[PreviewQuery],
        responses={(200, "audio/wav"): OpenApiTypes.BINARY},
    )
    @action(detail=False, renderer_classes=[JSONRenderer, WavRenderer])
    def preview(self, request: Request) -> HttpResponse:
        query = PreviewQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Afterwards(partial(_spoken, preview_of(**query.validated_data)))

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Agent.objects.none()


def _spoken(wish: VoicePreview) -> HttpResponse:
    try:
        wav = speak(wish)
    except NoVoiceNow as error:
        retry = {"Retry-After": str(error.retry_after_s)}
        return problem_response(503, error.detail, error.code, retry)
    return HttpResponse(wav, content_type="audio/wav", headers={"Cache-Control": "private, max-age=86400"})
