from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.core.mail import EmailMessage
from pytest_django import Settings

from tenants.audit.models import AuditEntry
from tenants.models import User
from tenants.scope import platform_scope
from tenants.selectors import live_session
from tenants.services import create_tenant, create_user
from tests.tenants.accounts.client import PASSWORD, Browser, empty_cache, error_codes, link_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mailbox")]

EMAIL = "owner@example.com"
CLOSED = 9
"""The discard port: nothing listens there."""


@pytest.fixture
def user() -> User:
    return create_user(email=EMAIL, password=PASSWORD, full_name="Front desk")


def test_logging_in_and_out(browser: Browser, user: User) -> None:
    assert browser.login(EMAIL.upper()).status_code == 200
    assert browser.get("auth/session").json()["data"]["user"]["id"] == user.public_id
    assert browser.get("/api/v1/me").status_code == 200

    assert browser.delete("auth/session").status_code == 401
    assert browser.get("/api/v1/me").status_code == 401


def test_a_wrong_password_says_no_more_than_that(browser: Browser, user: User) -> None:
    known = browser.login(EMAIL, "wrong")
    unknown = browser.login("nobody@example.com", "wrong")

    assert known.status_code == unknown.status_code == 400
    assert known.json() == unknown.json()
    assert error_codes(known) == [("password", "email_password_mismatch")]


def test_a_failed_login_is_in_the_audit_log_of_the_persons_tenants_only(browser: Browser, user: User) -> None:
    acme = create_tenant(name="Acme", slug="acme", owner=user)
    other = create_tenant(name="Other", slug="other")

    browser.login(EMAIL, "wrong")
    browser.login("nobody@example.com", "wrong")
    browser.login(EMAIL)

    with platform_scope():
        failed = list(AuditEntry.objects.filter(action="login_failed"))
        assert not AuditEntry.objects.filter(tenant=other, action__startswith="login").exists()
    (entry,) = failed
    assert (entry.tenant_id, entry.object_id, entry.object_label) == (acme.pk, user.pk, EMAIL)
    assert (entry.actor_kind, entry.actor_id, entry.ip) == ("system", "", browser.address)
    assert entry.after == {"reason": "password"}


def test_of_somebody_without_a_tenant_the_platform_keeps_the_failure(browser: Browser, user: User) -> None:
    browser.login(EMAIL, "wrong")

    with platform_scope():
        entry = AuditEntry.objects.get(action="login_failed")
    assert (entry.tenant_id, entry.object_id) == (None, user.pk)


def test_five_failures_close_the_account_for_a_while_from_everywhere(user: User) -> None:
    for n in range(5):
        assert Browser(f"192.0.2.{n + 1}").login(EMAIL, "wrong").status_code == 400

    answer = Browser("192.0.2.99").login(EMAIL)

    assert answer.status_code == 429
    assert answer["Retry-After"] == "300"
    assert error_codes(answer) == [("", "too_many_login_attempts")]
    # Another name of this server is no other count.
    assert Browser("192.0.2.98").ask(
        "POST", "auth/login", {"email": EMAIL, "password": PASSWORD}, Host="localhost:81"
    ).status_code in (403, 429)


@pytest.mark.usefixtures("_one_moment")
def test_failures_of_one_address_close_it_for_all_accounts(browser: Browser, user: User) -> None:
    for n in range(10):
        assert browser.login(f"nobody-{n}@example.com", "wrong").status_code == 400

    assert browser.login(EMAIL).status_code == 429
    assert Browser("198.51.100.7").login(EMAIL).status_code == 200


@pytest.mark.usefixtures("_one_moment")
def test_a_forged_header_is_no_other_address(browser: Browser, user: User) -> None:
    for n in range(10):
        browser.post(
            "auth/login",
            {"email": f"nobody-{n}@example.com", "password": "wrong"},
            **{"X-Forwarded-For": f"203.0.113.{n}"},
        )

    assert browser.login(EMAIL).status_code == 429


