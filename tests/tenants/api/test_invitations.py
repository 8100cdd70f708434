from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from tenants.models import Invitation, Membership, Tenant
from tenants.scope import tenant_scope
from tenants.services import add_member, invitations
from tenants.suspension import suspend
from tests.tenancy import key_client, make_key, make_tenant
from tests.tenants.accounts.client import link_in
from tests.tenants.api.people import browser, faults, make_person, member_browser, roles_of

pytestmark = pytest.mark.django_db

INVITATIONS, JOIN = "/api/v1/invitations", "/api/v1/join"
GUEST = "guest@example.com"

Capture = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def owner(tenant: Tenant) -> APIClient:
    return member_browser(tenant, "owner")[0]


@pytest.fixture
def invite(
    owner: APIClient, mailbox: list[EmailMessage], django_capture_on_commit_callbacks: Capture
) -> Callable[..., tuple[dict[str, Any], str]]:
    """Invites somebody: the invitation and the token of the link that was mailed."""

    def send(email: str = GUEST, role: str = "analyst") -> tuple[dict[str, Any], str]:
        with django_capture_on_commit_callbacks(execute=True):
            answer = owner.post(INVITATIONS, {"email": email, "role": role})
        assert answer.status_code == 201, answer.content
        return answer.json(), link_in(mailbox[-1], "join")

    return send


Invite = Callable[..., tuple[dict[str, Any], str]]


def join(email: str, token: str) -> Any:
    return browser(make_person(email)).post(f"{JOIN}/{token}")


def test_an_invitation_is_mailed_and_listed(
    tenant: Tenant, owner: APIClient, invite: Invite, mailbox: list[EmailMessage]
) -> None:
    made, token = invite("Guest@Example.com", "analyst")

    (mail,) = mailbox
    assert mail.to == [GUEST]
    assert tenant.name in mail.subject
    assert "as analyst" in str(mail.body)
    assert made["id"].startswith("inv_")
    assert (made["email"], made["role"], made["state"]) == (GUEST, "analyst", "pending")
    assert owner.get(INVITATIONS).json()["results"] == [made]
    with tenant_scope(tenant.pk):
        row = Invitation.objects.values().get()
    assert token not in str(row)
    assert row["expires_at"] - row["sent_at"] == timedelta(days=7)


def test_whoever_has_the_link_sees_what_it_is(tenant: Tenant, invite: Invite) -> None:
    made, token = invite()

    seen = APIClient().get(f"{JOIN}/{token}")

    assert seen.status_code == 200
    assert seen.json() == {
        "tenant_name": tenant.name,
        "email": GUEST,
        "role": "analyst",
        "invited_by": made["invited_by"],
        "expires_at": made["expires_at"],
        "state": "pending",
    }
    assert key_client(make_key(make_tenant())).get(f"{JOIN}/{token}").json() == seen.json()


@pytest.mark.parametrize("token", ["x", "x" * 43, "%00", "a.b"])
def test_an_unknown_link_is_404(token: str) -> None:
    answers = APIClient().get(f"{JOIN}/{token}"), browser(make_person()).post(f"{JOIN}/{token}")

    assert [a.status_code for a in answers] == [404, 404]
    assert "does not exist" in answers[0].json()["detail"]


