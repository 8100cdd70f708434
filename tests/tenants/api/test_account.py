from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tenants.impersonation import HISTORY, UNTIL
from tenants.models import Membership, Tenant
from tenants.permissions import permissions_of
from tenants.scope import platform_scope, tenant_scope
from tenants.services import add_member, create_tenant, tenants
from tests.tenancy import PASSWORD, key_client, make_key, make_tenant
from tests.tenants.api.people import browser, faults, make_person

pytestmark = pytest.mark.django_db

ME, TENANTS = "/api/v1/me", "/api/v1/tenants"


def test_somebody_without_a_tenant_sees_themselves() -> None:
    user = make_person("new@example.com")

    answer = browser(user).get(ME)

    assert answer.status_code == 200
    assert answer.json() == {
        "user": {
            "id": user.public_id,
            "email": "new@example.com",
            "full_name": "",
            "email_verified": True,
            "is_staff": False,
            "mfa_enabled": False,
        },
        "impersonator": None,
        "memberships": [],
    }


def test_somebody_of_several_tenants_sees_them_all_without_naming_one() -> None:
    user = make_person()
    tenants = [make_tenant("Zebra"), make_tenant("Aardvark")]
    for tenant, role in zip(tenants, ("owner", "analyst"), strict=True):
        add_member(tenant=tenant, user=user, role=role)

    memberships = browser(user).get(ME).json()["memberships"]

    assert [(m["tenant"]["name"], m["role"]) for m in memberships] == [
        ("Aardvark", "analyst"),
        ("Zebra", "owner"),
    ]
    assert memberships[0]["tenant"] == {
        "id": tenants[1].public_id,
        "name": "Aardvark",
        "slug": tenants[1].slug,
        "suspended": False,
    }
    assert memberships[0]["permissions"] == sorted(permissions_of("analyst"))
    assert memberships[0]["id"].startswith("mem_")


def test_the_tenant_header_means_nothing_here() -> None:
    client = browser(make_person())
    client.credentials(HTTP_X_TENANT=make_tenant().public_id)

    assert client.get(ME).status_code == 200


def test_an_unconfirmed_address_is_told() -> None:
    assert browser(make_person(confirmed=False)).get(ME).json()["user"]["email_verified"] is False


def test_a_second_factor_is_told() -> None:
    from allauth.mfa.models import Authenticator

    user = make_person()
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert browser(user).get(ME).json()["user"]["mfa_enabled"] is False

    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    assert browser(user).get(ME).json()["user"]["mfa_enabled"] is True


def test_staff_who_act_as_somebody_are_named() -> None:
    user, staff = make_person(), make_person("support@example.com")
    staff.is_staff = staff.is_superuser = True
    staff.save()
    client = browser(user)
    session = client.session
    session[HISTORY] = [str(staff.pk)]
    session[UNTIL] = (timezone.now() + timedelta(minutes=5)).isoformat()
    session.save()

    assert client.get(ME).json()["impersonator"] == {"email": "support@example.com"}


def test_a_name_is_changed() -> None:
    user = make_person()

    answer = browser(user).patch(ME, {"full_name": " Front desk "})

    assert answer.json()["user"]["full_name"] == "Front desk"
    user.refresh_from_db()
    assert user.full_name == "Front desk"


@pytest.mark.parametrize(
    ("body", "field"), [({"full_name": "x" * 201}, "full_name"), ({"email": "a@example.com"}, "email")]
)
def test_a_bad_change_names_the_field(body: dict[str, str], field: str) -> None:
    answer = browser(make_person()).patch(ME, body)

    assert (answer.status_code, list(faults(answer))) == (422, [field])


@pytest.mark.parametrize(
    ("method", "path"), [("get", ME), ("patch", ME), ("post", TENANTS), ("post", "/api/v1/join/x")]
)
def test_a_key_is_no_person_and_nobody_is_asked_to_log_in(method: str, path: str) -> None:
    client = key_client(make_key(make_tenant()))

    answer = getattr(client, method)(path, {})
    nobody = getattr(APIClient(), method)(path, {})

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert "log in" in answer.json()["detail"]
    assert nobody.status_code == 401


def test_a_change_needs_the_csrf_token() -> None:
    user = make_person()
    client = APIClient(enforce_csrf_checks=True)
    assert client.login(email=user.email, password=PASSWORD)

    refused = client.post(TENANTS, {"name": "Acme"})
    client.cookies["csrftoken"] = "a" * 32
    accepted = client.post(TENANTS, {"name": "Acme"}, headers={"X-CSRFToken": "a" * 32})

    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    assert accepted.status_code == 201


