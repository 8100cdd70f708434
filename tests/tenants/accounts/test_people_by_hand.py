"""People whom the platform's own staff make can log in without a mail."""

from __future__ import annotations

import importlib

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.test import Client

from tenants.models import User
from tests.tenants.accounts.client import PASSWORD, Browser

pytestmark = pytest.mark.django_db


def test_staff_of_the_command_line(browser: Browser) -> None:
    User.objects.create_superuser("staff@example.com", PASSWORD)

    assert browser.login("staff@example.com").status_code == 200


def test_people_of_the_admin_and_their_new_addresses(browser: Browser, client: Client) -> None:
    client.force_login(User.objects.create_superuser("staff@example.com", PASSWORD))
    page = client.post("/admin/tenants/user/add/", {"email": "New@Example.com"})
    assert page.status_code == 302, page.content
    user = User.objects.get(email="new@example.com")
    assert not user.has_usable_password()
    user.set_password(PASSWORD)
    user.save()

    assert browser.login("new@example.com").status_code == 200
    fields = {"email": "changed@example.com", "full_name": "", "is_active": "on"}
    assert client.post(f"/admin/tenants/user/{user.pk}/change/", fields).status_code == 302

    assert Browser().login("changed@example.com").status_code == 200
    assert Browser().login("new@example.com").status_code == 400


def test_people_from_before_there_was_a_sign_up() -> None:
    migration = importlib.import_module("tenants.migrations.0005_confirmed_addresses")
    user = User.objects.create_user("old@example.com", PASSWORD)

    migration.confirm_all(apps, None)
    migration.confirm_all(apps, None)

    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == ("old@example.com", True, True)
