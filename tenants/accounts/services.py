"""Writes of people's e-mail addresses."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction

from tenants.models import User


def vouch_for_address(*, user: User) -> None:
    """Take the address of `user` for confirmed, as their only one.

    For people whom the platform's own staff make, in the admin or on the command line.
    """
    with transaction.atomic():
        EmailAddress.objects.filter(user=user).delete()
        # Who has confirmed an address that is now given to somebody else keeps it: nobody is shut out here.
        if not EmailAddress.objects.filter(email=user.email, verified=True).exists():
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
