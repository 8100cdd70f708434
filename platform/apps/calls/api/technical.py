"""What a telephone engineer asks of a call, as the API shows it: figures, SIP messages, pcap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import django_filters
from django.core.files.storage import Storage
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from apps.calls import pcap
from apps.calls.models import CallEvent, Capture, OneWay
from apps.calls.quality import RATINGS
from media_workers.contract.pcap import Packet, read_packets

CHUNK_BYTES = 256 * 1024
_RATINGS = [name for _, name, _ in RATINGS]
_ONE_WAY = ["", *OneWay.values]
MAX_LEG = 1_000
LEG_DIRECTIONS = [("in", "In"), ("out", "Out")]


class DirectionSerializer(serializers.Serializer[Any]):
    """One direction of the audio since the answer; null is not known. `sent`: as far as the far side
    reported it by RTCP."""

    packets = serializers.IntegerField(allow_null=True)
    bytes = serializers.IntegerField(allow_null=True)
    lost = serializers.IntegerField(allow_null=True)
    lost_percent = serializers.FloatField(allow_null=True)
    reordered = serializers.IntegerField(allow_null=True)
    duplicated = serializers.IntegerField(allow_null=True)
    discarded = serializers.IntegerField(
        allow_null=True, help_text="Came too late or too early for the jitter buffer."
    )
    empty = serializers.IntegerField(
        allow_null=True, help_text="How often the jitter buffer had nothing to play."
    )
    jitter_ms = serializers.FloatField(allow_null=True)
    jitter_max_ms = serializers.FloatField(allow_null=True)
    delay_ms = serializers.FloatField(allow_null=True, help_text="How long the jitter buffer holds a packet.")
    mos = serializers.FloatField(allow_null=True, help_text="1 to 4.4, by the E-model (ITU-T G.107).")
    rating = serializers.ChoiceField(choices=["", *_RATINGS], help_text="Of the MOS; empty without one.")
    words = serializers.CharField(help_text="The rating in words.")


class ReadingSerializer(serializers.Serializer[Any]):
    """A reading during the call. Loss is that since the reading before."""

    at_ms = serializers.IntegerField(help_text="Since the answer.")
    rx_mos = serializers.FloatField(allow_null=True)
    tx_mos = serializers.FloatField(allow_null=True)
    rx_lost_percent = serializers.FloatField(allow_null=True)
    tx_lost_percent = serializers.FloatField(allow_null=True)
    rx_jitter_ms = serializers.FloatField(allow_null=True)
    tx_jitter_ms = serializers.FloatField(allow_null=True)
    rtt_ms = serializers.FloatField(allow_null=True)


class FailureSerializer(serializers.Serializer[Any]):
    """Why a gateway did not take the call; 408 also stands for no answer at all."""

    sip_code = serializers.IntegerField()
    sip_reason = serializers.CharField()
    after_ms = serializers.IntegerField()


class SetUpSerializer(serializers.Serializer[Any]):
    gateway = serializers.CharField(help_text="host:port/transport of the far side.")
    transport = serializers.CharField(help_text="udp, tcp or tls: what the SIP messages take.")
    srtp = serializers.BooleanField()
    remote_agent = serializers.CharField(help_text="User-Agent or Server of the far side.")
    codec = serializers.CharField()
    ptime_ms = serializers.IntegerField(allow_null=True)
    pdd_ms = serializers.IntegerField(
        allow_null=True, help_text="Post-dial delay: from our INVITE to the first 180, 183 or 200."
    )
    setup_ms = serializers.IntegerField(allow_null=True, help_text="From the INVITE to the 200.")


class HearingSerializer(serializers.Serializer[Any]):
    one_way = serializers.ChoiceField(
        choices=_ONE_WAY, help_text="Which side heard nothing; empty: both did, or nobody can tell."
    )
    one_way_words = serializers.CharField()


class LegSerializer(SetUpSerializer, HearingSerializer):
    """A leg of the call, counted from 0. Of an outbound call each attempt is one; of an inbound call 0 is
    the caller's, the others are those of forwarding."""

    leg = serializers.IntegerField()
    direction = serializers.ChoiceField(choices=LEG_DIRECTIONS, help_text="Who sent the INVITE: in is they.")
    remote_media = serializers.CharField(help_text="Where the far side wants RTP, host:port.")
    failed = FailureSerializer(allow_null=True)
    received = DirectionSerializer(allow_null=True)
    sent = DirectionSerializer(allow_null=True)
    rtt_ms = serializers.FloatField(allow_null=True)
    rtt_max_ms = serializers.FloatField(allow_null=True)
    series = ReadingSerializer(many=True)


