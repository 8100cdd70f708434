"""Writes of people's e-mail addresses."""

from __future__ import annotations

from allauth.account.forms import ResetPasswordForm
from allauth.account.models import EmailAddress
from django.db import transaction
from django.http import HttpRequest

from tenants.audit.services import record_for_platform
from tenants.models import User


def mail_new_password(request: HttpRequest, *, user: User) -> None:
    """Mail `user` the link with which they set a new password, as if they had forgotten it."""
    form = ResetPasswordForm({"email": user.email})
    form.is_valid()  # nobody is refused: an address without an account is told so by mail
    form.save(request)
    record_for_platform("password_mail_sent", of=user)


def vouch_for_address(*, user: User) -> None:
    """Take the address of `user` for confirmed, as their only one.

    For people whom the platform's own staff make, in the admin or on the command line.
    """
    with transaction.atomic():
        EmailAddress.objects.filter(user=user).delete()
        # Who has confirmed an address that is now given to somebody else keeps it: nobody is shut out here.
        if not EmailAddress.objects.filter(email=user.email, verified=True).exists():
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
