"""REST views about the person who is logged in: their account, making a tenant, joining one."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import selectors, services
from tenants.api.serializers import (
    JoinedSerializer,
    JoinSerializer,
    MeChanges,
    MeSerializer,
    TenantInput,
    TenantSerializer,
)
from tenants.impersonation import impersonator_of
from tenants.models import Invitation, Tenant, User
from tenants.permissions import Access
from tenants.rest import PersonViewSet

# drf-spectacular writes them as they are, though its annotation says names.
_SESSION: Any = [{"session": []}]
_NOBODY: Any = [{}]
_TOKEN = OpenApiParameter("token", str, OpenApiParameter.PATH, description="From the link in the e-mail.")
_TENANT = {
    "id": "ten_0192f0c8a1b27c3d9e4f5a6b7c8d9e0f",
    "name": "Harbour Dental",
    "slug": "harbour-dental",
    "suspended": False,
}
_ME = OpenApiExample(
    "An owner",
    response_only=True,
    value={
        "user": {
            "id": "usr_0192f0c8a1b27c3d9e4f5a6b7c8d9e00",
            "email": "owner@example.com",
            "full_name": "",
            "email_verified": True,
            "is_staff": False,
            "mfa_enabled": True,
        },
        "impersonator": None,
        "memberships": [
            {
                "id": "mem_0192f0c8a1b27c3d9e4f5a6b7c8d9e01",
                "role": "billing",
                "permissions": ["billing.read", "billing.write", "team.read"],
                "tenant": _TENANT,
            }
        ],
    },
)


@extend_schema(tags=["account"], auth=_SESSION)
@extend_schema_view(
    retrieve=extend_schema(
        summary="Who am I",
        description="The person who is logged in, and the tenants they belong to with their role in each.",
        responses=MeSerializer,
        examples=[_ME],
    ),
    partial_update=extend_schema(
        summary="Change one's own name",
        description="E-mail address, password and second factors are changed under /_allauth/browser/v1/.",
        request=MeChanges,
        responses=MeSerializer,
        examples=[
            OpenApiExample("A name", request_only=True, value={"full_name": "Front desk"}),
            _ME,
        ],
    ),
)
class MeViewSet(PersonViewSet):
    """The account of whoever is logged in."""

    required_permissions: ClassVar = {"retrieve": Access.PERSON, "partial_update": Access.PERSON}

    def retrieve(self, request: Request) -> Response:
        return Response(self._me())

    def partial_update(self, request: Request) -> Response:
        changes = self.checked(MeChanges)
        if changes:
            services.rename_user(user=self.user, **changes)
        return Response(self._me())

    def _me(self) -> Any:
        user = self.user
        return MeSerializer(
            {
                "user": selectors.account_of(user),
                "impersonator": impersonator_of(self.request._request),
                "memberships": selectors.own_memberships(user, session=self.request._request.session),
            }
        ).data

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return User.objects.none()


@extend_schema(tags=["account"], auth=_SESSION)
@extend_schema_view(
    create=extend_schema(
        summary="Create a tenant",
        description="Whoever is logged in becomes its owner.",
        request=TenantInput,
        responses={201: TenantSerializer},
        examples=[
            OpenApiExample("A name is enough", request_only=True, value={"name": "Harbour Dental"}),
            OpenApiExample(
                "The new tenant",
                response_only=True,
                status_codes=["201"],
                value=_TENANT | {"created_at": "2026-03-02T09:30:00Z"},
            ),
        ],
    ),
)
class NewTenantViewSet(PersonViewSet):
    """New tenants."""

    required_permissions: ClassVar = {"create": Access.PERSON}

    def create(self, request: Request) -> Response:
        tenant = services.create_tenant(owner=self.user, **self.checked(TenantInput))
        return Response(TenantSerializer(tenant).data, status=201)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Tenant.objects.none()


@extend_schema(tags=["account"], parameters=[_TOKEN])
@extend_schema_view(
    retrieve=extend_schema(
        summary="See an invitation",
        description="For whoever holds its link, logged in or not.",
        auth=_NOBODY,
        responses=JoinSerializer,
        examples=[
            OpenApiExample(
                "An open invitation",
                response_only=True,
                value={
                    "tenant_name": "Harbour Dental",
                    "email": "analyst@example.com",
                    "role": "analyst",
                    "invited_by": "owner@example.com",
                    "expires_at": "2026-03-09T09:30:00Z",
                    "state": "pending",
                },
            )
        ],
    ),
    create=extend_schema(
        summary="Accept an invitation",
        description="One of the person's confirmed e-mail addresses must be the invited one. Accepting "
        "twice changes nothing.",
        auth=_SESSION,
        request=None,
        responses=JoinedSerializer,
        examples=[
            OpenApiExample(
                "Joined",
                response_only=True,
                value={"tenant": _TENANT | {"created_at": "2026-03-02T09:30:00Z"}, "role": "analyst"},
            )
        ],
    ),
)
class JoinViewSet(PersonViewSet):
    """Invitations, from the side of who is invited."""

    required_permissions: ClassVar = {"retrieve": Access.ANYBODY, "create": Access.PERSON}

    def retrieve(self, request: Request, token: str) -> Response:
        return Response(JoinSerializer(selectors.invitation_by_token(token)).data)

    def create(self, request: Request, token: str) -> Response:
        membership = services.accept_invitation(token=token, user=self.user)
        return Response(JoinedSerializer(membership).data)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Invitation.objects.none()