def test_the_guest_joins_and_may_do_it_twice(tenant: Tenant, owner: APIClient, invite: Invite) -> None:
    _, token = invite()
    guest = browser(make_person(GUEST))

    answers = [guest.post(f"{JOIN}/{token}") for _ in range(2)]

    assert [a.status_code for a in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["role"] == "analyst"
    assert owner.get("/api/v1/tenant").json().items() >= answers[0].json()["tenant"].items()
    assert roles_of(tenant) == ["analyst", "owner"]
    assert APIClient().get(f"{JOIN}/{token}").json()["state"] == "accepted"
    assert owner.get(INVITATIONS).json()["results"][0]["state"] == "accepted"


def test_a_member_elsewhere_joins_too(tenant: Tenant, invite: Invite) -> None:
    _, token = invite()
    user = make_person(GUEST)
    add_member(tenant=make_tenant(), user=user, role="owner")

    assert browser(user).post(f"{JOIN}/{token}").status_code == 200
    assert len(browser(user).get("/api/v1/me").json()["memberships"]) == 2


def test_the_link_is_for_the_invited_address_only(tenant: Tenant, invite: Invite) -> None:
    _, token = invite()

    answer = join("other@example.com", token)

    assert (answer.status_code, answer.json()["code"]) == (403, "other_address")
    assert GUEST in answer.json()["detail"]
    assert roles_of(tenant) == ["owner"]


def test_the_address_must_be_confirmed(tenant: Tenant, invite: Invite) -> None:
    _, token = invite()
    guest = make_person(GUEST, confirmed=False)
    assert browser(guest).post(f"{JOIN}/{token}").json()["code"] == "other_address"

    EmailAddress.objects.filter(user=guest).update(verified=True)

    assert browser(guest).post(f"{JOIN}/{token}").status_code == 200


def test_any_confirmed_address_of_the_person_counts(tenant: Tenant, invite: Invite) -> None:
    _, token = invite()
    user = make_person("private@example.com")
    EmailAddress.objects.create(user=user, email=GUEST, verified=True)

    assert browser(user).post(f"{JOIN}/{token}").status_code == 200


def test_an_expired_link_is_void(invite: Invite) -> None:
    _, token = invite()

    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        assert APIClient().get(f"{JOIN}/{token}").json()["state"] == "expired"
        answer = join(GUEST, token)

    assert (answer.status_code, answer.json()["code"]) == (409, "invitation_expired")


def test_a_revoked_link_is_void(owner: APIClient, invite: Invite) -> None:
    made, token = invite()

    place = f"{INVITATIONS}/{made['id']}"
    assert [owner.delete(place).status_code for _ in range(2)] == [204, 204]

    assert APIClient().get(f"{JOIN}/{token}").json()["state"] == "revoked"
    answer = join(GUEST, token)
    assert (answer.status_code, answer.json()["code"]) == (409, "invitation_revoked")
    again = owner.post(f"{place}/resend")
    assert (again.status_code, again.json()["code"]) == (409, "invitation_closed")


def test_an_accepted_one_can_be_neither_revoked_nor_used_after_leaving(
    tenant: Tenant, owner: APIClient, invite: Invite
) -> None:
    made, token = invite()
    guest = browser(make_person(GUEST))
    guest.post(f"{JOIN}/{token}")
    assert owner.delete(f"{INVITATIONS}/{made['id']}").json()["code"] == "invitation_closed"

    with tenant_scope(tenant.pk):
        Membership.objects.get(role="analyst").delete()

    assert guest.post(f"{JOIN}/{token}").json()["code"] == "invitation_accepted"
    assert roles_of(tenant) == ["owner"]


def test_who_became_a_member_in_another_way_is_told(tenant: Tenant, invite: Invite) -> None:
    _, token = invite(role="admin")
    user = make_person(GUEST)
    add_member(tenant=tenant, user=user, role="analyst")

    answer = browser(user).post(f"{JOIN}/{token}")

    assert (answer.status_code, answer.json()["code"]) == (409, "already_member")
    assert roles_of(tenant) == ["analyst", "owner"]


def test_sending_again_makes_a_new_link(
    owner: APIClient,
    invite: Invite,
    mailbox: list[EmailMessage],
    django_capture_on_commit_callbacks: Capture,
) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=8)):
        made, old = invite()
        place = f"{INVITATIONS}/{made['id']}/resend"
        too_soon = owner.post(place)
    assert (too_soon.status_code, too_soon.json()["code"]) == (429, "limit_reached")
    assert 1 <= int(too_soon["Retry-After"]) <= 60

    with django_capture_on_commit_callbacks(execute=True):
        again = owner.post(place)

    assert (again.status_code, again.json()["state"]) == (200, "pending")
    assert APIClient().get(f"{JOIN}/{old}").status_code == 404
    assert len(mailbox) == 2
    assert join(GUEST, link_in(mailbox[-1], "join")).status_code == 200


def test_one_open_invitation_for_an_address(owner: APIClient, invite: Invite) -> None:
    with time_machine.travel(timezone.now() - timedelta(days=8)):
        invite()
        answer = owner.post(INVITATIONS, {"email": GUEST.upper(), "role": "billing"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_invited")
    assert list(faults(answer)) == ["email"]

    invite(role="billing")

    states = [row["state"] for row in owner.get(INVITATIONS).json()["results"]]
    assert sorted(states) == ["pending", "revoked"]


def test_the_same_address_may_be_invited_elsewhere(invite: Invite) -> None:
    invite()
    elsewhere, _ = member_browser(make_tenant(), "owner")

    assert elsewhere.post(INVITATIONS, {"email": GUEST, "role": "owner"}).status_code == 201


def test_a_member_is_not_invited(tenant: Tenant, owner: APIClient) -> None:
    add_member(tenant=tenant, user=make_person(GUEST), role="analyst")

    answer = owner.post(INVITATIONS, {"email": GUEST, "role": "admin"})

    assert (answer.status_code, answer.json()["code"]) == (409, "already_member")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "nobody", "role": "analyst"}, "email"),
        ({"role": "analyst"}, "email"),
        ({"email": f"{'x' * 250}@example.com", "role": "analyst"}, "email"),
        ({"email": GUEST, "role": "god"}, "role"),
        ({"email": GUEST}, "role"),
        ({"email": GUEST, "role": "analyst", "days": 30}, "days"),
    ],
)
def test_a_bad_invitation_names_the_field(owner: APIClient, body: dict[str, Any], field: str) -> None:
    answer = owner.post(INVITATIONS, body)

    assert (answer.status_code, list(faults(answer))) == (422, [field])
    assert owner.get(INVITATIONS).json()["results"] == []


