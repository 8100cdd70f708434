"""The start of a single sign-on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tenants.sso.logins import begin, error_page
from tenants.sso.selectors import connection_by_slug


@require_GET
@never_cache
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Redirects to the identity provider of the tenant `slug`.

    A tenant that has none looks like one that does not exist.
    """
    connection = connection_by_slug(slug)
    return begin(request, connection) if connection else error_page("sso_unknown")
