"""Logging in by a tenant's identity provider, as people do and as attackers would."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.core.mail import EmailMessage
from django.http import HttpResponse
from pytest_django import Settings

from tenants.audit.models import AuditEntry
from tenants.models import Membership, SingleSignOn, Tenant, User
from tenants.scope import platform_scope, tenant_scope
from tenants.services import add_member, create_tenant, create_user
from tenants.sso.reach import provider_id
from tenants.sso.services import remove_single_sign_on
from tenants.suspension import suspend
from tests.fakes.oidc_server import OidcServer
from tests.tenants.accounts.client import PASSWORD, Browser, give_code
from tests.tenants.sso.conftest import connect, member

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mailbox")]


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def sign_on(browser: Browser, idp: OidcServer, slug: str = "acme", query: str = "") -> HttpResponse:
    """The whole way; the answer to the callback."""
    start = browser.get(f"/sso/{slug}/{query}")
    assert start.status_code == 302, start.content
    return browser.get(path_of(idp.approve(start["Location"])))


def error_of(answer: HttpResponse) -> str:
    url = urlsplit(answer["Location"])
    assert url.path == "/sso-error", answer["Location"]
    return parse_qs(url.query)["error"][0]


def roles(user: User) -> dict[str, str]:
    with platform_scope():
        rows = Membership.objects.filter(user=user).select_related("tenant")
        return {row.tenant.slug: row.role for row in rows}


def me(browser: Browser) -> list[str]:
    """The slugs of the tenants that the session reaches."""
    return [m["tenant"]["slug"] for m in browser.get("/api/v1/me").json()["memberships"]]


@pytest.mark.parametrize(
    ("wish", "led_to"),
    [
        ("/t/acme/calls?state=ended", "/t/acme/calls?state=ended"),
        ("/", "/t/acme"),
        ("", "/t/acme"),
        ("https://evil.example/t/acme", "/t/acme"),
        ("//evil.example/t/acme", "/t/acme"),
        ("/\\evil.example", "/t/acme"),
        ("/\t/evil.example", "/t/acme"),
        ("javascript:alert(1)", "/t/acme"),
        ("t/acme/calls", "/t/acme"),
        ("/" + "a" * 2_000, "/t/acme"),
    ],
)
def test_the_way_leads_to_the_page_that_was_wished_for_if_it_is_ours(
    wish: str, led_to: str, browser: Browser, idp: OidcServer, tenant: Tenant, settings: Settings
) -> None:
    answer = sign_on(browser, idp, query="?" + urlencode({"next": wish}))
    assert answer.status_code == 302
    assert answer["Location"] == settings.PUBLIC_URL + led_to


def test_someone_new_becomes_a_member_with_the_default_role(
    browser: Browser, idp: OidcServer, tenant: Tenant
) -> None:
    idp.person = {"sub": "7", "email": "New.Person@Example.com", "name": "New Person"}

    answer = sign_on(browser, idp)

    assert (answer.status_code, path_of(answer["Location"])) == (302, "/t/acme")
    user = User.objects.get(email="new.person@example.com")
    assert (user.full_name, user.has_usable_password(), roles(user)) == (
        "New Person",
        False,
        {"acme": "analyst"},
    )
    assert browser.get("/api/v1/agents", **{"X-Tenant": tenant.public_id}).status_code == 200


def test_a_suspended_tenant_takes_nobody_new(browser: Browser, idp: OidcServer, tenant: Tenant) -> None:
    member(tenant, "member@example.com")
    idp.person = {"sub": "7", "email": "left@example.com"}
    sign_on(Browser(), idp)
    with platform_scope():
        Membership.objects.filter(user__email="left@example.com").delete()
    suspend(tenant=tenant, reason="Unpaid")

    again = sign_on(Browser(), idp)
    idp.person = {"sub": "8", "email": "new@example.com"}
    new = sign_on(Browser(), idp)
    idp.person = {"sub": "9", "email": "member@example.com"}
    known = sign_on(browser, idp)

    assert (error_of(again), error_of(new)) == ("sso_suspended", "sso_suspended")
    assert path_of(known["Location"]) == "/t/acme"
    assert not User.objects.filter(email="new@example.com").exists()
    with platform_scope():
        assert not Membership.objects.filter(user__email="left@example.com").exists()


def test_the_next_login_is_the_same_person_whatever_their_address(
    browser: Browser, idp: OidcServer, tenant: Tenant
) -> None:
    idp.person = {"sub": "7", "email": "before@example.com"}
    sign_on(browser, idp)
    idp.person = {"sub": "7", "email": "after@example.com"}

    assert path_of(sign_on(Browser(), idp)["Location"]) == "/t/acme"

    assert User.objects.filter(email__in=["before@example.com", "after@example.com"]).count() == 1


def test_a_member_is_recognised_and_keeps_the_role(
    browser: Browser, idp: OidcServer, tenant: Tenant, mailbox: list[EmailMessage]
) -> None:
    user = member(tenant, "member@example.com", "admin")

    sign_on(browser, idp)

    assert browser.get("auth/session").json()["data"]["user"]["id"] == user.public_id
    assert roles(user) == {"acme": "admin"}
    assert [mail.subject for mail in mailbox] == ["A new way to sign in was added"]


def test_a_stranger_with_an_account_is_not_taken_over(
    browser: Browser, idp: OidcServer, tenant: Tenant
) -> None:
    user = create_user(email="member@example.com", password=PASSWORD)

    answer = sign_on(browser, idp)

    assert error_of(answer) == "sso_account_exists"
    assert not browser.logged_in
    assert roles(user) == {}
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    "person",
    [
        {"sub": "1", "email": "somebody@elsewhere.example"},
        {"sub": "1", "email": "somebody@sub.example.com"},
        {"sub": "1", "email": "somebody@example.com", "email_verified": False},
        {"sub": "1"},
        {"sub": "1", "email": "nonsense"},
    ],
)
def test_who_is_not_of_the_tenants_domains_stays_out(
    browser: Browser, idp: OidcServer, tenant: Tenant, person: dict[str, object]
) -> None:
    idp.person = person

    assert error_of(sign_on(browser, idp)) == "sso_domain"
    assert not browser.logged_in
    assert User.objects.count() == 1


def test_the_session_reaches_no_other_tenant_of_the_same_person(
    browser: Browser, idp: OidcServer, tenant: Tenant
) -> None:
    user = member(tenant, "member@example.com")
    other = create_tenant(name="Other", slug="other", owner=user)
    sign_on(browser, idp)

    assert me(browser) == ["acme"]
    with platform_scope():
        logins = AuditEntry.objects.filter(action="login", object_id=user.pk)
        assert [entry.tenant_id for entry in logins] == [tenant.pk]
    answer = browser.get("/api/v1/agents", **{"X-Tenant": other.public_id})
    assert (answer.status_code, answer.json()["code"]) == (401, "sso_session")
    assert browser.get("/t/other").status_code == 404
    # A password opens both.
    by_password = Browser()
    by_password.login("member@example.com")
    assert me(by_password) == ["acme", "other"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "account/password/change", {"new_password": "the attacker's passphrase"}),
        ("POST", "account/email", {"email": "attacker@elsewhere.example"}),
        ("POST", "account/authenticators/totp", {"code": "000000"}),
        ("POST", "/api/v1/tenants", {"name": "Mine"}),
        ("PATCH", "/api/v1/me", {"full_name": "Changed"}),
    ],
)
def test_the_session_does_not_reach_the_account_itself(
    browser: Browser, idp: OidcServer, tenant: Tenant, method: str, path: str, body: dict[str, str]
) -> None:
    member(tenant, "member@example.com")
    sign_on(browser, idp)

    answer = browser.ask(method, path, body)

    assert answer.status_code == 403
    assert "sso_session" in answer.content.decode()


def test_an_identity_provider_speaks_for_its_own_tenant_only(
    browser: Browser, idp: OidcServer, tenant: Tenant
) -> None:
    """The same subject and address at another tenant's provider is another person."""
    user = member(tenant, "member@example.com")
    sign_on(browser, idp)
    with OidcServer().running() as hostile:
        attacker = create_user(email="attacker@evil.example", password=PASSWORD)
        evil = create_tenant(name="Evil", slug="evil", owner=attacker)
        connect(evil, attacker, hostile, email_domains=["evil.example"])
        hostile.person = dict(idp.person)

        thief = Browser()
        assert error_of(sign_on(thief, hostile, "evil")) == "sso_domain"
        # Nor does the right answer at the wrong callback.
        start = thief.get("/sso/evil/")
        callback = path_of(hostile.approve(start["Location"]))
        answer = thief.get(callback.replace(provider_id(evil.pk), provider_id(tenant.pk)))

    assert error_of(answer) == "sso_unknown"
    assert not thief.logged_in
    assert roles(user) == {"acme": "developer"}


