"""Where allauth asks us: mails, addresses, what it tells the dashboard."""

from __future__ import annotations

import dataclasses
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.headless.adapter import DefaultHeadlessAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest

from tenants.accounts.client import client_ip
from tenants.mail import send_mail_template
from tenants.models import User
from tenants.secrets import decrypt, encrypt

NO_ADDRESS = "0.0.0.0"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts by e-mail address."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Our templates bear allauth's names: ``account/email/password_changed``."""
        context = {**context, "email": email, "reset_url": f"{settings.PUBLIC_URL}/password/forgot"}
        send_mail_template(template_prefix, to=email, context=context)

    def get_client_ip(self, request: HttpRequest) -> str:
        """As the audit log has it; a peer without one (a Unix socket) counts as one address."""
        return client_ip(request) or NO_ADDRESS

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By the e-mail address alone: with the Host header in it, another port would be another count."""
        return str(credentials.get("email", "")).lower()


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors, their secrets encrypted like every other one of ours."""

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def _get_site_name(self) -> str:
        """What browsers call us when they ask for a passkey."""
        return str(settings.PRODUCT_NAME)


@dataclasses.dataclass
class Person:
    """What the headless API says of a user; `id` is the public one."""

    id: str | None
    display: str
    email: str | None
    full_name: str
    has_usable_password: bool


class HeadlessAdapter(DefaultHeadlessAdapter):  # type: ignore[misc]
    """The headless API speaks of people as the rest of the API does."""

    def get_user_dataclass(self) -> type[Person]:
        return Person

    def user_as_dataclass(self, user: User) -> Person:
        return Person(
            id=user.public_id if user.pk else None,
            display=user.full_name or user.email,
            email=user.email or None,
            full_name=user.full_name,
            has_usable_password=user.has_usable_password(),
        )
