"""Where allauth asks us: mails, addresses, what it tells the dashboard."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import requests
import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.stages import EmailVerificationStage
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.headless.adapter import DefaultHeadlessAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse

from tenants.accounts.client import client_ip
from tenants.audit.receivers import note_failed_login
from tenants.mail import send_mail_template
from tenants.models import User
from tenants.secrets import decrypt, encrypt
from tenants.selectors import escapes_sso
from tenants.sso.http import guarded_session
from tenants.sso.logins import admit, error_page, finish_signup, social_app
from tenants.sso.reach import SSO_ADDRESS, SSO_ADDRESS_TEXT, sso_tenant, tenant_of_provider
from tenants.sso.selectors import connection_of

if TYPE_CHECKING:
    from allauth.account.models import EmailAddress
    from allauth.socialaccount.models import SocialApp, SocialLogin

log = structlog.get_logger(__name__)

NO_ADDRESS = "0.0.0.0"


class AccountAdapter(DefaultAccountAdapter):
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

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A wrong password is noted where its owner and their tenants read it; an unknown address nowhere."""
        user = User.objects.filter(email=str(credentials.get("email", "")).lower()).first()
        if user is not None:
            note_failed_login(request, user, "password")

    def clean_email(self, email: str) -> str:
        """Refused at once, by a form, where `confirm_email` would refuse it in the end."""
        email = super().clean_email(email)
        user = getattr(self.request, "user", None)
        if isinstance(user, User) and escapes_sso(user, email):
            raise ValidationError(SSO_ADDRESS_TEXT, code=SSO_ADDRESS)
        return email

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """A tenant may insist on single sign-on for the old address; the new one would do without.

        Asked again here: the change may have begun before the tenant insisted.
        """
        if escapes_sso(email_address.user, email_address.email):
            error = {"code": SSO_ADDRESS, "message": SSO_ADDRESS_TEXT}
            raise ImmediateHttpResponse(JsonResponse({"status": 403, "errors": [error]}, status=403))
        confirmed: bool = super().confirm_email(request, email_address)
        return confirmed

    def get_login_stages(self) -> list[str]:
        ours = f"{AddressStage.__module__}.{AddressStage.__qualname__}"
        return [
            ours if name.endswith(".EmailVerificationStage") else name for name in super().get_login_stages()
        ]

    def pre_login(
        self, request: HttpRequest, user: User, *, signal_kwargs: dict[str, Any] | None, **kwargs: Any
    ) -> HttpResponse | None:
        if signal_kwargs and sso_tenant(request.session):
            # A login that pauses for a second factor is stored; allauth could not load this part again,
            # because it looks the identity provider up by a name that is not ours.
            signal_kwargs.pop("sociallogin", None)
        answer: HttpResponse | None = super().pre_login(request, user, signal_kwargs=signal_kwargs, **kwargs)
        return answer


class AddressStage(EmailVerificationStage):
    """Nobody comes in with an address that is not confirmed, but for single sign-on: its session reaches
    only the tenant whose identity provider has vouched for the address."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if sso_tenant(self.request.session):
            return None, True
        answer: tuple[HttpResponse | None, bool] = super().handle()
        return answer


class SocialAdapter(DefaultSocialAccountAdapter):
    """Google and GitHub from the settings, tenants' identity providers from their tables."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """A tenant's provider only by its exact name, so that no list ever shows one."""
        tenant_id = tenant_of_provider((client_id if provider == "saml" else provider) or "")
        if tenant_id is None:
            apps: list[SocialApp] = super().list_apps(request, provider, client_id)
            return apps
        connection = connection_of(tenant_id)
        app = social_app(connection) if connection else None
        return [app] if app and (provider != "saml" or app.provider == "saml") else []

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        user: User = super().populate_user(request, sociallogin, data)
        names = [data.get("name")] if data.get("name") else [data.get("first_name"), data.get("last_name")]
        user.full_name = " ".join(" ".join(str(n) for n in names if n).split())[:200]
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if tenant_of_provider(sociallogin.account.provider):
            admit(request, sociallogin)

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        user: User = super().save_user(request, sociallogin, form)
        if tenant_of_provider(sociallogin.account.provider):
            finish_signup(sociallogin)
        return user

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, **details: Any
    ) -> None:
        """A tenant's provider has refused, or what it said cannot be believed."""
        log.warning("social_login_failed", provider=provider.sub_id, error=error)
        if tenant_of_provider(provider.sub_id):
            raise ImmediateHttpResponse(error_page(f"sso_{error}"))

    def get_requests_session(self) -> requests.Session:
        return guarded_session()


class MFAAdapter(DefaultMFAAdapter):
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


class HeadlessAdapter(DefaultHeadlessAdapter):
    """The headless API speaks of people as the rest of the API does."""

    def get_user_dataclass(self) -> type[Person]:
        return Person

    def user_as_dataclass(self, user: User) -> Person:
        return Person(
            # A person who has not finished signing up comes out of the session, with an id that is none yet.
            id=None if user._state.adding else user.public_id,
            display=user.full_name or user.email,
            email=user.email or None,
            full_name=user.full_name,
            has_usable_password=user.has_usable_password(),
        )
