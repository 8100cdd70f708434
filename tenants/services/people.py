"""Writes of people's accounts."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from tenants.accounts.services import vouch_for_address
from tenants.errors import Conflict, InvalidInput
from tenants.models import User


def create_user(*, email: str, password: str | None = None, full_name: str = "") -> User:
    """A new user, whose address counts as confirmed: made by us, not by sign-up.

    InvalidInput for a bad address or a weak password, Conflict for a taken address.
    """
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput("This is not an e-mail address.", field="email") from error
    if password is not None:
        try:
            validate_password(password)
        except ValidationError as error:
            raise InvalidInput(" ".join(error.messages), field="password") from error
    with transaction.atomic():
        if User.objects.filter(email__iexact=email).exists():
            raise Conflict("A user with this e-mail address exists.", field="email")
        user = User.objects.create_user(email, password, full_name=full_name)
        vouch_for_address(user=user)
    return user


def rename_user(*, user: User, full_name: str) -> User:
    """Change the name that colleagues see; it may be empty."""
    user.full_name = full_name.strip()
    user.save(update_fields=["full_name"])
    return user
