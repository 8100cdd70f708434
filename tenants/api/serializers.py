"""Tenants, people, invitations and keys as the API shows and takes them."""

from __future__ import annotations

from rest_framework import serializers

from tenants.countries import countries_in_force
from tenants.models import ApiKey, Invitation, InvitationState, KeyMode, Membership, Tenant, User
from tenants.permissions import Role, permissions_of
from tenants.rest import PrefixedIdField, StrictSerializer

ROLES = [(role.value, role.value) for role in Role]
MAX_OVERLAP_S = 7 * 24 * 3600


class TenantSerializer(serializers.ModelSerializer[Tenant]):
    id = PrefixedIdField(Tenant.id_prefix, read_only=True)
    suspended = serializers.BooleanField(read_only=True, help_text="By the platform: no calls then.")

    class Meta:
        model = Tenant
        fields = ["id", "name", "slug", "suspended", "created_at"]
        read_only_fields = fields


class OwnTenantSerializer(TenantSerializer):
    """With its settings; of the tenant in force."""

    allowed_countries = serializers.ListField(
        child=serializers.CharField(),
        read_only=True,
        help_text="Whereto callers may be handed on, as it was set; empty: where the tenant has numbers and"
        " trunks, and the US.",
    )
    countries_in_force = serializers.SerializerMethodField(
        help_text="Whereto callers may be handed on now (ISO 3166-1 alpha-2)."
    )

    class Meta(TenantSerializer.Meta):
        fields = [*TenantSerializer.Meta.fields, "allowed_countries", "countries_in_force"]
        read_only_fields = fields

    def get_countries_in_force(self, tenant: Tenant) -> list[str]:
        return sorted(countries_in_force())


class TenantInput(StrictSerializer):
    name = serializers.CharField(max_length=200)
    slug = serializers.CharField(
        max_length=63, required=False, help_text="Part of the addresses; made from the name when left out."
    )


class TenantChanges(StrictSerializer):
    name = serializers.CharField(max_length=200, required=False)
    allowed_countries = serializers.ListField(
        child=serializers.CharField(max_length=2),
        required=False,
        allow_null=True,
        max_length=250,
        help_text="Two letters each (ISO 3166-1). Null or none: where the tenant has numbers and trunks.",
    )


class DeletionInput(StrictSerializer):
    confirm = serializers.CharField(help_text="The tenant's slug, typed by whoever wants it deleted.")


class TransferInput(StrictSerializer):
    member = PrefixedIdField(Membership.id_prefix, help_text="Who shall own the tenant.")


class UserSerializer(serializers.ModelSerializer[User]):
    id = PrefixedIdField(User.id_prefix, read_only=True)

    class Meta:
        model = User
        fields = ["id", "email", "full_name"]
        read_only_fields = fields


class MeUserSerializer(UserSerializer):
    email_verified = serializers.BooleanField(read_only=True)
    mfa_enabled = serializers.BooleanField(read_only=True, help_text="A TOTP application or a passkey.")

    class Meta(UserSerializer.Meta):
        fields = [*UserSerializer.Meta.fields, "email_verified", "is_staff", "mfa_enabled"]
        read_only_fields = fields


class OwnMembershipTenantSerializer(TenantSerializer):
    class Meta(TenantSerializer.Meta):
        fields = ["id", "name", "slug", "suspended"]
        read_only_fields = fields


class OwnMembershipSerializer(serializers.ModelSerializer[Membership]):
    id = PrefixedIdField(Membership.id_prefix, read_only=True)
    role = serializers.ChoiceField(choices=ROLES, read_only=True)
    permissions = serializers.SerializerMethodField()
    tenant = OwnMembershipTenantSerializer(read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "role", "permissions", "tenant"]
        read_only_fields = fields

    def get_permissions(self, membership: Membership) -> list[str]:
        return sorted(permissions_of(membership.role))


class ImpersonatorSerializer(serializers.Serializer[User]):
    email = serializers.EmailField(read_only=True)


class MeSerializer(serializers.Serializer[object]):
    user = MeUserSerializer(read_only=True)
    impersonator = ImpersonatorSerializer(
        read_only=True, allow_null=True, help_text="Of the platform's staff, acting as this person."
    )
    memberships = OwnMembershipSerializer(many=True, read_only=True)


class MeChanges(StrictSerializer):
    full_name = serializers.CharField(max_length=200, required=False, allow_blank=True)