def test_a_login_begun_by_somebody_else_ends_nowhere(
    browser: Browser, idp: OidcServer, tenant: Tenant
) -> None:
    """Nobody can be logged in as the attacker by a link (RFC 6749, section 10.12)."""
    callback = path_of(idp.approve(browser.get("/sso/acme/")["Location"]))

    victim = Browser()

    assert error_of(victim.get(callback)) == "sso_unknown"
    assert not victim.logged_in


def test_a_callback_works_once(browser: Browser, idp: OidcServer, tenant: Tenant) -> None:
    callback = path_of(idp.approve(browser.get("/sso/acme/")["Location"]))
    assert path_of(browser.get(callback)["Location"]) == "/t/acme"

    assert error_of(browser.get(callback)) == "sso_unknown"


@pytest.mark.parametrize(
    "claims",
    [{"iss": "https://other.example"}, {"aud": "other"}, {"exp": 1}, {"sub": "another"}],
    ids=["issuer", "audience", "expired", "subject"],
)
def test_an_id_token_for_something_else_is_refused(
    browser: Browser, idp: OidcServer, tenant: Tenant, claims: dict[str, object]
) -> None:
    idp.token_claims = claims

    assert error_of(sign_on(browser, idp)).startswith("sso_")
    assert not browser.logged_in


