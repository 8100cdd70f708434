"""Trunks as the API takes them. What fits together is decided by `telephony.trunks.rules`."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from telephony.trunks.models import (
    CODECS,
    Auth,
    CallerIdHeader,
    Direction,
    Dtmf,
    EarlyMedia,
    InboundAuth,
    NumberFormat,
    Registration,
    Srtp,
    Transport,
    Trunk,
)
from telephony.trunks.values import GatewayValues
from tenants.rest import Reference, StrictSerializer


class GatewayInput(StrictSerializer):
    host = serializers.CharField(max_length=253, help_text="IP address or host name.")
    port = serializers.IntegerField(
        min_value=1,
        max_value=65535,
        default=None,
        allow_null=True,
        help_text="Left out: looked up by NAPTR and SRV (RFC 3263), else 5060, with tls 5061.",
    )
    transport = serializers.ChoiceField(choices=Transport.choices, default="udp")
    priority = serializers.IntegerField(
        min_value=0, max_value=65535, default=1, help_text="Lower is tried first."
    )
    weight = serializers.IntegerField(
        min_value=1, max_value=65535, default=1, help_text="Share of the calls within one priority."
    )
    enabled = serializers.BooleanField(default=True)

    def to_internal_value(self, data: Any) -> GatewayValues:
        return GatewayValues(**super().to_internal_value(data))


class RegistrarInput(StrictSerializer):
    host = serializers.CharField(max_length=253, help_text="IP address or host name.")
    port = serializers.IntegerField(
        min_value=1, max_value=65535, default=None, allow_null=True, help_text="Left out: by RFC 3263."
    )
    transport = serializers.ChoiceField(choices=Transport.choices, default="udp")


class _Password(serializers.CharField):
    """Written, never read; left out it is kept, empty it is removed."""

    def __init__(self) -> None:
        super().__init__(
            max_length=500,
            required=False,
            allow_blank=True,
            write_only=True,
            trim_whitespace=False,
            help_text="Kept when left out, removed when empty.",
        )


class TrunkChanges(StrictSerializer):
    name = serializers.CharField(max_length=200, required=False)
    direction = serializers.ChoiceField(choices=Direction.choices, required=False)
    auth = serializers.ChoiceField(
        choices=Auth.choices, required=False, help_text="How we authenticate towards the gateways."
    )
    username = serializers.CharField(max_length=200, required=False, allow_blank=True)
    password = _Password()
    inbound_auth = serializers.ChoiceField(
        choices=InboundAuth.choices, required=False, help_text="How calls to us prove that they are yours."
    )
    inbound_username = serializers.CharField(
        max_length=64,
        required=False,
        allow_blank=True,
        help_text="With it your carrier, PBX or phone proves itself or registers; nobody else may have it.",
    )
    inbound_password = _Password()
    registration = serializers.ChoiceField(
        choices=Registration.choices,
        required=False,
        help_text="outbound: we register at the carrier; inbound: a phone or PBX registers here.",
    )
    registrar = RegistrarInput(
        required=False, allow_null=True, help_text="Where we register; null: at the first gateway."
    )
    registration_expires_s = serializers.IntegerField(min_value=60, max_value=7_200, required=False)
    number_format = serializers.ChoiceField(
        choices=NumberFormat.choices, required=False, help_text="How numbers are written to the carrier."
    )
    country = serializers.CharField(
        max_length=2, required=False, allow_blank=True, help_text="ISO 3166-1 alpha-2; for national numbers."
    )
    tech_prefix = serializers.CharField(
        max_length=10, required=False, allow_blank=True, help_text="Put before the number that is dialed."
    )
    inbound_strip = serializers.IntegerField(
        min_value=0,
        max_value=16,
        required=False,
        help_text="How many characters to cut from the front of a number dialed to us.",
    )
    inbound_prefix = serializers.CharField(
        max_length=16, required=False, allow_blank=True, help_text="Put before it after that."
    )
    caller_id_header = serializers.ChoiceField(choices=CallerIdHeader.choices, required=False)
    caller_id_private = serializers.BooleanField(
        required=False, help_text="Anonymous From, and Privacy: id (RFC 3323)."
    )
    headers_out = serializers.DictField(
        child=serializers.CharField(max_length=256, allow_blank=True),
        required=False,
        help_text="Headers of our INVITEs; values may hold {{variables}}, and {{call_id}}.",
    )
    headers_in = serializers.DictField(
        child=serializers.CharField(max_length=64),
        required=False,
        help_text="Header of an INVITE to us -> variable of the agent.",
    )
    srtp = serializers.ChoiceField(
        choices=Srtp.choices, required=False, help_text="SDES; required needs tls."
    )
    codecs = serializers.ListField(
        child=serializers.ChoiceField(choices=CODECS), required=False, help_text="The preferred one first."
    )
    dtmf = serializers.ChoiceField(
        choices=Dtmf.choices, required=False, help_text="How we send digits; both are understood."
    )
    early_media = serializers.ChoiceField(choices=EarlyMedia.choices, required=False)
    max_concurrent_calls = serializers.IntegerField(min_value=1, max_value=100_000, required=False)
    max_calls_per_second = serializers.IntegerField(
        min_value=1, max_value=1_000, required=False, help_text="New calls, in each direction."
    )
    inbound_reserved = serializers.IntegerField(
        min_value=0,
        max_value=100_000,
        required=False,
        help_text="Concurrent calls that outbound calls may not take.",
    )
    invite_timeout_ms = serializers.IntegerField(
        min_value=1_000,
        max_value=32_000,
        required=False,
        help_text="A gateway that has not answered an INVITE by then is passed over.",
    )
    backup_trunk = Reference(Trunk, help_text="Tried when every gateway of this trunk has failed.")
    gateways = GatewayInput(many=True, required=False, help_text="Where calls are sent.")
    allowed_addresses = serializers.ListField(
        child=serializers.CharField(max_length=64),
        required=False,
        help_text="IP addresses or networks (CIDR) whose calls are taken.",
    )


class TrunkInput(TrunkChanges):
    name = serializers.CharField(max_length=200)
