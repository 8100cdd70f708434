"""One login through a tenant's identity provider: from the redirect to the membership."""

from __future__ import annotations

from typing import NoReturn
from urllib.parse import urlencode

import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from tenants.errors import Conflict
from tenants.models import Membership, SsoProtocol, Tenant, User
from tenants.scope import platform_scope, tenant_scope
from tenants.signals import seat_wanted
from tenants.sso.reach import provider_id, tenant_of_provider
from tenants.sso.selectors import Connection, connection_of

log = structlog.get_logger(__name__)

BEGUN_HERE = "sso"
"""In the state of logins that began at `/sso/SLUG/`; nothing else of allauth's can put it there."""
MAX_PATH_LENGTH = 2_000
EMAIL_NAME_ID = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"


def error_page(code: str, slug: str = "") -> HttpResponseRedirect:
    """To the dashboard's page that explains a failed login in words, by its code."""
    query = urlencode({"error": code} | ({"tenant": slug} if slug else {}))
    return HttpResponseRedirect(f"{settings.PUBLIC_URL}/sso-error?{query}")


def social_app(connection: Connection) -> SocialApp:
    """The identity provider as allauth knows one; never stored."""
    row, name = connection.settings, provider_id(connection.tenant.pk)
    if row.protocol == SsoProtocol.OIDC:
        return SocialApp(
            provider="openid_connect",
            provider_id=name,
            name=connection.tenant.name[:40],
            client_id=row.client_id,
            secret=row.client_secret,
            settings={"server_url": row.server_url, "oauth_pkce_enabled": True},
        )
    return SocialApp(
        provider="saml",
        provider_id=name,
        name=connection.tenant.name[:40],
        client_id=name,
        settings={
            "idp": {
                "entity_id": row.idp_entity_id,
                "sso_url": row.idp_sso_url,
                "x509cert": row.idp_certificate,
            },
            "advanced": {
                "want_assertion_signed": True,
                "want_name_id": True,
                "want_attribute_statement": False,
                "reject_idp_initiated_sso": True,
                # Of our own address: the name of a machine will do.
                "allow_single_label_domains": True,
                "name_id_format": EMAIL_NAME_ID,
            },
        },
    )


def begin(request: HttpRequest, connection: Connection, wish: str = "") -> HttpResponseRedirect:
    """To the identity provider, and afterwards to `wish`, a path of ours; else to the tenant's first page."""
    provider = social_app(connection).get_provider(request)
    answer: HttpResponseRedirect = provider.redirect(
        request,
        process=AuthProcess.LOGIN,
        next_url=settings.PUBLIC_URL + (_own_path(wish) or f"/t/{connection.tenant.slug}"),
        data=BEGUN_HERE,
        headless=True,
    )
    return answer


def _own_path(wish: str) -> str:
    """`wish` when it leads to a page of ours other than the first, which only sends people on; else ""."""
    # Browsers take "//elsewhere" and "/\\elsewhere" for other servers; Django knows these tricks.
    ours = wish.startswith("/") and url_has_allowed_host_and_scheme(wish, allowed_hosts=None)
    return wish if ours and wish != "/" and len(wish) <= MAX_PATH_LENGTH else ""


def admit(request: HttpRequest, login: SocialLogin) -> None:
    """Decides whom `login` logs in, before allauth does: leaves a user there, or none for a new person.

    Raises ImmediateHttpResponse, to the page of errors, for everybody who may not come in.
    """
    connection = _connection(login)
    if login.state.get("data") != BEGUN_HERE:
        # To be connected to an account, or a token from who knows where.
        _refuse(connection, "sso_login_only")
    email = _vouched_email(login)
    if not email or not connection.may_vouch_for(email):
        _refuse(connection, "sso_domain")
    user = login.user if login.is_existing else User.objects.filter(email=email).first()
    if user is None:
        _refuse_newcomers(connection)
        login.user.email = email
        return
    if user.is_staff or user.is_superuser:
        _refuse(connection, "sso_staff")
    if login.is_existing:
        if not _is_member(connection, user):
            _refuse_newcomers(connection)
        _make_member(connection, user)
        return
    # Somebody has this account already. The identity provider's word is proof enough for a member of its
    # own tenant, and for nobody else: it would let a tenant take a stranger's account.
    if not _is_member(connection, user):
        _refuse(connection, "sso_account_exists")
    login.connect(request, user)


def _refuse_newcomers(connection: Connection) -> None:
    """Of a tenant that is suspended, which changes nothing, its team neither, or has no seat left; members
    still come in."""
    if connection.tenant.suspended:
        _refuse(connection, "sso_suspended")
    try:
        with tenant_scope(connection.tenant.pk):
            seat_wanted.send(Tenant, tenant=connection.tenant)
    except Conflict:
        _refuse(connection, "sso_no_seat")


def finish_signup(login: SocialLogin) -> None:
    """Make the person whom allauth has just made a member."""
    _make_member(_connection(login), login.user)


def _connection(login: SocialLogin) -> Connection:
    tenant_id = tenant_of_provider(login.account.provider)
    connection = connection_of(tenant_id) if tenant_id is not None else None
    if connection is None:
        raise ImmediateHttpResponse(error_page("sso_unknown"))
    return connection


def _vouched_email(login: SocialLogin) -> str:
    """The one address the identity provider names, in lower case; empty when it disowns it.

    Nothing here makes an address confirmed for us: that takes a mail of ours.
    """
    data = login.account.extra_data or {}
    userinfo, id_token = data.get("userinfo"), data.get("id_token")
    if login.provider.id == "openid_connect":
        if not id_token:
            return ""
        # OpenID Connect Core 5.3.2: otherwise userinfo may be somebody else's.
        if userinfo and userinfo.get("sub") != id_token.get("sub"):
            return ""
        if (userinfo or id_token).get("email_verified") in (False, "false"):
            return ""
    addresses = [address for address in login.email_addresses if address.email]
    for address in addresses:
        address.verified = False
    return addresses[0].email.strip().lower() if addresses else ""


def _is_member(connection: Connection, user: User) -> bool:
    with platform_scope():
        return Membership.objects.filter(tenant=connection.tenant, user=user).exists()


def _make_member(connection: Connection, user: User) -> None:
    """The role of a member stays; someone new gets the default one."""
    with platform_scope():
        Membership.objects.get_or_create(
            tenant=connection.tenant, user=user, defaults={"role": connection.settings.default_role}
        )


def _refuse(connection: Connection, code: str) -> NoReturn:
    log.warning("sso_refused", code=code, tenant_id=str(connection.tenant.pk))
    raise ImmediateHttpResponse(error_page(code, connection.tenant.slug))
