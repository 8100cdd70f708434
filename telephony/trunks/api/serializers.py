"""Trunks as the API shows them. How it takes them: `inputs`."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from telephony.edge.models import EdgeDevice
from telephony.trunks.models import GatewayState, RegistrationState, Trunk, TrunkGateway
from telephony.trunks.state import TrunkState, live_states
from tenants.rest import PrefixedIdField


class HealthSerializer(serializers.ModelSerializer[TrunkGateway]):
    """What is known of a gateway."""

    state = serializers.ChoiceField(
        choices=GatewayState.choices,
        help_text="`down`: it leaves OPTIONS unanswered; `resting`: a call failed there.",
    )
    since = serializers.DateTimeField(source="state_since", allow_null=True)
    rests_until = serializers.DateTimeField(
        allow_null=True, help_text="Calls pass it over until then, unless all gateways rest."
    )

    class Meta:
        model = TrunkGateway
        fields = ["state", "since", "rests_until", "last_error", "rtt_ms", "checked_at"]
        read_only_fields = fields


class GatewaySerializer(serializers.ModelSerializer[TrunkGateway]):
    id = serializers.UUIDField(read_only=True, help_text="Stays while host, port and transport do.")
    health = HealthSerializer(source="*", read_only=True)

    class Meta:
        model = TrunkGateway
        fields = ["id", "host", "port", "transport", "priority", "weight", "enabled", "health"]
        read_only_fields = fields


class RegistrarSerializer(serializers.Serializer[Any]):
    host = serializers.CharField()
    port = serializers.IntegerField(allow_null=True)
    transport = serializers.CharField()


class RegistrationStateSerializer(serializers.Serializer[Any]):
    """Our registration at the carrier."""

    state = serializers.ChoiceField(choices=RegistrationState.choices)
    expires_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField(allow_blank=True)
    node = serializers.CharField(allow_blank=True, help_text="The media node that holds it.")
    changed_at = serializers.DateTimeField(allow_null=True)


class DeviceSerializer(serializers.ModelSerializer[EdgeDevice]):
    """A phone or PBX that is registered to us."""

    class Meta:
        model = EdgeDevice
        fields = ["contact", "user_agent", "expires_at"]
        read_only_fields = fields


class CallsNowSerializer(serializers.Serializer[Any]):
    inbound = serializers.IntegerField()
    outbound = serializers.IntegerField()
    limit = serializers.IntegerField()


class RateNowSerializer(serializers.Serializer[Any]):
    used = serializers.IntegerField(help_text="New calls of the last second, in the busier direction.")
    limit = serializers.IntegerField(help_text="In each direction.")


class StateSerializer(serializers.Serializer[Any]):
    """What goes on now."""

    registration = RegistrationStateSerializer()
    devices = DeviceSerializer(many=True)
    calls = CallsNowSerializer()
    cps = RateNowSerializer()


def shown_state(trunk: Trunk, state: TrunkState) -> dict[str, Any]:
    """`state` as `StateSerializer` says."""
    row = state.registration
    registration = {
        "state": row.state if row else RegistrationState.NONE.value,
        "expires_at": row.expires_at if row else None,
        "last_error": row.last_error if row else "",
        "node": row.node.name if row and row.node else "",
        "changed_at": row.changed_at if row else None,
    }
    usage = state.usage
    shown = {
        "registration": registration,
        "devices": state.devices,
        "calls": {
            "inbound": usage.inbound,
            "outbound": usage.outbound,
            "limit": trunk.max_concurrent_calls,
        },
        "cps": {"used": max(usage.new_inbound, usage.new_outbound), "limit": trunk.max_calls_per_second},
    }
    return dict(StateSerializer(shown).data)


class TrunkSerializer(serializers.ModelSerializer[Trunk]):
    """A trunk; of many, the context gives their `states` (`live_states`), asked for at once."""

    id = PrefixedIdField(Trunk.id_prefix, read_only=True)
    slug = serializers.CharField(read_only=True, help_text="The first label of the trunk's SIP domain.")
    password_set = serializers.SerializerMethodField(help_text="The password itself is never shown.")
    inbound_password_set = serializers.SerializerMethodField(help_text="The password itself is never shown.")
    registrar = RegistrarSerializer(read_only=True, allow_null=True)
    headers_out = serializers.DictField(child=serializers.CharField(), read_only=True)
    headers_in = serializers.DictField(child=serializers.CharField(), read_only=True)
    backup_trunk = PrefixedIdField(Trunk.id_prefix, source="backup_trunk_id", read_only=True, allow_null=True)
    gateways = GatewaySerializer(many=True, read_only=True)
    allowed_addresses = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()

    class Meta:
        model = Trunk
        fields = [
            "id",
            "name",
            "slug",
            "direction",
            "auth",
            "username",
            "password_set",
            "inbound_auth",
            "inbound_username",
            "inbound_password_set",
            "registration",
            "registrar",
            "registration_expires_s",
            "number_format",
            "country",
            "tech_prefix",
            "inbound_strip",
            "inbound_prefix",
            "caller_id_header",
            "caller_id_private",
            "headers_out",
            "headers_in",
            "srtp",
            "codecs",
            "dtmf",
            "early_media",
            "max_concurrent_calls",
            "max_calls_per_second",
            "inbound_reserved",
            "invite_timeout_ms",
            "backup_trunk",
            "gateways",
            "allowed_addresses",
            "state",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_password_set(self, trunk: Trunk) -> bool:
        return bool(trunk.password)

    def get_inbound_password_set(self, trunk: Trunk) -> bool:
        return bool(trunk.inbound_password)

    def get_allowed_addresses(self, trunk: Trunk) -> list[str]:
        return [str(a.network) for a in trunk.allowed]

    @extend_schema_field(StateSerializer)
    def get_state(self, trunk: Trunk) -> dict[str, Any]:
        states = self.context.get("states") or live_states([trunk])
        return shown_state(trunk, states[trunk.pk])


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
    sip_domain = serializers.CharField(help_text="Each trunk has a domain of its own under it.")


class TrunkConnectionSerializer(ConnectionSerializer):
    """What the carrier, PBX or phone of one trunk has to know."""

    domain = serializers.CharField(help_text="The trunk's own: its calls are known by it.")
    request_uri = serializers.CharField(help_text="Where to send calls; <number> in E.164.")
    username = serializers.CharField(
        allow_blank=True, help_text="To prove itself or register with; empty: known by its address."
    )
    realm = serializers.CharField(help_text="Of digest authentication (RFC 7616; MD5 and SHA-256).")
    srtp = serializers.CharField(help_text="off, optional or required (SDES).")
