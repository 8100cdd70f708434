"""REST views for those who have no account: links to a call, and signed addresses of its recording."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.api.problems import problem_response
from apps.calls.api.annotations import ID, OfCallViewSet
from apps.calls.api.audio import audio_response
from apps.calls.api.serializers import PeaksSerializer
from apps.calls.api.wav import NO_RECORDING, WavRenderer
from apps.calls.models import Call, CallShare, Recording, Turn
from apps.calls.selectors import list_calls
from apps.calls.services import shares, signed_recordings
from apps.calls.services.call_files import recording_storage
from tenants.errors import NotFound
from tenants.permissions import Access
from tenants.rest import PersonViewSet, PrefixedIdField, RowSerializer, StrictSerializer
from tenants.scope import platform_scope

_SHARE = OpenApiParameter("share", str, OpenApiParameter.PATH, description="shr_...")
_TOKEN = OpenApiParameter("token", str, OpenApiParameter.PATH, description="From the link.")
_TICKET = OpenApiParameter("ticket", str, OpenApiParameter.PATH, description="From the address.")
_NOBODY: Any = [{}]
"""For the document: no credentials are needed."""

_WAV = {(200, "audio/wav"): OpenApiTypes.BINARY, (206, "audio/wav"): OpenApiTypes.BINARY}
PRIVATE = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Whoever holds the address may look: neither a search engine nor another site is to learn of it."""


class ShareSerializer(RowSerializer[CallShare]):
    id = PrefixedIdField(CallShare.id_prefix, read_only=True)
    views = serializers.IntegerField(source="opened", help_text="How often the page was read.")
    last_viewed_at = serializers.DateTimeField(source="opened_at", allow_null=True)
    created_by = serializers.CharField(source="made_by")

    class Meta:
        model = CallShare
        fields = [
            "id",
            "recording",
            "transcript",
            "analysis",
            "expires_at",
            "revoked_at",
            "views",
            "last_viewed_at",
            "created_by",
            "created_at",
        ]
        read_only_fields = fields


class NewShareSerializer(ShareSerializer):
    url = serializers.CharField(help_text="Shown this once.")

    class Meta(ShareSerializer.Meta):
        fields = [*ShareSerializer.Meta.fields, "url"]
        read_only_fields = fields


class ShareInput(StrictSerializer):
    expires_in_hours = serializers.IntegerField(min_value=1, max_value=shares.LONGEST_HOURS)
    recording = serializers.BooleanField(required=False, default=False)
    transcript = serializers.BooleanField(required=False, default=False)
    analysis = serializers.BooleanField(required=False, default=False)


class SignedUrlQuery(serializers.Serializer[Any]):
    expires_in_s = serializers.IntegerField(
        min_value=1, max_value=int(signed_recordings.LONGEST.total_seconds()), required=False, default=900
    )


class SignedUrlSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="Of the WAV; `Range` is honoured. No credentials are needed.")
    expires_at = serializers.DateTimeField()


class SharedTurnSerializer(RowSerializer[Turn]):
    class Meta:
        model = Turn
        fields = ["index", "speaker", "text", "start_ms", "end_ms", "dtmf"]
        read_only_fields = fields


class SharedRecordingSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="Of the WAV, without a login; `Range` is honoured.")
    duration_ms = serializers.IntegerField()
    peaks = PeaksSerializer(allow_null=True)


class SharedCallSerializer(serializers.Serializer[Any]):
    """What a link shows; the parts that are not shared are null."""

    workspace = serializers.CharField(help_text="Whose call it is.")
    started_at = serializers.DateTimeField()
    direction = serializers.ChoiceField(choices=["inbound", "outbound", "browser"])
    duration_ms = serializers.IntegerField()
    agent_name = serializers.CharField(allow_null=True)
    from_number = serializers.CharField()
    to_number = serializers.CharField()
    expires_at = serializers.DateTimeField()
    turns = SharedTurnSerializer(many=True, allow_null=True)
    recording = SharedRecordingSerializer(allow_null=True)
    analysis = serializers.DictField(allow_null=True)