class MemberSerializer(serializers.ModelSerializer[Membership]):
    id = PrefixedIdField(Membership.id_prefix, read_only=True)
    user = UserSerializer(read_only=True)
    role = serializers.ChoiceField(choices=ROLES, read_only=True)
    mfa_enabled = serializers.BooleanField(read_only=True)
    last_login = serializers.DateTimeField(source="user.last_login", read_only=True, allow_null=True)

    class Meta:
        model = Membership
        fields = ["id", "user", "role", "mfa_enabled", "last_login", "created_at"]
        read_only_fields = fields


class MemberChanges(StrictSerializer):
    role = serializers.ChoiceField(choices=ROLES)


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    id = PrefixedIdField(Invitation.id_prefix, read_only=True)
    role = serializers.ChoiceField(choices=ROLES, read_only=True)
    state = serializers.ChoiceField(choices=InvitationState.choices, read_only=True)
    invited_by = serializers.EmailField(
        source="invited_by.email", default=None, read_only=True, allow_null=True
    )

    class Meta:
        model = Invitation
        fields = ["id", "email", "role", "state", "invited_by", "expires_at", "created_at"]
        read_only_fields = fields


class InvitationInput(StrictSerializer):
    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(choices=ROLES)


class JoinSerializer(serializers.ModelSerializer[Invitation]):
    """An invitation as whoever holds its link sees it."""

    tenant_name = serializers.CharField(source="tenant.name", read_only=True)
    role = serializers.ChoiceField(choices=ROLES, read_only=True)
    state = serializers.ChoiceField(choices=InvitationState.choices, read_only=True)
    invited_by = serializers.SerializerMethodField(help_text="Name or e-mail; null when they left.")

    class Meta:
        model = Invitation
        fields = ["tenant_name", "email", "role", "invited_by", "expires_at", "state"]
        read_only_fields = fields

    def get_invited_by(self, invitation: Invitation) -> str | None:
        user = invitation.invited_by
        return (user.full_name or user.email) if user else None


class JoinedSerializer(serializers.ModelSerializer[Membership]):
    tenant = TenantSerializer(read_only=True)
    role = serializers.ChoiceField(choices=ROLES, read_only=True)

    class Meta:
        model = Membership
        fields = ["tenant", "role"]
        read_only_fields = fields


class ApiKeySerializer(serializers.ModelSerializer[ApiKey]):
    id = PrefixedIdField(ApiKey.id_prefix, read_only=True)
    created_by = serializers.EmailField(
        source="created_by.email", default=None, read_only=True, allow_null=True
    )

    class Meta:
        model = ApiKey
        fields = [
            "id",
            "name",
            "prefix",
            "mode",
            "scopes",
            "created_by",
            "expires_at",
            "revoked_at",
            "last_used_at",
            "created_at",
        ]
        read_only_fields = fields


class NewApiKeySerializer(ApiKeySerializer):
    secret = serializers.CharField(read_only=True, help_text="The key itself, shown this once.")

    class Meta(ApiKeySerializer.Meta):
        fields = [*ApiKeySerializer.Meta.fields, "secret"]
        read_only_fields = fields


class ApiKeyInput(StrictSerializer):
    name = serializers.CharField(max_length=100)
    mode = serializers.ChoiceField(
        choices=KeyMode.choices, help_text="A test key reaches the sandbox phone network only."
    )
    scopes = serializers.ListField(
        child=serializers.CharField(max_length=40),
        min_length=1,
        max_length=100,
        help_text="Permissions; none that you do not have yourself.",
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class ApiKeyChanges(StrictSerializer):
    name = serializers.CharField(max_length=100, required=False)


class RotateInput(StrictSerializer):
    expire_old_in_s = serializers.IntegerField(
        min_value=0,
        max_value=MAX_OVERLAP_S,
        default=0,
        help_text="Seconds that the old key still works, at most 7 days.",
    )


class RoleSerializer(serializers.Serializer[object]):
    role = serializers.ChoiceField(choices=ROLES, read_only=True)
    permissions = serializers.ListField(child=serializers.CharField(), read_only=True)


class PermissionSerializer(serializers.Serializer[object]):
    name = serializers.CharField(read_only=True)
    description = serializers.CharField(read_only=True)


class RolesSerializer(serializers.Serializer[object]):
    roles = RoleSerializer(many=True, read_only=True)
    permissions = PermissionSerializer(many=True, read_only=True)
