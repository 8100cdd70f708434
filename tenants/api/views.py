"""REST views of a tenant: itself, its members and invitations, its API keys, the table of roles."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import selectors, services
from tenants.api.serializers import (
    ApiKeyChanges,
    ApiKeyInput,
    ApiKeySerializer,
    DeletionInput,
    InvitationInput,
    InvitationSerializer,
    MemberChanges,
    MemberSerializer,
    NewApiKeySerializer,
    OwnTenantSerializer,
    RolesSerializer,
    RotateInput,
    TenantChanges,
    TransferInput,
)
from tenants.audit.services import record
from tenants.errors import InvalidInput, NotFound
from tenants.models import ApiKey, Invitation, Membership, Tenant
from tenants.permissions import DESCRIPTIONS, PERMISSIONS, Access
from tenants.rest import TenantViewSet
from tenants.services.export_tenant import zip_of
from tenants.streaming import ExportSlot, in_threads

_MEMBER_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="mem_...")
_INVITATION_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="inv_...")
_KEY_ID = OpenApiParameter("id", str, OpenApiParameter.PATH, description="key_...")


@extend_schema(tags=["account"])
@extend_schema_view(
    retrieve=extend_schema(summary="Get the tenant", responses=OwnTenantSerializer),
    destroy=extend_schema(
        summary="Delete the tenant",
        description="With everything it has, for good; `GET /tenant/export` before. Refused while calls run. "
        "Nobody can enter from this moment on; the rows and recordings are gone some minutes later.",
        request=DeletionInput,
        responses={204: None},
        examples=[OpenApiExample("By its slug", request_only=True, value={"confirm": "harbour-dental"})],
    ),
    export=extend_schema(
        summary="Export the tenant",
        description="A zip of JSON files, one per table, and the recordings. No secrets. One export of a "
        "tenant at a time, that of the audit log counted too: 409 `export_running`.",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    ),
    partial_update=extend_schema(
        summary="Change the tenant",
        description="Its name (the slug stays, because links hold it) and whereto its callers may be handed"
        " on.",
        request=TenantChanges,
        responses=OwnTenantSerializer,
        examples=[
            OpenApiExample("A new name", request_only=True, value={"name": "Harbour Dental"}),
            OpenApiExample("Transfers", request_only=True, value={"allowed_countries": ["US", "CA"]}),
        ],
    ),
    transfer=extend_schema(
        summary="Transfer the ownership",
        description="By an owner who is logged in; they become an admin. The answer is the first page of "
        "the members.",
        request=TransferInput,
        responses=MemberSerializer(many=True),
        examples=[
            OpenApiExample(
                "To a member",
                request_only=True,
                value={"member": "mem_0192f0c8a1b27c3d9e4f5a6b7c8d9e0f"},
            )
        ],
    ),
)
class OwnTenantViewSet(TenantViewSet):
    """The tenant in which the request is made."""

    required_permissions: ClassVar = {
        "retrieve": Access.MEMBER,
        "partial_update": "tenant.write",
        "transfer": "tenant.write",
        "destroy": "tenant.write",
        "export": "tenant.write",
    }
    in_person = frozenset({"transfer", "destroy", "export"})

    def retrieve(self, request: Request) -> Response:
        return Response(OwnTenantSerializer(selectors.current_tenant()).data)

    def partial_update(self, request: Request) -> Response:
        changes = self.checked(TenantChanges)
        tenant = selectors.current_tenant()
        if "name" in changes:
            tenant = services.rename_tenant(tenant=tenant, name=changes["name"])
        if "allowed_countries" in changes:
            tenant = services.allow_countries(tenant=tenant, countries=changes["allowed_countries"] or [])
        return Response(OwnTenantSerializer(tenant).data)

    def destroy(self, request: Request) -> Response:
        services.leave(tenant=selectors.current_tenant(), **self.checked(DeletionInput))
        return Response(status=204)

    @action(detail=False, pagination_class=None)
    def export(self, request: Request) -> StreamingHttpResponse:
        tenant = selectors.current_tenant()
        record("exported", of=tenant, after={"what": "everything"})
        slot = ExportSlot(tenant.pk)
        slot.take()
        return StreamingHttpResponse(
            slot.holding(in_threads(zip_of(tenant))),
            content_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{tenant.slug}.zip"'},
        )

    @action(detail=False, methods=["post"])
    def transfer(self, request: Request) -> Response:
        try:
            member = selectors.get_member(self.checked(TransferInput)["member"])
        except NotFound as error:
            raise InvalidInput(error.detail, field="member") from error
        services.transfer_ownership(to=member, by=self.principal)
        return self.page(selectors.list_members(), MemberSerializer)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Tenant.objects.none()


@extend_schema(tags=["team"])
@extend_schema_view(
    list=extend_schema(summary="List members", responses=MemberSerializer(many=True)),
    partial_update=extend_schema(
        summary="Change a member's role",
        description="Not above one's own role, neither the old nor the new one. The last owner stays one.",
        parameters=[_MEMBER_ID],
        request=MemberChanges,
        responses=MemberSerializer,
        examples=[OpenApiExample("Make an analyst", request_only=True, value={"role": "analyst"})],
    ),
    destroy=extend_schema(
        summary="Remove a member, or leave",
        description="Everybody may remove themselves, but the last owner; removing others needs "
        "`team.write`. API keys that the member made stay.",
        parameters=[_MEMBER_ID],
        responses={204: None},
    ),
)
class MemberViewSet(TenantViewSet):
    """The people of the tenant and their roles."""

    id_prefix = Membership.id_prefix
    required_permissions: ClassVar = {
        "list": "team.read",
        "partial_update": "team.write",
        # Everybody may leave; the service asks for team.write when it is somebody else.
        "destroy": "team.read",
    }

    def list(self, request: Request) -> Response:
        return self.page(selectors.list_members(), MemberSerializer)

    def partial_update(self, request: Request, id: str) -> Response:
        member = selectors.get_member(self.row_id())
        changed = services.change_role(member=member, by=self.principal, **self.checked(MemberChanges))
        return Response(MemberSerializer(changed).data)

    def destroy(self, request: Request, id: str) -> Response:
        services.remove_member(member=selectors.get_member(self.row_id()), by=self.principal)
        return Response(status=204)

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Membership.objects.none()


@extend_schema(tags=["team"])
@extend_schema_view(
    list=extend_schema(
        summary="List invitations",
        description="Open ones and past ones.",
        responses=InvitationSerializer(many=True),
    ),
    create=extend_schema(
        summary="Invite somebody",
        description="They get an e-mail with a link that holds for 7 days and for their address only. A "
        "role above one's own cannot be given.",
        request=InvitationInput,
        responses={201: InvitationSerializer},
        examples=[
            OpenApiExample(
                "An analyst", request_only=True, value={"email": "analyst@example.com", "role": "analyst"}
            )
        ],
    ),
    destroy=extend_schema(
        summary="Revoke an invitation",
        description="Its link is void at once. Refused when it was accepted.",
        parameters=[_INVITATION_ID],
        responses={204: None},
    ),
    resend=extend_schema(
        summary="Send an invitation again",
        description="With a new link and 7 new days; the old link is void. At most once a minute.",
        parameters=[_INVITATION_ID],
        request=None,
        responses=InvitationSerializer,
    ),
)
class InvitationViewSet(TenantViewSet):
    """Who was invited, and what became of it."""

    id_prefix = Invitation.id_prefix
    required_permissions: ClassVar = {
        "list": "team.read",
        "create": "team.write",
        "destroy": "team.write",
        "resend": "team.write",
    }

    def list(self, request: Request) -> Response:
        return self.page(selectors.list_invitations(), InvitationSerializer)

    def create(self, request: Request) -> Response:
        invitation = services.invite(by=self.principal, **self.checked(InvitationInput))
        return Response(InvitationSerializer(invitation).data, status=201)

    def destroy(self, request: Request, id: str) -> Response:
        services.revoke_invitation(invitation=self._invitation())
        return Response(status=204)

    @action(detail=True, methods=["post"])
    def resend(self, request: Request, id: str) -> Response:
        invitation = services.resend_invitation(invitation=self._invitation(), by=self.principal)
        return Response(InvitationSerializer(invitation).data)

    def _invitation(self) -> Invitation:
        return selectors.get_invitation(self.row_id())

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Invitation.objects.none()


@extend_schema(tags=["api keys"])
@extend_schema_view(
    list=extend_schema(
        summary="List API keys", description="Closed ones too.", responses=ApiKeySerializer(many=True)
    ),
    create=extend_schema(
        summary="Create an API key",
        description="`secret` is shown in this answer only. Nobody grants scopes they do not have.",
        request=ApiKeyInput,
        responses={201: NewApiKeySerializer},
        examples=[
            OpenApiExample(
                "Reads calls for a year",
                request_only=True,
                value={
                    "name": "Nightly report",
                    "mode": "live",
                    "scopes": ["calls.read"],
                    "expires_at": "2100-01-01T00:00:00Z",
                },
            )
        ],
    ),
    partial_update=extend_schema(
        summary="Rename an API key",
        parameters=[_KEY_ID],
        request=ApiKeyChanges,
        responses=ApiKeySerializer,
        examples=[OpenApiExample("A new name", request_only=True, value={"name": "Weekly report"})],
    ),
    destroy=extend_schema(
        summary="Revoke an API key",
        description="It stops working at once and stays in the list. Without the permission `team.write` "
        "only keys that one made oneself.",
        parameters=[_KEY_ID],
        responses={204: None},
    ),
    rotate=extend_schema(
        summary="Rotate an API key",
        description="A new key with the same name, mode, scopes and expiry. The old one expires after "
        "`expire_old_in_s`, so that programs can be changed over.",
        parameters=[_KEY_ID],
        request=RotateInput,
        responses={201: NewApiKeySerializer},
        examples=[
            OpenApiExample("A day to change over", request_only=True, value={"expire_old_in_s": 86400})
        ],
    ),
)
class ApiKeyViewSet(TenantViewSet):
    """Keys for programs."""

    id_prefix = ApiKey.id_prefix
    required_permissions: ClassVar = {
        "list": "keys.read",
        "create": "keys.write",
        "partial_update": "keys.write",
        "destroy": "keys.write",
        "rotate": "keys.write",
    }

    def list(self, request: Request) -> Response:
        return self.page(selectors.list_api_keys(), ApiKeySerializer)

    def create(self, request: Request) -> Response:
        key, secret = services.create_api_key(
            tenant=selectors.current_tenant(), by=self.principal, **self.checked(ApiKeyInput)
        )
        return _with_secret(key, secret)

    def partial_update(self, request: Request, id: str) -> Response:
        key, changes = self._key(), self.checked(ApiKeyChanges)
        return Response(
            ApiKeySerializer(services.rename_api_key(key=key, **changes) if changes else key).data
        )

    def destroy(self, request: Request, id: str) -> Response:
        services.revoke_api_key(key=self._key(), by=self.principal)
        return Response(status=204)

    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, id: str) -> Response:
        key, secret = services.rotate_api_key(key=self._key(), by=self.principal, **self.checked(RotateInput))
        return _with_secret(key, secret)

    def _key(self) -> ApiKey:
        return selectors.get_api_key(self.row_id())

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return ApiKey.objects.none()


def _with_secret(key: ApiKey, secret: str) -> Response:
    return Response(NewApiKeySerializer(key).data | {"secret": secret}, status=201)


@extend_schema(tags=["team"])
@extend_schema_view(
    retrieve=extend_schema(
        summary="List roles and permissions",
        description="The table of who may do what. An API key's scopes are the same permissions.",
        responses=RolesSerializer,
    ),
)
class RolesViewSet(TenantViewSet):
    """The table of `tenants.permissions`."""

    required_permissions: ClassVar = {"retrieve": Access.MEMBER}

    def retrieve(self, request: Request) -> Response:
        order = list(DESCRIPTIONS)
        return Response(
            {
                "roles": [
                    {"role": role.value, "permissions": sorted(held, key=order.index)}
                    for role, held in PERMISSIONS.items()
                ],
                "permissions": [{"name": n, "description": text} for n, text in DESCRIPTIONS.items()],
            }
        )

    def get_queryset(self) -> Any:  # for the OpenAPI document
        return Membership.objects.none()
