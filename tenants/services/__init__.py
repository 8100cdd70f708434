"""Writes of tenants and people, one module for each kind of thing."""

from tenants.services.api_keys import create_api_key, rename_api_key, revoke_api_key, rotate_api_key
from tenants.services.delete_tenant import leave
from tenants.services.invitations import (
    accept_invitation,
    invite,
    resend_invitation,
    revoke_invitation,
)
from tenants.services.members import add_member, change_role, remove_member, transfer_ownership
from tenants.services.people import create_user, rename_user
from tenants.services.tenants import allow_countries, create_tenant, rename_tenant

__all__ = [
    "accept_invitation",
    "add_member",
    "allow_countries",
    "change_role",
    "create_api_key",
    "create_tenant",
    "create_user",
    "invite",
    "leave",
    "remove_member",
    "rename_api_key",
    "rename_tenant",
    "rename_user",
    "resend_invitation",
    "revoke_api_key",
    "revoke_invitation",
    "rotate_api_key",
    "transfer_ownership",
]