class QualitySerializer(SetUpSerializer, HearingSerializer):
    """How the call was set up and how it sounded."""

    mos = serializers.FloatField(allow_null=True, help_text="Of the worse direction.")
    rating = serializers.ChoiceField(choices=["", *_RATINGS])
    words = serializers.CharField()
    legs = LegSerializer(many=True)


class CaptureSerializer(serializers.ModelSerializer[Capture]):
    """The RTP that is part of the call's pcap."""

    class Meta:
        model = Capture
        fields = ["packets", "size_bytes", "truncated"]
        read_only_fields = fields


_PAIR = serializers.ListField(child=serializers.CharField(allow_blank=True), min_length=2, max_length=2)


class SipMessageSerializer(serializers.Serializer[Any]):
    """A SIP message as it crossed the wire; credentials and media keys are masked."""

    seq = serializers.IntegerField(help_text="Its number among the call's events.")
    at = serializers.DateTimeField()
    leg = serializers.IntegerField()
    direction = serializers.ChoiceField(choices=LEG_DIRECTIONS)
    local = serializers.CharField(help_text="Our end, host:port.")
    peer = serializers.CharField(help_text="Theirs, host:port.")
    transport = serializers.CharField()
    method = serializers.CharField(help_text="Of the request, or of the one that is answered.")
    status = serializers.IntegerField(allow_null=True, help_text="Null: it is a request.")
    first_line = serializers.CharField()
    headers = serializers.ListField(child=_PAIR, help_text="Names and values, in their order.")
    body = serializers.CharField(allow_blank=True)
    retransmission = serializers.BooleanField(help_text="The same message crossed the wire before.")
    cut = serializers.BooleanField(help_text="Its end is missing.")


class SipFilter(django_filters.FilterSet):
    leg = django_filters.NumberFilter(
        method="_leg", min_value=0, max_value=MAX_LEG, help_text="Only messages of this leg."
    )

    class Meta:
        model = CallEvent
        fields: list[str] = []

    def _leg(self, rows: QuerySet[CallEvent], name: str, value: Any) -> QuerySet[CallEvent]:
        return rows.filter(body__leg=int(value))


class PcapRenderer(JSONRenderer):
    """Lets a client accept pcap alone; what it renders itself are problem documents."""

    media_type = pcap.MEDIA_TYPE
    format = "pcap"


def pcap_response(
    sip: list[Packet], storage: Storage, capture: Capture | None, filename: str
) -> HttpResponseBase:
    """SIP and what was captured of RTP, as one file in order of time."""
    response = StreamingHttpResponse(_chunks(sip, storage, capture), content_type=pcap.MEDIA_TYPE)
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


async def _chunks(sip: list[Packet], storage: Storage, capture: Capture | None) -> AsyncIterator[bytes]:
    """The file, read and merged in threads: the event loop serves everybody."""
    key = capture.storage_key if capture is not None else ""
    file = await asyncio.to_thread(storage.open, key, "rb") if key and storage.exists(key) else None
    try:
        pieces = pcap.merged(sip, read_packets(file) if file is not None else ())
        while chunk := await asyncio.to_thread(_next_chunk, pieces):
            yield chunk
    finally:
        if file is not None:
            await asyncio.to_thread(file.close)


def _next_chunk(pieces: Iterator[bytes]) -> bytes:
    chunk = bytearray()
    for piece in pieces:
        chunk += piece
        if len(chunk) >= CHUNK_BYTES:
            break
    return bytes(chunk)
