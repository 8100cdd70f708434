"""REST views of calls."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.afterwards import Afterwards
from apps.api.pagination import CursorPagination
from apps.api.problems import problem_response
from apps.calls import pcap, selectors
from apps.calls.api.audio import audio_response
from apps.calls.api.filters import CallFilter, EventFilter
from apps.calls.api.live_control import LiveControl
from apps.calls.api.serializers import (
    CallDetailSerializer,
    CallInput,
    CallSerializer,
    EventSerializer,
    PeaksSerializer,
)
from apps.calls.api.technical import PcapRenderer, SipFilter, SipMessageSerializer, pcap_response
from apps.calls.api.wav import NO_RECORDING, WavRenderer
from apps.calls.ladder import ladder, sip_events
from apps.calls.models import Call, CallEvent, Capture, Recording
from apps.calls.services.call_files import recording_storage
from apps.calls.services.place_call import place_call
from media_workers.contract.pcap import Packet
from tenants.errors import NotFound
from tenants.rest import TenantViewSet

NO_PACKETS = "This call has no SIP messages: it did not come by telephone, or has not begun."
_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="call_...")
_EXAMPLE = OpenApiExample(
    "A reminder",
    request_only=True,
    value={
        "from_number": "+12025550100",
        "to_number": "+12025550101",
        "agent": "agt_01937b2ee7c07a3f9d2b4c5d6e7f8091",
        "variables": {"day": "Monday"},
        "metadata": {"visit": 4711},
    },
)


class EventPagination(CursorPagination):
    """Events in their order; enough of them for most calls at once."""

    ordering = "seq"
    default_limit = 200
    max_limit = 1_000


def _audio(request: HttpRequest, recording: Recording, filename: str) -> HttpResponseBase:
    """The recording from its storage, which may be another server: outside the transaction."""
    storage = recording_storage()
    if not storage.exists(recording.storage_key):
        return problem_response(404, NO_RECORDING, "no_recording")
    return audio_response(request, recording, storage, filename)


def _pcap(sip: list[Packet], capture: Capture | None, filename: str) -> HttpResponseBase:
    """The call's packets: outside the transaction, as what was captured comes from the storage."""
    return pcap_response(sip, recording_storage(), capture, filename)