def test_whoever_makes_a_tenant_owns_it() -> None:
    user = make_person()
    client = browser(user)

    answer = client.post(TENANTS, {"name": " Harbour Dental "})

    assert answer.status_code == 201
    made = answer.json()
    assert (made["name"], made["slug"], made["suspended"]) == ("Harbour Dental", "harbour-dental", False)
    (membership,) = client.get(ME).json()["memberships"]
    assert (membership["role"], membership["tenant"]["id"]) == ("owner", made["id"])
    # Their only tenant needs no naming.
    assert client.get("/api/v1/tenant").json().items() >= made.items()


def test_a_member_of_another_tenant_makes_one_too() -> None:
    user = make_person()
    add_member(tenant=make_tenant(), user=user, role="analyst")

    assert browser(user).post(TENANTS, {"name": "Own", "slug": "own"}).json()["slug"] == "own"


def test_the_same_name_gets_another_slug() -> None:
    client = browser(make_person())

    slugs = [client.post(TENANTS, {"name": "Acme_Co"}).json()["slug"] for _ in range(2)]

    assert slugs[0] == "acme-co"
    assert slugs[1].startswith("acme-co-")


@pytest.mark.parametrize("name", ["株式会社", "!!!", "x" * 200, "_a_"])
def test_any_name_gives_a_slug_that_can_be_used(name: str) -> None:
    slug = browser(make_person()).post(TENANTS, {"name": name}).json()["slug"]

    assert create_tenant(name="Other", slug=f"{slug[:61]}-0").slug
    assert 1 <= len(slug) <= 63


@pytest.mark.parametrize(
    ("body", "field", "status"),
    [
        ({}, "name", 422),
        ({"name": " "}, "name", 422),
        ({"name": "x" * 201}, "name", 422),
        ({"name": "Acme", "slug": "No"}, "slug", 422),
        ({"name": "Acme", "slug": "-a"}, "slug", 422),
        ({"name": "Acme", "slug": "taken"}, "slug", 409),
        ({"name": "Acme", "plan": "free"}, "plan", 422),
    ],
)
def test_a_bad_tenant_names_the_field_and_is_not_made(body: dict[str, str], field: str, status: int) -> None:
    create_tenant(name="Other", slug="taken")

    answer = browser(make_person()).post(TENANTS, body)

    assert (answer.status_code, list(faults(answer))) == (status, [field])
    with platform_scope():
        assert Tenant.objects.count() == 1


def test_so_many_tenants_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenants, "A_DAY", 2)
    founder, other = browser(make_person()), browser(make_person())
    made = founder.post(TENANTS, {"name": "First", "slug": "first"}).json()
    founder.delete("/api/v1/tenant", {"confirm": "first"}, HTTP_X_TENANT=made["id"])
    with platform_scope():
        Membership.objects.filter(tenant__slug="first").delete()

    answers = [founder.post(TENANTS, {"name": f"Next {n}"}) for n in range(2)]

    assert [a.status_code for a in answers] == [201, 429]
    assert answers[1]["Retry-After"]
    assert other.post(TENANTS, {"name": "Theirs"}).status_code == 201


def test_who_made_a_tenant_is_kept() -> None:
    user = make_person()
    made = browser(user).post(TENANTS, {"name": "Acme"}).json()["id"]

    with platform_scope():
        tenant = Tenant.objects.get()
        (event,) = Tenant.pgh_event_model.objects.all()
    assert tenant.public_id == made
    assert event.pgh_context["actor"] == user.public_id
    with tenant_scope(tenant.pk):
        assert Membership.objects.get().user == user


def test_an_owner_says_whereto_callers_may_be_handed_on() -> None:
    client = browser(make_person())
    client.post(TENANTS, {"name": "Abroad"})
    path = "/api/v1/tenant"
    assert client.get(path).json()["countries_in_force"] == ["US"]
    changed = client.patch(path, {"allowed_countries": ["gb", "US"]}, format="json").json()
    assert (changed["allowed_countries"], changed["countries_in_force"]) == (["GB", "US"], ["GB", "US"])
    wrong = client.patch(path, {"allowed_countries": ["XX"]}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "allowed_countries")
    assert client.patch(path, {"allowed_countries": None}, format="json").json()["allowed_countries"] == []