def test_giving_up_at_the_identity_provider_is_told(
    browser: Browser, idp: OidcServer, tenant: Tenant
) -> None:
    idp.refuses = "access_denied"

    assert error_of(sign_on(browser, idp)) == "sso_cancelled"


def test_an_identity_provider_that_is_gone_is_no_fault_of_ours(browser: Browser, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        SingleSignOn.objects.update(server_url="http://127.0.0.1:9")

    assert error_of(browser.get("/sso/acme/")) == "sso_unknown_error"


def test_a_tenant_without_one_looks_like_none(browser: Browser, tenant: Tenant) -> None:
    with tenant_scope(tenant.pk):
        remove_single_sign_on()

    assert error_of(browser.get("/sso/acme/")) == error_of(browser.get("/sso/nobody/")) == "sso_unknown"


def test_the_address_is_not_confirmed_by_it(browser: Browser, idp: OidcServer, tenant: Tenant) -> None:
    """So that it proves nothing elsewhere, for an invitation say."""
    idp.person = {"sub": "7", "email": "new@example.com", "email_verified": True}

    sign_on(browser, idp)

    assert not EmailAddress.objects.get(email="new@example.com").verified
    assert browser.get("/api/v1/me").json()["user"]["email_verified"] is False


def test_staff_do_not_come_this_way(browser: Browser, idp: OidcServer, tenant: Tenant) -> None:
    user = member(tenant, "member@example.com")
    sign_on(browser, idp)
    User.objects.filter(pk=user.pk).update(is_staff=True, is_superuser=True)

    assert browser.get("/admin/tenants/user/")["Location"] == "/login"
    assert not browser.logged_in
    assert error_of(sign_on(Browser(), idp)) == "sso_staff"


def test_who_was_deactivated_stays_out(browser: Browser, idp: OidcServer, tenant: Tenant) -> None:
    user = member(tenant, "member@example.com")
    User.objects.filter(pk=user.pk).update(is_active=False)

    sign_on(browser, idp)

    assert not browser.logged_in


def test_it_cannot_be_connected_to_another_account(browser: Browser, idp: OidcServer, tenant: Tenant) -> None:
    create_user(email="somebody@elsewhere.example", password=PASSWORD)
    browser.login("somebody@elsewhere.example")

    answer = browser.client.post(
        "/_allauth/browser/v1/auth/provider/redirect",
        {"provider": provider_id(tenant.pk), "process": "connect", "callback_url": "/account"},
        headers={"X-CSRFToken": browser.client.cookies["csrftoken"].value},
    )
    answer = browser.get(path_of(idp.approve(answer["Location"])))

    assert error_of(answer) == "sso_login_only"
    assert not SocialAccount.objects.exists()


def test_no_list_shows_it(browser: Browser, tenant: Tenant) -> None:
    assert browser.get("config").json()["data"]["socialaccount"]["providers"] == []


def test_members_of_the_domain_must_come_this_way_where_it_is_enforced(
    browser: Browser, idp: OidcServer, tenant: Tenant, owner: User
) -> None:
    connect(tenant, owner, idp, enforced=True)
    member(tenant, "member@example.com")
    member(tenant, "guest@elsewhere.example")
    header = {"X-Tenant": tenant.public_id}

    def status(email: str) -> tuple[int, str | None]:
        visitor = Browser()
        assert visitor.login(email).status_code == 200
        answer = visitor.get("/api/v1/agents", **header)
        return answer.status_code, answer.json().get("code")

    assert status("member@example.com") == (401, "sso_required")
    assert status("guest@elsewhere.example") == (200, None)
    assert status("owner@example.com") == (200, None)
    sign_on(browser, idp)
    assert browser.get("/api/v1/agents", **header).status_code == 200


def test_another_identity_provider_knows_nobody(
    browser: Browser, idp: OidcServer, tenant: Tenant, owner: User
) -> None:
    idp.person = {"sub": "7", "email": "new@example.com"}
    sign_on(browser, idp)
    with OidcServer().running() as successor:
        connect(tenant, owner, successor)
        successor.person = {"sub": "7", "email": "other@example.com"}
        sign_on(Browser(), successor)

    assert User.objects.filter(email="other@example.com").exists()


@pytest.mark.usefixtures("_one_moment")
def test_redirects_to_it_are_limited(browser: Browser, tenant: Tenant) -> None:
    for _ in range(120):
        assert browser.get("/sso/acme/").status_code == 302

    answer = browser.get("/sso/acme/")

    assert (answer.status_code, answer["Retry-After"]) == (429, "60")


def test_private_addresses_are_out_of_reach(
    browser: Browser, idp: OidcServer, tenant: Tenant, settings: Settings
) -> None:
    settings.SSO_ALLOW_PRIVATE_ADDRESSES = False

    assert error_of(browser.get("/sso/acme/")) == "sso_unknown_error"


def test_a_second_factor_is_still_asked_for(browser: Browser, idp: OidcServer, tenant: Tenant) -> None:
    user = member(tenant, "member@example.com")
    secret = "JBSWY3DPEHPK3PXP"
    TOTP.activate(user, secret)

    sign_on(browser, idp)
    answer = browser.get("auth/session")
    assert answer.status_code == 401
    assert [f["id"] for f in answer.json()["data"]["flows"] if f.get("is_pending")] == ["mfa_authenticate"]
    assert give_code(browser, "auth/2fa/authenticate", secret).status_code == 200
    add_member(tenant=create_tenant(name="Other", slug="other"), user=user, role="admin")
    assert me(browser) == ["acme"]
