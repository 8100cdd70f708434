"""Writes of invitations: a person becomes a member by a link that only their mailbox knows."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from tenants.errors import Conflict, InvalidInput, LimitReached, NotAllowed, NotFound
from tenants.mail import send_mail_template
from tenants.models import Invitation, Membership, Tenant, User
from tenants.permissions import Role
from tenants.principals import Principal
from tenants.scope import current_tenant_id, platform_scope, tenant_scope
from tenants.selectors import (
    current_tenant,
    digest_of,
    get_invitation,
    invitation_by_token,
    open_invitations,
    user_of,
    verified_emails,
)
from tenants.services.members import check_may_manage, lock_members
from tenants.signals import seat_wanted
from tenants.suspension import ensure_active

VALID = timedelta(days=7)
RESEND_PAUSE = timedelta(minutes=1)
A_DAY = 200
"""Invitations that a tenant may send in 24 hours, again or for the first time: our mail server is nobody's
way to write to strangers."""


def invite(*, email: str, role: str, by: Principal) -> Invitation:
    """Invite whoever reads `email` to the tenant in force; the mail leaves after commit.

    NotAllowed for a role above one's own, Conflict for a member, a second open invitation, or when the plan
    has no seat left, LimitReached beyond `A_DAY`.
    """
    if role not in set(Role):
        raise InvalidInput(f"Choose one of {', '.join(Role)}.", field="role")
    email = email.lower()
    lock_members()
    check_may_manage(by, role, field="role")
    if Membership.objects.filter(user__email=email).exists():
        raise Conflict(f"{email} is a member already.", field="email", code="already_member")
    _close_expired(email)
    seat_wanted.send(Tenant, tenant=current_tenant())
    _check_mails_left()
    invitation = Invitation(tenant_id=current_tenant_id(), email=email, role=role, invited_by=user_of(by))
    _send(invitation)
    return invitation


def resend_invitation(*, invitation: Invitation, by: Principal) -> Invitation:
    """Send it again with a new link and seven new days; the old link is void.

    Conflict when it was accepted or revoked, or has expired and no seat is left; LimitReached within a
    minute of the last mail.
    """
    lock_members()
    fresh = get_invitation(invitation.pk, lock=True)
    if fresh.state not in ("pending", "expired"):
        raise Conflict(f"This invitation was {fresh.state}: make a new one.", code="invitation_closed")
    check_may_manage(by, fresh.role)
    if fresh.state == "expired":
        seat_wanted.send(Tenant, tenant=fresh.tenant)
    wait = fresh.sent_at + RESEND_PAUSE - timezone.now()
    if wait > timedelta(0):
        raise LimitReached(
            "It was sent a moment ago; look into the mailbox first.", retry_after_s=wait.seconds + 1
        )
    _check_mails_left()
    _send(fresh)
    return fresh


def revoke_invitation(*, invitation: Invitation) -> None:
    """Make its link void; twice does no harm. Conflict when it was accepted."""
    fresh = get_invitation(invitation.pk, lock=True)
    if fresh.accepted_at is not None:
        raise Conflict("It was accepted already: remove the member instead.", code="invitation_closed")
    if fresh.revoked_at is None:
        fresh.revoked_at = timezone.now()
        fresh.save(update_fields=["revoked_at", "updated_at"])


def accept_invitation(*, token: str, user: User) -> Membership:
    """Make `user` a member by the link they got; accepting twice changes nothing.

    NotFound for an unknown link, NotAllowed when the mail went to an address that is not theirs,
    Conflict when the link is void or they are a member already, TenantSuspended.
    """
    with platform_scope():
        found = invitation_by_token(token)
        with tenant_scope(found.tenant_id):
            ensure_active()
            lock_members()
            invitation = get_invitation(found.pk, lock=True)
            # A new link was made while we waited.
            if bytes(invitation.token_digest) != digest_of(token):
                raise NotFound("This invitation does not exist.")
            if invitation.email not in verified_emails(user):
                raise NotAllowed(
                    f"This invitation is for {invitation.email}, you are logged in as {user.email}. "
                    "Log in with the invited address, or add and confirm it in your account.",
                    code="other_address",
                )
            return _accepted(invitation, user)


def _accepted(invitation: Invitation, user: User) -> Membership:
    present = Membership.objects.select_related("tenant").filter(user=user).first()
    if invitation.accepted_at is not None and present is not None:
        return present
    if invitation.state != "pending":
        raise Conflict(
            f"This invitation was {invitation.state}; ask for a new one."
            if invitation.state != "expired"
            else "This invitation has expired; ask for a new one.",
            code=f"invitation_{invitation.state}",
        )
    if present is not None:
        raise Conflict(f"You are a member already, as {present.role}.", code="already_member")
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at", "updated_at"])
    return Membership.objects.create(tenant=invitation.tenant, user=user, role=invitation.role)


def _close_expired(email: str) -> None:
    """Make room for a new invitation of `email`. Conflict while the old one holds."""
    for old in open_invitations().filter(email=email):
        if old.state == "pending":
            raise Conflict(
                f"{email} has an open invitation: send it again, or revoke it first.",
                field="email",
                code="already_invited",
            )
        old.revoked_at = timezone.now()
        old.save(update_fields=["revoked_at", "updated_at"])


def _check_mails_left() -> None:
    """LimitReached when `A_DAY` mails were sent in the last 24 hours. The members are locked."""
    since = timezone.now() - timedelta(days=1)
    history = Invitation.pgh_event_model.objects.filter(sent_at__gte=since)  # type: ignore[attr-defined]
    if history.values("id", "sent_at").distinct().count() >= A_DAY:
        raise LimitReached(
            f"At most {A_DAY} invitations a day, those sent again included.", retry_after_s=3600
        )


def _send(invitation: Invitation) -> None:
    """Give it a new link, store it and mail it."""
    token = secrets.token_urlsafe(32)
    now = timezone.now()
    invitation.token_digest = digest_of(token)
    invitation.sent_at = now
    invitation.expires_at = now + VALID
    invitation.save()
    inviter = invitation.invited_by
    send_mail_template(
        "mail/invitation",
        to=invitation.email,
        context={
            "tenant_name": invitation.tenant.name,
            "role": invitation.role,
            "invited_by": (inviter.full_name or inviter.email) if inviter else "",
            "url": f"{settings.PUBLIC_URL}/join/{token}",
            "expires_at": invitation.expires_at,
        },
    )