@extend_schema(tags=["calls"])
class SharingViewSet(OfCallViewSet):
    """Links to a call."""

    required_permissions: ClassVar = {
        "shares": "calls.read",
        "share": "calls.annotate",
        "revoke_share": "calls.annotate",
        "recording_url": "calls.read",
    }

    @extend_schema(
        summary="List a call's links",
        description="The newest first, with those that are over.",
        parameters=[ID],
        responses=ShareSerializer(many=True),
    )
    @action(detail=True)
    def shares(self, request: Request, id: str) -> Response:
        return self.page(shares.shares_of(self.call_row()), ShareSerializer)

    @extend_schema(
        summary="Share a call by a link",
        description=(
            "Whoever has the link sees the parts that are named, without an account, until it expires or is"
            " revoked."
        ),
        parameters=[ID],
        request=ShareInput,
        responses={201: NewShareSerializer},
        examples=[
            OpenApiExample(
                "For a day",
                request_only=True,
                value={"expires_in_hours": 24, "recording": True, "transcript": True},
            )
        ],
    )
    @shares.mapping.post
    def share(self, request: Request, id: str) -> Response:
        share, url = shares.share_call(call=self.call_row(), **self.checked(ShareInput))
        return Response({**ShareSerializer(share).data, "url": url}, status=201)

    @extend_schema(summary="Revoke a link", parameters=[ID, _SHARE], request=None, responses={204: None})
    @action(detail=True, methods=["delete"], url_path=r"shares/(?P<share>[^/.]+)", pagination_class=None)
    def revoke_share(self, request: Request, id: str, share: str) -> Response:
        share_id = self.part_id(CallShare.id_prefix, share)
        shares.revoke_share(call=self.call_row(), share_id=share_id)
        return Response(status=204)

    @extend_schema(
        summary="Get an address of the recording",
        description=(
            "At which it can be heard without credentials, for `expires_in_s` seconds: for a player, or for"
            " a program that fetches it. It gives the recording as it is then: a part that was taken out in"
            " the meantime is silent."
        ),
        parameters=[
            ID,
            OpenApiParameter("expires_in_s", int, description="1 to 604800; 900 when it is left out."),
        ],
        responses=SignedUrlSerializer,
        filters=False,
    )
    @action(detail=True, url_path="recording/url", pagination_class=None)
    def recording_url(self, request: Request, id: str) -> Response:
        query = SignedUrlQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        call = self.call_row()
        if call.audible is None:
            raise NotFound(NO_RECORDING, code="no_recording")
        lasts = timedelta(seconds=query.validated_data["expires_in_s"])
        ticket, expires_at = signed_recordings.ticket_for(call, lasts=lasts)
        url = settings.PUBLIC_URL + reverse("signed-recording-detail", args=[ticket])
        return Response(SignedUrlSerializer({"url": url, "expires_at": expires_at}).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return CallShare.objects.none()


@extend_schema(tags=["calls"])
class SharedCallViewSet(PersonViewSet):
    """A call, from the side of who was sent the link."""

    required_permissions: ClassVar = {"retrieve": Access.ANYBODY, "recording": Access.ANYBODY}
    lookup_field = "token"

    @extend_schema(
        summary="Read a shared call",
        description="Without credentials. 404: no such link; 410: it has expired or was revoked.",
        parameters=[_TOKEN],
        responses=SharedCallSerializer,
        auth=_NOBODY,
    )
    def retrieve(self, request: Request, token: str) -> Response:
        with platform_scope():
            share, call, tenant = shares.open_share(token, count=True)
            body = {
                "workspace": tenant.name,
                "started_at": call.answered_at or call.created_at,
                "direction": call.direction,
                "duration_ms": call.duration_ms,
                "agent_name": call.agent.name if call.agent is not None else None,
                "from_number": call.from_number,
                "to_number": call.to_number,
                "expires_at": share.expires_at,
                "turns": list(call.turns.all()) if share.transcript else None,
                "recording": self._recording(call, token) if share.recording else None,
                "analysis": shares.analysis_of(call) if share.analysis else None,
            }
            data = SharedCallSerializer(body, context={"request": request}).data
        return Response(data, headers=PRIVATE)

    @extend_schema(
        summary="Hear a shared call",
        description="The recording, where the link shares it. `Range` is honoured.",
        parameters=[_TOKEN],
        responses=_WAV,
        auth=_NOBODY,
    )
    @action(detail=True, pagination_class=None, renderer_classes=[JSONRenderer, WavRenderer])
    def recording(self, request: Request, token: str) -> HttpResponseBase:
        with platform_scope():
            share, call, _ = shares.open_share(token)
            recording = call.audible if share.recording else None
        return _heard(request, recording, "call.wav")

    @staticmethod
    def _recording(call: Call, token: str) -> dict[str, Any] | None:
        recording = call.audible
        if recording is None:
            return None
        return {
            "url": reverse("shared-call-recording", args=[token]),
            "duration_ms": recording.duration_ms,
            "peaks": recording if recording.peaks else None,
        }

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return CallShare.objects.none()


@extend_schema(tags=["calls"])
class SignedRecordingViewSet(PersonViewSet):
    """A recording, by an address that was signed."""

    required_permissions: ClassVar = {"retrieve": Access.ANYBODY}
    renderer_classes = [JSONRenderer, WavRenderer]
    lookup_field = "ticket"

    @extend_schema(
        summary="Hear a recording at a signed address",
        description="From `recording/url` of a call. Without credentials; `Range` is honoured.",
        parameters=[_TICKET],
        responses=_WAV,
        auth=_NOBODY,
    )
    def retrieve(self, request: Request, ticket: str) -> HttpResponseBase:
        with platform_scope():
            call = list_calls().filter(pk=signed_recordings.call_of_ticket(ticket)).first()
            recording = call.audible if call is not None else None
        return _heard(request, recording, f"{call.public_id}.wav" if call is not None else "")

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Recording.objects.none()


def _heard(request: Request, recording: Recording | None, filename: str) -> HttpResponseBase:
    """Outside any transaction: the storage may be another server."""
    storage = recording_storage()
    if recording is None or not storage.exists(recording.storage_key):
        return problem_response(404, NO_RECORDING, "no_recording", PRIVATE)
    response = audio_response(request._request, recording, storage, filename)
    for name, value in PRIVATE.items():
        response[name] = value
    return response
