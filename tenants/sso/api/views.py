"""REST view of a tenant's identity provider."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.models import SingleSignOn
from tenants.rest import TenantViewSet
from tenants.selectors import user_of
from tenants.sso.api.serializers import SingleSignOnInput, SingleSignOnSerializer
from tenants.sso.selectors import own_single_sign_on
from tenants.sso.services import remove_single_sign_on, save_single_sign_on

_OIDC = {
    "protocol": "oidc",
    "server_url": "https://login.example.com",
    "client_id": "trunkline",
    "client_secret": "only written, never read",
    "email_domains": ["example.com"],
    "default_role": "analyst",
    "enforced": False,
}
_SAML = {
    "protocol": "saml",
    "idp_metadata_url": "https://login.example.com/saml/metadata",
    "email_domains": ["example.com"],
    "default_role": "analyst",
    "enforced": False,
}


@extend_schema(tags=["account"])
@extend_schema_view(
    retrieve=extend_schema(
        summary="Get the single sign-on",
        description="With `callback_urls`, which the identity provider wants to know first. `protocol` is "
        "null while nothing is set up.",
        responses=SingleSignOnSerializer,
    ),
    update=extend_schema(
        summary="Set up single sign-on",
        description="Replaces what there is. The identity provider's document is read at once, so that a "
        "wrong address is told here and not to the people who log in.",
        request=SingleSignOnInput,
        responses=SingleSignOnSerializer,
        examples=[
            OpenApiExample("OpenID Connect", request_only=True, value=_OIDC),
            OpenApiExample("SAML", request_only=True, value=_SAML),
        ],
    ),
    destroy=extend_schema(
        summary="Remove the single sign-on",
        description="Its people keep their membership and log in by password, passkey, Google or GitHub.",
        responses={204: None},
    ),
)
class SingleSignOnViewSet(TenantViewSet):
    """The tenant's own identity provider."""

    required_permissions: ClassVar = {
        "retrieve": "tenant.write",
        "update": "tenant.write",
        "destroy": "tenant.write",
    }
    in_person = frozenset({"update", "destroy"})

    def retrieve(self, request: Request) -> Response:
        return Response(SingleSignOnSerializer(own_single_sign_on() or SingleSignOn()).data)

    def update(self, request: Request) -> Response:
        row = save_single_sign_on(person=user_of(self.principal), **self.checked(SingleSignOnInput))
        return Response(SingleSignOnSerializer(row).data)

    def destroy(self, request: Request) -> Response:
        remove_single_sign_on()
        return Response(status=204)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return SingleSignOn.objects.none()
