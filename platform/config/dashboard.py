"""The dashboard: one page, built into frontend/dist, that draws every address of the browser itself."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from tenants.selectors import memberships_of

NONCE = "__CSP_NONCE__"
MAIL = "__MAIL__"
SHARED = "share/"
"""Pages of calls that somebody has shared by a link."""
NOT_BUILT = "The dashboard is not built: run `scripts/frontend build`. The API is at /api/v1/docs.\n"


@require_safe
@never_cache
@ensure_csrf_cookie
def dashboard(request: HttpRequest, page: str = "") -> HttpResponse:
    """The page, with this answer's nonce for its style elements and with where mails go.

    404 for somebody who is logged in and asks for a tenant that is not theirs: programs and logs see what
    the page then says in words.
    """
    html = index_html(settings.DASHBOARD_DIR)
    if html is None:
        return HttpResponse(NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
    nonce = str(request.csp_nonce)  # type: ignore[attr-defined]
    html = html.replace(NONCE, nonce).replace(MAIL, _mail())
    response = HttpResponse(html, status=404 if _strange(request, page) else 200)
    if page.startswith(SHARED):
        # Who holds the address may look: neither a search engine nor another site is to learn it.
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
    return response


def _mail() -> str:
    """`terminal` on a machine that prints mails, so that the page can say where to look for a link."""
    return "terminal" if settings.EMAIL_BACKEND == "tenants.mail_console.EmailBackend" else "sent"


def _strange(request: HttpRequest, page: str) -> bool:
    first, _, rest = page.partition("/")
    if first != "t" or not request.user.is_authenticated:
        return False
    slug = rest.partition("/")[0]
    own = memberships_of(request.user, session=request.session).values()
    return all(membership.tenant.slug != slug for membership in own)


def index_html(folder: Path) -> str | None:
    """The built page, or None while there is none. Read once for each build."""
    index = folder / "index.html"
    try:
        return _read(index, index.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=2)
def _read(index: Path, built_at: int) -> str:
    return index.read_text()
