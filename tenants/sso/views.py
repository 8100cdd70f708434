"""The start of a single sign-on, and where the answers of SAML come in."""

from __future__ import annotations

from importlib import import_module

from allauth.socialaccount.providers.saml import views as saml
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from tenants.models import SsoProtocol
from tenants.sso.logins import begin, error_page
from tenants.sso.reach import tenant_of_provider
from tenants.sso.selectors import connection_by_slug, connection_of

MAX_ANSWER_BYTES = 128 * 1024
"""Of an identity provider, in base64; real ones have some 10 KiB."""

KEPT_S = 300


@require_GET
@never_cache
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Redirects to the identity provider of the tenant `slug`; `?next=` is where to go afterwards, a path.

    A tenant that has none looks like one that does not exist.
    """
    connection = connection_by_slug(slug)
    if connection is None:
        return error_page("sso_unknown")
    return begin(request, connection, request.GET.get("next", ""))


@csrf_exempt
@require_POST
def answer(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """Takes what a SAML identity provider has the browser post, for the view that the redirect leads to.

    allauth keeps it in a session, unread, whoever sends it: so it must be for a provider that exists, of a
    size that can be one, and is forgotten soon when nobody follows the redirect.
    """
    tenant_id = tenant_of_provider(organization_slug)
    connection = connection_of(tenant_id) if tenant_id else None
    if connection is None or connection.settings.protocol != SsoProtocol.SAML:
        return error_page("sso_unknown")
    if len(request.body) > MAX_ANSWER_BYTES:
        return error_page("sso_unknown_error", connection.tenant.slug)
    kept = import_module(settings.SESSION_ENGINE).SessionStore()
    kept.set_expiry(KEPT_S)
    # Where allauth looks for one.
    request.saml_acs_session = kept  # type: ignore[attr-defined]
    response: HttpResponse = saml.acs(request, organization_slug=organization_slug)
    return response
