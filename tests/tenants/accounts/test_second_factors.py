"""Codes from an application, recovery codes, passkeys."""

from __future__ import annotations

import base64

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.mail import EmailMessage
from django.http import HttpResponse
from pytest_django import Settings

from tenants.management.commands.rotate_secrets import rotate_second_factors
from tenants.models import User
from tenants.services import create_user
from tests.fakes.passkey import Passkey
from tests.tenants.accounts.client import PASSWORD, Browser, error_codes, give_code

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mailbox")]

EMAIL = "owner@example.com"


@pytest.fixture
def user() -> User:
    return create_user(email=EMAIL, password=PASSWORD)


def enrol(browser: Browser) -> str:
    """Adds an authenticator application; its secret."""
    browser.prove()
    answer = browser.get("account/authenticators/totp")
    assert answer.status_code == 404
    secret: str = answer.json()["meta"]["secret"]
    answer = give_code(browser, "account/authenticators/totp", secret)
    assert answer.status_code == 200, answer.content
    return secret


def pending(answer: HttpResponse) -> list[str]:
    return [flow["id"] for flow in answer.json()["data"]["flows"] if flow.get("is_pending")]


def test_a_code_is_asked_for_once_enrolled(browser: Browser, user: User, mailbox: list[EmailMessage]) -> None:
    browser.login(EMAIL)
    secret = enrol(browser)
    assert [mail.subject for mail in mailbox] == ["An authenticator app was added"]
    assert browser.get("/api/v1/me").json()["user"]["mfa_enabled"] is True

    other = Browser()
    assert pending(other.login(EMAIL)) == ["mfa_authenticate"]
    assert other.get("/api/v1/me").status_code == 401
    wrong = other.post("auth/2fa/authenticate", {"code": "000000"})
    assert error_codes(wrong) == [("code", "incorrect_code")]

    assert give_code(other, "auth/2fa/authenticate", secret).status_code == 200
    assert other.logged_in


def test_guessing_codes_is_limited(browser: Browser, user: User) -> None:
    browser.login(EMAIL)
    enrol(browser)
    other = Browser("198.51.100.7")
    other.login(EMAIL)

    answers = [other.post("auth/2fa/authenticate", {"code": "000000"}) for _ in range(6)]

    assert [a.status_code for a in answers] == [400] * 5 + [429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_secrets_are_encrypted_at_rest(browser: Browser, user: User) -> None:
    browser.login(EMAIL)
    secret = enrol(browser)

    stored = [str(row.data) for row in Authenticator.objects.all()]

    assert len(stored) == 2
    assert not any(secret in text for text in stored)
    assert all("gAAAA" in text for text in stored)


def test_new_keys_open_them_after_rotation(browser: Browser, user: User, settings: Settings) -> None:
    browser.login(EMAIL)
    secret = enrol(browser)
    new = Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, *settings.FIELD_ENCRYPTION_KEYS]

    assert rotate_second_factors() == 2

    settings.FIELD_ENCRYPTION_KEYS = [new]
    other = Browser()
    other.login(EMAIL)
    assert give_code(other, "auth/2fa/authenticate", secret).status_code == 200


def test_a_recovery_code_opens_once(browser: Browser, user: User) -> None:
    browser.login(EMAIL)
    enrol(browser)
    codes = browser.get("account/authenticators/recovery-codes").json()["data"]["unused_codes"]
    assert len(codes) == 10

    first, second = Browser("198.51.100.7"), Browser("198.51.100.8")
    first.login(EMAIL)
    assert first.post("auth/2fa/authenticate", {"code": codes[0]}).status_code == 200
    second.login(EMAIL)

    assert second.post("auth/2fa/authenticate", {"code": codes[0]}).status_code == 400
    assert not second.logged_in
    answer = browser.get("account/authenticators/recovery-codes").json()["data"]
    assert answer["unused_code_count"] == 9


def test_it_can_be_removed_again(browser: Browser, user: User) -> None:
    browser.login(EMAIL)
    enrol(browser)
    browser.prove()

    assert browser.delete("account/authenticators/totp").status_code == 200

    assert Browser().login(EMAIL).status_code == 200


def test_the_password_has_to_be_given_again_first(browser: Browser, user: User) -> None:
    browser.login(EMAIL)
    secret = browser.get("account/authenticators/totp").json()["meta"]["secret"]

    assert give_code(browser, "account/authenticators/totp", secret).status_code == 401
    assert not Authenticator.objects.exists()
    assert browser.prove("wrong").status_code == 400
    assert browser.prove().status_code == 200

    enrol(browser)


def add_passkey(browser: Browser, passkey: Passkey) -> HttpResponse:
    browser.prove()
    options = browser.get("account/authenticators/webauthn?passwordless").json()["data"]
    return browser.post(
        "account/authenticators/webauthn",
        {"name": "Laptop", "credential": passkey.register(options["creation_options"])},
    )


def test_a_passkey_logs_in_without_a_password(
    browser: Browser, user: User, mailbox: list[EmailMessage]
) -> None:
    browser.login(EMAIL)
    passkey = Passkey("https://testserver")
    assert add_passkey(browser, passkey).status_code == 200
    assert "A passkey was added" in [mail.subject for mail in mailbox]

    other = Browser()
    options = other.get("auth/webauthn/login").json()["data"]["request_options"]
    answer = other.post("auth/webauthn/login", {"credential": passkey.answer(options)})

    assert answer.status_code == 200
    assert answer.json()["data"]["user"]["id"] == user.public_id


def test_a_passkey_is_a_second_factor_after_a_password(browser: Browser, user: User) -> None:
    browser.login(EMAIL)
    passkey = Passkey("https://testserver")
    add_passkey(browser, passkey)

    other = Browser()
    assert pending(other.login(EMAIL)) == ["mfa_authenticate"]
    options = other.get("auth/webauthn/authenticate").json()["data"]["request_options"]
    answer = other.post("auth/webauthn/authenticate", {"credential": passkey.answer(options)})

    assert answer.status_code == 200


@pytest.mark.parametrize("fault", ["another site", "another key", "another challenge"])
def test_a_passkey_that_does_not_fit_opens_nothing(browser: Browser, user: User, fault: str) -> None:
    browser.login(EMAIL)
    passkey = Passkey("https://testserver")
    add_passkey(browser, passkey)
    other = Browser()
    options = other.get("auth/webauthn/login").json()["data"]["request_options"]
    if fault == "another site":
        passkey.origin = "https://testserver.evil.example"
    elif fault == "another key":
        passkey = passkey.with_another_key()
    else:
        options["publicKey"]["challenge"] = base64.urlsafe_b64encode(b"x" * 32).decode().rstrip("=")

    answer = other.post("auth/webauthn/login", {"credential": passkey.answer(options)})

    assert answer.status_code == 400
    assert not other.logged_in