@extend_schema(tags=["calls"])
@extend_schema_view(
    list=extend_schema(
        summary="List calls", description="Newest first.", responses=CallSerializer(many=True)
    ),
    retrieve=extend_schema(
        summary="Get a call",
        description="With turns, response times, and how it was set up and sounded (`quality`).",
        parameters=[_ID],
        responses=CallDetailSerializer,
    ),
    create=extend_schema(
        summary="Place a call",
        description=(
            "The call is queued, and dialed as soon as a line is free and its trunk's limits allow. "
            " With a test key the call stays in the sandbox, whatever the number."
        ),
        request=CallInput,
        responses={201: CallSerializer},
        examples=[_EXAMPLE],
    ),
)
class CallViewSet(LiveControl, TenantViewSet):
    """Calls of both directions."""

    id_prefix = Call.id_prefix
    filterset_class = CallFilter
    required_permissions: ClassVar = {
        "list": "calls.read",
        "retrieve": "calls.read",
        "create": "calls.place",
        "events": "calls.read",
        "recording": "calls.read",
        "peaks": "calls.read",
        "sip": "calls.read",
        "pcap": "calls.read",
        **LiveControl.permissions,
    }

    def list(self, request: Request) -> Response:
        return self.page(selectors.list_calls(), CallSerializer)

    def retrieve(self, request: Request, id: str) -> Response:
        return self._answer(self._call(), CallDetailSerializer)

    def create(self, request: Request) -> Response:
        wish = self.checked(CallInput)
        call = place_call(
            from_number=wish["from_number"],
            to_number=wish["to_number"],
            agent_id=wish.get("agent"),
            agent_version_id=wish.get("agent_version"),
            variables=wish.get("variables"),
            metadata=wish.get("metadata"),
            test=self._test,
        )
        response = self._answer(call, CallSerializer, status=201)
        response["Location"] = f"{request.path.rstrip('/')}/{call.public_id}"
        return response

    @extend_schema(
        summary="List a call's events",
        description="What the media node reported, in order; `seq` counts from 1 without a gap.",
        parameters=[_ID],
        responses=EventSerializer(many=True),
    )
    @action(detail=True, filterset_class=EventFilter, pagination_class=EventPagination)
    def events(self, request: Request, id: str) -> Response:
        return self.page(selectors.events_of(self._call()), EventSerializer)

    @extend_schema(
        summary="List a call's SIP messages",
        description=(
            "The ladder: every message of every leg in its order, retransmissions too, also of gateways that"
            " did not take the call. Credentials and media keys are masked."
        ),
        parameters=[_ID],
        responses=SipMessageSerializer(many=True),
    )
    @action(detail=True, filterset_class=SipFilter, pagination_class=EventPagination)
    def sip(self, request: Request, id: str) -> Response:
        rows = self.filter_queryset(sip_events(self._call()))
        page = ladder(self.paginate_queryset(rows) or [])
        return self.get_paginated_response(SipMessageSerializer(page, many=True).data)

    @extend_schema(
        summary="Get a call's packets",
        description=(
            "The SIP messages as UDP and TCP packets with their addresses and times, and the RTP when the"
            " number's `capture_rtp` was on: a pcap file for Wireshark. Messages that came over TLS are"
            " readable in it."
        ),
        parameters=[_ID],
        responses={(200, pcap.MEDIA_TYPE): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, pagination_class=None, renderer_classes=[JSONRenderer, PcapRenderer])
    def pcap(self, request: Request, id: str) -> HttpResponseBase:
        call = self._call()
        packets = pcap.sip_packets(ladder(sip_events(call)))
        capture = selectors.capture_of(call)
        if not packets and capture is None:
            raise NotFound(NO_PACKETS, code="no_packets")
        return Afterwards(partial(_pcap, packets, capture, f"{call.public_id}.pcap"))

    @extend_schema(
        summary="Get a call's recording",
        description="A stereo WAV: the caller on the left, the agent on the right. `Range` is honoured.",
        parameters=[_ID],
        responses={(200, "audio/wav"): OpenApiTypes.BINARY, (206, "audio/wav"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, pagination_class=None, renderer_classes=[JSONRenderer, WavRenderer])
    def recording(self, request: Request, id: str) -> HttpResponseBase:
        call = self._call()
        recording = selectors.recording_of(call)
        if recording is None:
            raise NotFound(NO_RECORDING, code="no_recording")
        return Afterwards(partial(_audio, request._request, recording, f"{call.public_id}.wav"))

    @extend_schema(
        summary="Get the waveform of a call's recording",
        description="How loud each side was over time, 0 to 1, at equal steps: for drawing.",
        parameters=[_ID],
        responses=PeaksSerializer,
        filters=False,
    )
    @action(detail=True, url_path="recording/peaks", pagination_class=None)
    def peaks(self, request: Request, id: str) -> Response:
        recording = selectors.recording_of(self._call())
        if recording is None or not recording.peaks:
            raise NotFound("This call has no recording, or none that can be drawn.", code="no_recording")
        return Response(PeaksSerializer(recording).data)

    @property
    def _test(self) -> bool:
        """Whether a test key asks."""
        return self.principal.mode == "test"

    def _call(self) -> Call:
        return selectors.get_call(self.row_id())

    def _answer(self, call: Call, serializer: type[CallSerializer], status: int = 200) -> Response:
        return Response(serializer(call, context={"request": self.request}).data, status=status)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return CallEvent.objects.none() if self.action in ("events", "sip") else Call.objects.none()
