"""A tenant's identity provider as the API shows and takes it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tenants.models import SingleSignOn, SsoProtocol
from tenants.permissions import Role
from tenants.rest import StrictSerializer
from tenants.scope import current_tenant_id
from tenants.selectors import current_tenant
from tenants.sso.reach import provider_id
from tenants.sso.selectors import own_domains

GRANTED = [(role.value, role.value) for role in Role if role != Role.OWNER]


class CallbackUrlsSerializer(serializers.Serializer[Any]):
    """What the identity provider has to be told; the same before and after it is set up."""

    oidc_redirect_uri = serializers.CharField()
    saml_acs_url = serializers.CharField()
    saml_entity_id = serializers.CharField(help_text="Also the address of our metadata, once SAML is set up.")
    login_url = serializers.CharField(help_text="Where the tenant's people begin.")


def callback_urls() -> dict[str, str]:
    """Those of the tenant in force."""
    name = provider_id(current_tenant_id())
    paths = {
        "oidc_redirect_uri": reverse("openid_connect_callback", args=[name]),
        "saml_acs_url": reverse("saml_acs", args=[name]),
        "saml_entity_id": reverse("saml_metadata", args=[name]),
        "login_url": reverse("sso_start", args=[current_tenant().slug]),
    }
    return {key: f"{settings.PUBLIC_URL}{path}" for key, path in paths.items()}


class SingleSignOnSerializer(serializers.ModelSerializer[SingleSignOn]):
    """`protocol` is null while nothing is set up."""

    protocol = serializers.ChoiceField(choices=SsoProtocol.choices, allow_null=True)
    secret_set = serializers.SerializerMethodField(help_text="Whether a client secret is stored.")
    email_domains = serializers.SerializerMethodField(
        help_text="Addresses there may come in, and nobody else's."
    )
    default_role = serializers.ChoiceField(choices=GRANTED, allow_null=True, help_text="Of new members.")
    enforced = serializers.BooleanField(
        help_text="Members with an address at these domains log in this way only; owners in any way."
    )
    callback_urls = serializers.SerializerMethodField()

    class Meta:
        model = SingleSignOn
        fields = [
            "protocol",
            "server_url",
            "client_id",
            "secret_set",
            "idp_metadata_url",
            "idp_entity_id",
            "idp_sso_url",
            "idp_certificate",
            "email_domains",
            "default_role",
            "enforced",
            "callback_urls",
        ]
        read_only_fields = fields

    def get_secret_set(self, row: SingleSignOn) -> bool:
        return bool(row.client_secret)

    def get_email_domains(self, row: SingleSignOn) -> list[str]:
        return own_domains()

    @extend_schema_field(CallbackUrlsSerializer)
    def get_callback_urls(self, row: SingleSignOn) -> dict[str, str]:
        return callback_urls()

    def to_representation(self, row: SingleSignOn) -> dict[str, Any]:
        data: dict[str, Any] = super().to_representation(row)
        return data | {name: data[name] or None for name in ("protocol", "default_role")}


class SingleSignOnInput(StrictSerializer):
    """For `oidc`: server_url, client_id, client_secret. For `saml`: idp_metadata_url, which is read once,
    or idp_entity_id, idp_sso_url and idp_certificate.
    """

    protocol = serializers.ChoiceField(choices=SsoProtocol.choices)
    server_url = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        help_text="The issuer; discovery is read below it at /.well-known/openid-configuration.",
    )
    client_id = serializers.CharField(max_length=191, required=False, allow_blank=True)
    client_secret = serializers.CharField(
        max_length=500,
        required=False,
        allow_null=True,
        allow_blank=True,
        write_only=True,
        help_text="Left out, the present one is kept, while server and client stay the same.",
    )
    idp_metadata_url = serializers.CharField(max_length=500, required=False, allow_blank=True)
    idp_entity_id = serializers.CharField(max_length=500, required=False, allow_blank=True)
    idp_sso_url = serializers.CharField(max_length=500, required=False, allow_blank=True)
    idp_certificate = serializers.CharField(
        max_length=10_000, required=False, allow_blank=True, help_text="PEM or bare base64."
    )
    email_domains = serializers.ListField(
        child=serializers.CharField(max_length=254),
        max_length=50,
        help_text="A new one must be that of a confirmed address of whoever asks.",
    )
    default_role = serializers.ChoiceField(choices=GRANTED, default=Role.ANALYST.value)
    enforced = serializers.BooleanField(default=False)
