from __future__ import annotations

from urllib.parse import unquote

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage

from tenants.models import User
from tenants.services import create_user
from tests.tenants.accounts.client import PASSWORD, Browser, error_codes, link_in

pytestmark = pytest.mark.django_db(transaction=True)

PERSON = {"email": "New@Example.com", "password": PASSWORD, "full_name": "Somebody  New"}


def pending(answer: object) -> list[str]:
    flows = answer.json()["data"]["flows"]  # type: ignore[attr-defined]
    return [flow["id"] for flow in flows if flow.get("is_pending")]


def test_signing_up_and_confirming_the_address_logs_in(browser: Browser, mailbox: list[EmailMessage]) -> None:
    answer = browser.post("auth/signup", PERSON)
    assert answer.status_code == 401
    assert pending(answer) == ["verify_email"]
    user = User.objects.get(email="new@example.com")
    assert user.full_name == "Somebody New"
    [mail] = mailbox
    assert mail.to == ["new@example.com"]

    key = link_in(mail, "verify-email")
    assert browser.get("auth/email/verify", **{"X-Email-Verification-Key": key}).status_code == 200
    answer = browser.post("auth/email/verify", {"key": key})

    assert answer.status_code == 200
    assert answer.json()["data"]["user"] == {
        "id": user.public_id,
        "display": "Somebody New",
        "email": "new@example.com",
        "full_name": "Somebody New",
        "has_usable_password": True,
    }
    assert browser.logged_in


def test_a_link_opened_elsewhere_confirms_but_does_not_log_in(
    browser: Browser, mailbox: list[EmailMessage]
) -> None:
    browser.post("auth/signup", PERSON)
    other = Browser()

    assert other.post("auth/email/verify", {"key": link_in(mailbox[0], "verify-email")}).status_code == 401

    assert not other.logged_in
    assert EmailAddress.objects.get(email="new@example.com").verified
    assert browser.login("new@example.com").status_code == 200


def test_nobody_logs_in_before_the_address_is_confirmed(
    browser: Browser, mailbox: list[EmailMessage]
) -> None:
    browser.post("auth/signup", PERSON)

    answer = Browser().login("new@example.com")

    assert (answer.status_code, pending(answer)) == (401, ["verify_email"])


def test_a_forged_key_confirms_nothing(browser: Browser, mailbox: list[EmailMessage]) -> None:
    browser.post("auth/signup", PERSON)

    answer = browser.post("auth/email/verify", {"key": "forged"})

    assert (answer.status_code, error_codes(answer)) == (400, [("key", "invalid_or_expired_key")])
    assert not EmailAddress.objects.get(email="new@example.com").verified


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "1234567890"}, "password"),
        ({"full_name": ""}, "full_name"),
    ],
)
def test_what_is_wrong_is_told_with_its_field(browser: Browser, change: dict[str, str], field: str) -> None:
    answer = browser.post("auth/signup", PERSON | change)

    assert answer.status_code == 400
    assert {f for f, _ in error_codes(answer)} == {field}
    assert not User.objects.exists()


def test_signing_up_again_tells_the_owner_and_nobody_else(
    browser: Browser, mailbox: list[EmailMessage]
) -> None:
    create_user(email="new@example.com", password="the owner's own passphrase")

    answer = browser.post("auth/signup", PERSON)

    assert (answer.status_code, pending(answer)) == (401, ["verify_email"])
    [mail] = mailbox
    assert "You have an account already" in mail.subject
    assert browser.login("new@example.com").status_code != 200


def test_a_change_without_the_csrf_token_is_refused(browser: Browser) -> None:
    answer = browser.client.post("/_allauth/browser/v1/auth/signup", PERSON, "application/json")

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


def test_mails_have_both_parts_and_one_link(browser: Browser, mailbox: list[EmailMessage]) -> None:
    browser.post("auth/signup", PERSON)

    [mail] = mailbox
    html, kind = mail.alternatives[0]  # type: ignore[attr-defined]
    assert kind == "text/html"
    assert html.count("<a ") == 1
    assert link_in(mail, "verify-email") in unquote(html)
