from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from django.core.cache import cache
from django.db import connections
from django.http import HttpRequest
from django.test import Client
from django.urls import re_path
from pytest_django import Settings

from config import views
from tenants.models import User
from tests.tenancy import PASSWORD, make_member, make_tenant

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
CLOSED = 9
"""The discard port: nothing listens there."""


@pytest.fixture
def email() -> Iterator[str]:
    email = make_member(make_tenant()).email
    yield email
    cache.delete(f"login-failures:127.0.0.1:{email}")


def test_health_when_all_is_well(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "failed": []})
    assert "no-store" in answer["Cache-Control"]


def test_health_names_redis(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{CLOSED}/0"

    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()["failed"]) == (503, ["redis"])


@pytest.mark.django_db(transaction=True)
def test_health_names_the_database(client: Client) -> None:
    connection = connections["default"]
    connection.close()
    connection.close_pool()
    before = connection.settings_dict
    connection.settings_dict = before | {"PORT": CLOSED, "OPTIONS": {"connect_timeout": 1}}
    try:
        answer = client.get("/healthz")
    finally:
        connection.close()
        connection.settings_dict = before

    assert (answer.status_code, answer.json()["failed"]) == (503, ["database"])


def test_the_first_page_is_the_documentation(client: Client) -> None:
    assert client.get("/")["Location"] == "/api/v1/docs"


def test_logging_in_and_out(client: Client, email: str) -> None:
    assert client.post(LOGIN, {"username": email.upper(), "password": PASSWORD})["Location"] == "/api/v1/docs"
    assert client.get("/api/v1/agents").status_code == 200

    client.post("/accounts/logout/")
    assert client.get("/api/v1/agents").status_code == 401


def test_logging_in_leads_back_but_not_elsewhere(client: Client, email: str) -> None:
    wish = {"username": email, "password": PASSWORD}

    assert client.post(f"{LOGIN}?next=/admin/", wish)["Location"] == "/admin/"
    client.post("/accounts/logout/")
    assert client.post(f"{LOGIN}?next=//evil.example/", wish)["Location"] == "/api/v1/docs"


def test_a_wrong_password_says_no_more_than_that(client: Client, email: str) -> None:
    known = client.post(LOGIN, {"username": email, "password": "wrong"}).content.decode()
    unknown = client.post(LOGIN, {"username": "no@example.com", "password": "wrong"}).content.decode()

    def words(page: str) -> list[str]:
        return re.findall(r'role="alert">([^<]+)<', page)

    assert words(known) == words(unknown) != []


def test_ten_failures_close_the_form_for_that_person_only(client: Client, email: str) -> None:
    other = make_member(make_tenant()).email
    for _ in range(10):
        client.post(LOGIN, {"username": email, "password": "wrong"})

    closed = client.post(LOGIN, {"username": email, "password": PASSWORD})

    assert closed.status_code == 200
    assert "Too many failed attempts" in closed.content.decode()
    assert client.post(LOGIN, {"username": other, "password": PASSWORD}).status_code == 302


def test_the_staffs_form_closes_as_well(client: Client, email: str) -> None:
    User.objects.filter(email=email).update(is_staff=True)
    for _ in range(10):
        client.post("/admin/login/", {"username": email, "password": "wrong"})

    closed = client.post("/admin/login/", {"username": email, "password": PASSWORD})

    assert closed.status_code == 200
    assert "Too many failed attempts" in closed.content.decode()


@pytest.mark.parametrize(("staff", "status"), [(True, 302), (False, 200)])
def test_the_staffs_form_lets_only_staff_in(client: Client, email: str, staff: bool, status: int) -> None:
    User.objects.filter(email=email).update(is_staff=staff)

    answer = client.post("/admin/login/", {"username": email, "password": PASSWORD})

    assert answer.status_code == status


def test_logging_in_works_without_the_cache(client: Client, email: str, settings: Settings) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": f"redis://127.0.0.1:{CLOSED}/0"}}

    assert client.post(LOGIN, {"username": email, "password": "wrong"}).status_code == 200
    assert client.post(LOGIN, {"username": email, "password": PASSWORD}).status_code == 302


def test_the_form_needs_its_token() -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post(LOGIN, {"username": "a@example.com", "password": "x"}).status_code == 403


def test_pages_say_what_browsers_may_do(client: Client) -> None:
    answer = client.get(LOGIN)

    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/api/v1/x", "/internal/v1/x"])
def test_a_view_that_breaks_answers_the_api_with_a_problem(path: str, settings: Settings) -> None:
    def broken(request: HttpRequest) -> None:
        raise ZeroDivisionError("secret of the inside")

    broken_site = ModuleType("broken_site")
    broken_site.__dict__.update(urlpatterns=[re_path("", broken)], handler500=views.server_error)
    settings.ROOT_URLCONF = broken_site

    answer = Client(raise_request_exception=False).get(path)

    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert "secret" not in answer.content.decode()
