"""The root of the URL tree. Each domain brings its own urls."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from apps.numbers.api.callbacks import hear as hear_carrier
from config import staff, views
from config.dashboard import dashboard

# Staff log in on the dashboard's page like everybody: a second factor and the limits hold for them too.
staff.tidy(admin.site)
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

api_v1: list[URLPattern | URLResolver] = [
    path("schema", SpectacularJSONAPIView.as_view(), name="schema"),
    path("asyncapi.yaml", views.asyncapi, name="asyncapi"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("", include("tenants.api.urls")),
    path("", include("tenants.audit.api.urls")),
    path("", include("tenants.sso.api.urls")),
    path("", include("apps.webhooks.api.urls")),
    path("", include("apps.billing.api.urls")),
    path("", include("apps.payments.api.urls")),
    path("", include("apps.vendors.api.urls")),
    path("", include("apps.knowledge.api.urls")),
    path("", include("apps.agents.api.urls")),
    path("", include("apps.campaigns.api.number_health_urls")),
    path("", include("apps.numbers.api.urls")),
    path("", include("telephony.trunks.api.urls")),
    path("", include("apps.calls.api.urls")),
    path("", include("apps.analysis.api.urls")),
    path("", include("apps.suites.api.urls")),
    path("", include("apps.followups.api.urls")),
    path("", include("apps.campaigns.api.urls")),
    path("", include("apps.statements.api.urls")),
    path("", include("apps.privacy.api.urls")),
]

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("_allauth/", include("allauth.headless.urls")),
    path("", include("tenants.accounts.urls")),
    path("admin/", admin.site.urls),
    path("hijack/", include(("tenants.accounts.impersonation", "hijack"))),
    path("api/v1/", include(api_v1)),
    path("webhooks-in/", include("apps.payments.api.callbacks")),
    re_path(r"^webhooks-in/(?P<carrier>twilio|telnyx)$", hear_carrier, name="carrier-callback"),
    path("internal/v1/", include("apps.calls.api.internal_urls")),
    path("internal/v1/", include("apps.suites.api.internal")),
    path("internal/v1/", include("apps.followups.api.internal")),
    path("internal/v1/", include("apps.campaigns.api.internal")),
    # With DEBUG Django would show its page of patterns to programs.
    re_path(r"^(?:api|internal)/", views.not_found),
    # Everything else is a page of the dashboard, but for what looks like a file.
    re_path(
        r"^(?P<page>(?!(?:_allauth|accounts|admin|static|assets|ws|sso|hijack)/)[^.]*)$",
        dashboard,
        name="home",
    ),
]

handler400 = "config.views.bad_request"
handler403 = "config.views.permission_denied"
handler404 = "config.views.not_found"
handler500 = "config.views.server_error"