def test_nobody_invites_above_themselves(tenant: Tenant) -> None:
    admin, _ = member_browser(tenant, "admin")
    key = key_client(make_key(tenant, {"team.write", "team.read"}))

    refused = [
        admin.post(INVITATIONS, {"email": GUEST, "role": "owner"}),
        key.post(INVITATIONS, {"email": GUEST, "role": "analyst"}),
    ]

    assert [(a.status_code, list(faults(a))) for a in refused] == [(403, ["role"])] * 2
    assert admin.post(INVITATIONS, {"email": GUEST, "role": "admin"}).status_code == 201


@pytest.mark.parametrize("role", ["developer", "analyst", "billing"])
def test_below_admin_nobody_invites(tenant: Tenant, role: str) -> None:
    client, _ = member_browser(tenant, role)

    assert client.post(INVITATIONS, {"email": GUEST, "role": role}).status_code == 403
    assert client.get(INVITATIONS).status_code == 200


def test_another_tenants_invitation_is_not_there(invite: Invite) -> None:
    made, token = invite()
    stranger, _ = member_browser(make_tenant(), "owner")

    answers = [
        stranger.delete(f"{INVITATIONS}/{made['id']}"),
        stranger.post(f"{INVITATIONS}/{made['id']}/resend"),
    ]

    assert [a.status_code for a in answers] == [404, 404]
    assert APIClient().get(f"{JOIN}/{token}").json()["state"] == "pending"


def test_so_many_a_day(owner: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "A_DAY", 2)

    answers = [owner.post(INVITATIONS, {"email": f"{n}@example.com", "role": "analyst"}) for n in range(3)]

    assert [a.status_code for a in answers] == [201, 201, 429]
    assert answers[2]["Retry-After"]


def test_those_sent_again_count(
    owner: APIClient, monkeypatch: pytest.MonkeyPatch, mailbox: list[EmailMessage]
) -> None:
    monkeypatch.setattr(invitations, "A_DAY", 2)
    monkeypatch.setattr(invitations, "RESEND_PAUSE", timedelta(0))
    made = owner.post(INVITATIONS, {"email": GUEST, "role": "analyst"}).json()

    answers = [owner.post(f"{INVITATIONS}/{made['id']}/resend") for _ in range(2)]
    answers.append(owner.post(INVITATIONS, {"email": "other@example.com", "role": "analyst"}))

    assert [a.status_code for a in answers] == [200, 429, 429]


def test_a_suspended_tenant_takes_nobody(tenant: Tenant, invite: Invite) -> None:
    _, token = invite()
    suspend(tenant=tenant, reason="Unpaid")

    answer = join(GUEST, token)

    assert (answer.status_code, answer.json()["code"]) == (403, "tenant_suspended")


def test_the_audit_keeps_who_and_no_token(tenant: Tenant, invite: Invite) -> None:
    _, token = invite()
    guest = make_person(GUEST)
    browser(guest).post(f"{JOIN}/{token}")

    with tenant_scope(tenant.pk):
        made, accepted = Invitation.pgh_event_model.objects.order_by("pgh_id")
        joined = Membership.pgh_event_model.objects.latest("pgh_id")
    assert not hasattr(made, "token_digest")
    assert (made.accepted_at, accepted.pgh_context["actor"]) == (None, guest.public_id)
    assert joined.pgh_context["actor"] == guest.public_id


def test_an_api_key_invites_in_its_makers_name(tenant: Tenant) -> None:
    key = key_client(make_key(tenant))

    assert key.post(INVITATIONS, {"email": GUEST, "role": "analyst"}).json()["invited_by"] is None


@pytest.mark.django_db(transaction=True)
def test_two_acceptances_at_once_make_one_membership(
    tenant: Tenant, owner: APIClient, mailbox: list[EmailMessage]
) -> None:
    owner.post(INVITATIONS, {"email": GUEST, "role": "analyst"})
    token = link_in(mailbox[-1], "join")
    user = make_person(GUEST)
    start = Barrier(2)

    def accept(client: APIClient) -> Any:
        try:
            start.wait(30)
            return client.post(f"{JOIN}/{token}")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        runs = [threads.submit(accept, browser(user)) for _ in range(2)]
        answers = [run.result(60) for run in runs]

    assert [a.status_code for a in answers] == [200, 200]
    assert roles_of(tenant) == ["analyst", "owner"]


@pytest.mark.django_db(transaction=True)
def test_two_invitations_of_one_address_at_once_make_one(tenant: Tenant, owner: APIClient) -> None:
    admin, _ = member_browser(tenant, "admin")
    start = Barrier(2)

    def send(client: APIClient) -> int:
        try:
            start.wait(30)
            return client.post(INVITATIONS, {"email": GUEST, "role": "analyst"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        statuses = sorted(run.result(60) for run in [threads.submit(send, c) for c in (owner, admin)])

    assert statuses == [201, 409]
