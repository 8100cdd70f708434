"""The root of the URL tree. Each domain brings its own urls."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView

from config import views

admin.site.login_form = views.AdminLoginForm

api_v1: list[URLPattern | URLResolver] = [
    path("schema", SpectacularJSONAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("", include("apps.agents.api.urls")),
    path("", include("apps.numbers.api.urls")),
    path("", include("telephony.trunks.api.urls")),
    path("", include("apps.calls.api.urls")),
]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="docs"), name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("accounts/login/", views.Login.as_view(), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("api/v1/", include(api_v1)),
    path("internal/v1/", include("apps.calls.api.internal_urls")),
    # With DEBUG Django would show its page of patterns to programs.
    re_path(r"^(?:api|internal)/", views.not_found),
]

handler400 = "config.views.bad_request"
handler403 = "config.views.permission_denied"
handler404 = "config.views.not_found"
handler500 = "config.views.server_error"
