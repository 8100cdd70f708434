from __future__ import annotations

from types import ModuleType

import pytest
from django.db import connections
from django.http import HttpRequest
from django.test import Client
from django.urls import re_path
from pytest_django import Settings

from config import views
from tests.tenancy import make_member, make_tenant

pytestmark = pytest.mark.django_db

CLOSED = 9
"""The discard port: nothing listens there."""


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


def test_staff_log_in_on_the_page_of_everybody(client: Client) -> None:
    answer = client.get("/admin/")
    assert answer.status_code == 302

    answer = client.get(answer["Location"])

    assert (answer.status_code, answer["Location"]) == (302, "/login?next=%2Fadmin%2F")


def test_who_is_no_staff_has_no_admin(client: Client) -> None:
    client.force_login(make_member(make_tenant()))

    assert client.get("/admin/", follow=True).status_code == 403


def test_pages_say_what_browsers_may_do(client: Client) -> None:
    answer = client.get("/healthz")

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
