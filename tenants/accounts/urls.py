"""Where identity providers send people back to. All other pages of allauth are the dashboard's."""

from __future__ import annotations

from allauth.socialaccount.providers.github import views as github
from allauth.socialaccount.providers.google import views as google
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.socialaccount.providers.saml import views as saml
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from tenants.sso.views import answer, start


def no_single_logout(request: HttpRequest, organization_slug: str) -> HttpResponse:
    """allauth's SAML metadata needs the address. A logout from elsewhere is not ours to obey."""
    raise Http404


urlpatterns = [
    path("accounts/google/login/callback/", google.oauth2_callback, name="google_callback"),
    path("accounts/github/login/callback/", github.oauth2_callback, name="github_callback"),
    path("accounts/oidc/<str:provider_id>/login/callback/", oidc.callback, name="openid_connect_callback"),
    path("accounts/saml/<slug:organization_slug>/acs/", answer, name="saml_acs"),
    path("accounts/saml/<slug:organization_slug>/acs/finish/", saml.finish_acs, name="saml_finish_acs"),
    path("accounts/saml/<slug:organization_slug>/metadata/", saml.metadata, name="saml_metadata"),
    path("accounts/saml/<slug:organization_slug>/sls/", no_single_logout, name="saml_sls"),
    path("sso/<slug:slug>/", start, name="sso_start"),
]
