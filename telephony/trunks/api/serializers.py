"""Trunks as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from telephony.trunks.models import Auth, Direction, NumberFormat, Trunk, TrunkGateway
from telephony.trunks.values import GatewayValues
from tenants.rest import PrefixedIdField, StrictSerializer


class GatewaySerializer(serializers.ModelSerializer[TrunkGateway]):
    class Meta:
        model = TrunkGateway
        fields = ["host", "port", "transport", "priority", "weight", "enabled"]
        read_only_fields = fields


class TrunkSerializer(serializers.ModelSerializer[Trunk]):
    id = PrefixedIdField(Trunk.id_prefix, read_only=True)
    password_set = serializers.SerializerMethodField(help_text="The password itself is never shown.")
    gateways = GatewaySerializer(many=True, read_only=True)
    allowed_addresses = serializers.SerializerMethodField()

    class Meta:
        model = Trunk
        fields = [
            "id",
            "name",
            "direction",
            "auth",
            "username",
            "password_set",
            "number_format",
            "max_concurrent_calls",
            "max_calls_per_second",
            "gateways",
            "allowed_addresses",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_password_set(self, trunk: Trunk) -> bool:
        return bool(trunk.password)

    def get_allowed_addresses(self, trunk: Trunk) -> list[str]:
        return [str(a.network) for a in trunk.addresses.all()]


class GatewayInput(StrictSerializer):
    host = serializers.CharField(max_length=253, help_text="IP address or host name.")
    port = serializers.IntegerField(min_value=1, max_value=65535, default=5060)
    transport = serializers.ChoiceField(choices=["udp", "tcp", "tls"], default="udp")
    priority = serializers.IntegerField(
        min_value=0, max_value=65535, default=1, help_text="Lower is tried first."
    )
    weight = serializers.IntegerField(
        min_value=1, max_value=65535, default=1, help_text="Share of the calls within one priority."
    )
    enabled = serializers.BooleanField(default=True)

    def to_internal_value(self, data: Any) -> GatewayValues:
        return GatewayValues(**super().to_internal_value(data))


class TrunkChanges(StrictSerializer):
    name = serializers.CharField(max_length=200, required=False)
    direction = serializers.ChoiceField(choices=Direction.choices, required=False)
    auth = serializers.ChoiceField(
        choices=Auth.choices, required=False, help_text="How we authenticate towards the gateways."
    )
    username = serializers.CharField(max_length=200, required=False, allow_blank=True)
    password = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        write_only=True,
        trim_whitespace=False,
        help_text="Kept when left out, removed when empty.",
    )
    number_format = serializers.ChoiceField(choices=NumberFormat.choices, required=False)
    max_concurrent_calls = serializers.IntegerField(min_value=1, max_value=100_000, required=False)
    max_calls_per_second = serializers.IntegerField(min_value=1, max_value=1_000, required=False)
    gateways = GatewayInput(many=True, required=False, help_text="Where calls are sent.")
    allowed_addresses = serializers.ListField(
        child=serializers.CharField(max_length=64),
        required=False,
        help_text="IP addresses or networks (CIDR) whose calls are taken.",
    )


class RtpPortsSerializer(serializers.Serializer[Any]):
    first = serializers.IntegerField()
    last = serializers.IntegerField()


class ConnectionSerializer(serializers.Serializer[Any]):
    """What a carrier has to know to send calls here."""

    addresses = serializers.ListField(
        child=serializers.CharField(), help_text="host:port of SIP; empty while no media node runs."
    )
    transports = serializers.ListField(child=serializers.CharField())
    codecs = serializers.ListField(child=serializers.CharField())
    dtmf = serializers.CharField(help_text="How keys are sent and understood.")
    rtp_ports = RtpPortsSerializer(help_text="UDP ports of the audio.")


class TrunkInput(TrunkChanges):
    name = serializers.CharField(max_length=200)