def test_without_the_cache_nothing_can_be_guessed(browser: Browser, user: User, settings: Settings) -> None:
    browser.get("config")
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": f"redis://127.0.0.1:{CLOSED}/0"}}

    answer = browser.login(EMAIL)

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def test_who_was_deactivated_stays_out(browser: Browser, user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert browser.login(EMAIL).status_code != 200
    assert not browser.logged_in


def test_someone_made_on_the_command_line_needs_no_mail(browser: Browser, user: User) -> None:
    assert browser.login(EMAIL).status_code == 200
    assert browser.get("/api/v1/me").json()["user"]["email_verified"] is True


def test_a_new_password_by_mail(browser: Browser, user: User, mailbox: list[EmailMessage]) -> None:
    earlier = Browser()
    earlier.login(EMAIL)
    assert browser.post("auth/password/request", {"email": EMAIL}).status_code == 200
    key = link_in(mailbox[0], "password/reset")

    assert browser.get("auth/password/reset", **{"X-Password-Reset-Key": key}).status_code == 200
    answer = browser.post("auth/password/reset", {"key": key, "password": "short"})
    assert {field for field, _ in error_codes(answer)} == {"password"}
    answer = browser.post("auth/password/reset", {"key": key, "password": "another long passphrase"})

    assert answer.status_code == 401
    assert not earlier.logged_in
    assert browser.login(EMAIL, "another long passphrase").status_code == 200
    assert mailbox[-1].subject == "Your password was reset"
    again = Browser().post("auth/password/reset", {"key": key, "password": "a third long passphrase"})
    assert error_codes(again) == [("key", "invalid_password_reset")]


def test_asking_for_a_password_does_not_say_who_has_an_account(
    browser: Browser, user: User, mailbox: list[EmailMessage]
) -> None:
    known = browser.post("auth/password/request", {"email": EMAIL})
    unknown = browser.post("auth/password/request", {"email": "nobody@example.com"})

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert [mail.subject for mail in mailbox] == [
        "Choose a new password",
        "There is no account for this address",
    ]


@pytest.mark.usefixtures("_one_moment")
def test_asking_for_passwords_is_limited(browser: Browser, user: User, mailbox: list[EmailMessage]) -> None:
    for n in range(5):
        Browser(f"192.0.2.{n + 1}").post("auth/password/request", {"email": EMAIL})

    answer = browser.post("auth/password/request", {"email": EMAIL})

    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert len(mailbox) == 5


def test_a_changed_password_ends_the_other_sessions(
    browser: Browser, user: User, mailbox: list[EmailMessage]
) -> None:
    other = Browser()
    other.login(EMAIL)
    browser.login(EMAIL)

    wrong = browser.post(
        "account/password/change", {"current_password": "wrong", "new_password": "another long passphrase"}
    )
    assert error_codes(wrong) == [("current_password", "enter_current_password")]
    answer = browser.post(
        "account/password/change", {"current_password": PASSWORD, "new_password": "another long passphrase"}
    )

    assert answer.status_code == 200
    assert (browser.logged_in, other.logged_in) == (True, False)
    assert [mail.subject for mail in mailbox] == ["Your password was changed"]


def test_sessions_are_listed_and_revoked(browser: Browser, user: User) -> None:
    browser.login(EMAIL)
    other = Browser("198.51.100.7", "Another browser")
    other.login(EMAIL)
    key = other.client.cookies["sessionid"].value
    assert live_session(key, user) is not None

    sessions = {s["ip"]: s for s in browser.get("auth/sessions").json()["data"]}
    assert {ip: (s["user_agent"], s["is_current"]) for ip, s in sessions.items()} == {
        "192.0.2.1": ("Test browser", True),
        "198.51.100.7": ("Another browser", False),
    }
    answer = browser.delete("auth/sessions", {"sessions": [sessions["198.51.100.7"]["id"]]})

    assert answer.status_code == 200
    assert not other.logged_in
    assert live_session(key, user) is None
    assert browser.logged_in


def test_nobody_revokes_the_sessions_of_others(browser: Browser, user: User) -> None:
    browser.login(EMAIL)
    create_user(email="other@example.com", password=PASSWORD)
    other = Browser()
    other.login("other@example.com")
    theirs = other.get("auth/sessions").json()["data"][0]["id"]

    browser.delete("auth/sessions", {"sessions": [theirs]})

    assert other.logged_in


@pytest.mark.parametrize("end", ["logout", "password", "deactivated", "expired"])
def test_what_outlives_a_request_learns_that_the_session_is_over(
    browser: Browser, user: User, end: str
) -> None:
    browser.login(EMAIL)
    key = browser.client.cookies["sessionid"].value
    assert live_session(key, user) is not None
    stranger = create_user(email="other@example.com")
    assert live_session(key, stranger) is None

    if end == "logout":
        browser.delete("auth/session")
    elif end == "password":
        user.set_password("another long passphrase")
        user.save()
    elif end == "deactivated":
        User.objects.filter(pk=user.pk).update(is_active=False)
    else:
        Session.objects.filter(pk=key).update(expire_date="2020-01-01T00:00:00Z")

    assert live_session(key, user) is None


def test_a_wiped_redis_logs_nobody_out(browser: Browser, user: User, settings: Settings) -> None:
    browser.login(EMAIL)
    empty_cache(settings)

    assert browser.logged_in


def test_a_new_address_counts_when_it_is_confirmed(
    browser: Browser, user: User, mailbox: list[EmailMessage]
) -> None:
    browser.login(EMAIL)
    refused = browser.post("account/email", {"email": "New@example.com"})
    assert refused.status_code == 401
    assert "reauthenticate" in [flow["id"] for flow in refused.json()["data"]["flows"]]
    browser.prove()
    assert browser.post("account/email", {"email": "New@example.com"}).status_code == 200
    assert User.objects.get(pk=user.pk).email == EMAIL

    browser.post("auth/email/verify", {"key": link_in(mailbox[0], "verify-email")})

    assert User.objects.get(pk=user.pk).email == "new@example.com"
    assert browser.get("/api/v1/me").json()["user"]["email"] == "new@example.com"
    assert Browser().login(EMAIL).status_code == 400
    assert Browser().login("new@example.com").status_code == 200


def test_an_address_of_somebody_else_is_not_to_be_had(
    browser: Browser, user: User, mailbox: list[EmailMessage]
) -> None:
    create_user(email="other@example.com", password=PASSWORD)
    browser.login(EMAIL)
    browser.prove()

    browser.post("account/email", {"email": "other@example.com"})

    # Not even if the other one follows the link of the mail, which is all that tells them apart.
    answer = Browser().post("auth/email/verify", {"key": link_in(mailbox[0], "verify-email")})
    assert error_codes(answer) == [("key", "email_taken")]
    assert User.objects.get(pk=user.pk).email == EMAIL
