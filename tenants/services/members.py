"""Writes of memberships. Every one of them locks the tenant's row: a tenant is never without an owner."""

from __future__ import annotations

from django.utils import timezone

from tenants.errors import Conflict, InvalidInput, NotAllowed
from tenants.models import Membership, Tenant, User
from tenants.permissions import Role, permissions_of, role_outranks
from tenants.principals import Principal
from tenants.scope import current_tenant_id, tenant_scope
from tenants.selectors import get_member, open_invitations


def add_member(*, tenant: Tenant, user: User, role: str) -> Membership:
    """Make `user` a member, or change the role they have. InvalidInput for an unknown role."""
    if role not in set(Role):
        raise InvalidInput(f"Choose one of {', '.join(Role)}.", field="role")
    with tenant_scope(tenant.pk):
        membership, _ = Membership.objects.update_or_create(user=user, defaults={"role": role})
    return membership


def change_role(*, member: Membership, role: str, by: Principal) -> Membership:
    """Give `member` another role.

    NotAllowed for a role above one's own, the old or the new one; Conflict for the last owner.
    """
    lock_members()
    fresh = get_member(member.pk)
    check_may_manage(by, fresh.role)
    check_may_manage(by, role, field="role")
    if fresh.role == Role.OWNER and role != Role.OWNER:
        _check_not_last_owner(fresh)
    fresh.role = role
    fresh.save(update_fields=["role", "updated_at"])
    _revoke_invitations_of(fresh.user, role)
    return fresh


def remove_member(*, member: Membership, by: Principal) -> None:
    """Take `member` out of the tenant; everybody may leave.

    Their open invitations are revoked; the API keys they made stay, see `tenants.services.api_keys`.
    NotAllowed for somebody else without `team.write` or with a role above one's own, Conflict for the
    last owner.
    """
    lock_members()
    fresh = get_member(member.pk)
    if not (by.kind == "session" and by.user_id == fresh.user_id):
        if not by.may("team.write"):
            raise NotAllowed("Removing others needs the permission team.write, which you do not have.")
        check_may_manage(by, fresh.role)
    if fresh.role == Role.OWNER:
        _check_not_last_owner(fresh)
    _revoke_invitations_of(fresh.user, None)
    fresh.delete()


def transfer_ownership(*, to: Membership, by: Principal) -> Membership:
    """Make `to` the owner in place of `by`, who becomes an admin.

    NotAllowed for anybody but an owner in person, InvalidInput for a transfer to oneself.
    """
    lock_members()
    if by.kind != "session" or by.role != Role.OWNER:
        raise NotAllowed("Only an owner who is logged in can hand the ownership over.")
    old = Membership.objects.filter(user=by.user_id).first()
    if old is None or old.role != Role.OWNER:
        raise NotAllowed("You are no longer an owner of this tenant.")
    new = get_member(to.pk)
    if new.pk == old.pk:
        raise InvalidInput("Choose another member: you are the owner.", field="member")
    for membership, role in ((new, Role.OWNER), (old, Role.ADMIN)):
        membership.role = role
        membership.save(update_fields=["role", "updated_at"])
    _revoke_invitations_of(old.user, Role.ADMIN)
    return new


def lock_members() -> None:
    """Wait until nobody else changes the members of the tenant in force, and keep others waiting."""
    Tenant.objects.select_for_update().get(pk=current_tenant_id())


def check_may_manage(by: Principal, role: str, *, field: str = "") -> None:
    """NotAllowed when `role` is above what `by` is.

    A person stands where their role stands; an API key reaches the roles that may do nothing it may not.
    """
    if by.role is None and not permissions_of(role) <= by.permissions:
        raise NotAllowed(f"The role {role} may do more than this API key.", field=field)
    if by.role is not None and role_outranks(role, by.role):
        raise NotAllowed(f"The role {role} is above yours.", field=field)


def _check_not_last_owner(member: Membership) -> None:
    if not Membership.objects.filter(role=Role.OWNER).exclude(pk=member.pk).exists():
        raise Conflict(
            "This is the last owner: make another member an owner, or transfer the ownership, first.",
            code="last_owner",
        )


def _revoke_invitations_of(user: User, role: str | None) -> None:
    """Close the open invitations that `user` could not send any more; `role` None: no longer a member."""
    kept = [
        given
        for given in Role
        if role and "team.write" in permissions_of(role) and not role_outranks(given, role)
    ]
    open_invitations().filter(invited_by=user).exclude(role__in=kept).update(revoked_at=timezone.now())
