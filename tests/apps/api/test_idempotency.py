from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.test import APIClient

from apps.agents.models import Agent
from apps.api.middleware import TenantRequestMiddleware
from apps.api.models import IdempotencyKey
from apps.api.tasks import purge_idempotency_keys
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope
from tenants.services import add_member, create_user
from tenants.suspension import suspend, unsuspend
from tests.tenancy import PASSWORD, SCRIPT, key_client, make_key, make_member, make_tenant

pytestmark = pytest.mark.django_db

AGENTS = "/api/v1/agents"
AGENT = {"name": "Reception", "config": SCRIPT}


@pytest.fixture
def tenant() -> Tenant:
    return make_tenant()


@pytest.fixture
def client(tenant: Tenant) -> APIClient:
    return key_client(make_key(tenant))


def agents(tenant: Tenant) -> int:
    with tenant_scope(tenant.pk):
        return Agent.objects.count()


def test_the_same_request_happens_once(client: APIClient, tenant: Tenant) -> None:
    first = client.post(AGENTS, AGENT, headers={"Idempotency-Key": "a"})
    again = client.post(AGENTS, AGENT, headers={"Idempotency-Key": "a"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Content-Type"] == first["Content-Type"]
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert agents(tenant) == 1


def test_who_may_no_longer_do_it_does_not_get_its_answer(tenant: Tenant) -> None:
    member = make_member(tenant, "developer")
    browser = APIClient()
    browser.force_login(member)

    def ask() -> Any:
        return browser.post(AGENTS, AGENT, headers={"Idempotency-Key": "a"})

    assert (ask().status_code, ask().headers["Idempotent-Replayed"]) == (201, "true")
    suspend(tenant=tenant, reason="Unpaid")
    suspended = ask()
    unsuspend(tenant=tenant)
    add_member(tenant=tenant, user=member, role="analyst")
    demoted = ask()

    assert (suspended.status_code, suspended.json()["code"]) == (403, "tenant_suspended")
    assert (demoted.status_code, demoted.json()["code"]) == (403, "permission_denied")
    assert agents(tenant) == 1


def test_another_request_under_the_same_key_is_refused(client: APIClient, tenant: Tenant) -> None:
    client.post(AGENTS, AGENT, headers={"Idempotency-Key": "a"})

    other = client.post(AGENTS, AGENT | {"name": "Other"}, headers={"Idempotency-Key": "a"})

    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert agents(tenant) == 1


def test_a_failed_request_leaves_its_key_free(client: APIClient, tenant: Tenant) -> None:
    refused = client.post(AGENTS, {"name": "x"}, headers={"Idempotency-Key": "a"})
    corrected = client.post(AGENTS, AGENT, headers={"Idempotency-Key": "a"})

    assert (refused.status_code, corrected.status_code) == (422, 201)
    assert agents(tenant) == 1


def test_keys_of_others_are_others(client: APIClient, tenant: Tenant) -> None:
    colleague, stranger = key_client(make_key(tenant)), key_client(make_key(make_tenant()))

    answers = [c.post(AGENTS, AGENT, headers={"Idempotency-Key": "a"}) for c in (client, colleague, stranger)]
    made = {answer.json()["id"] for answer in answers}

    assert len(made) == 3


def test_people_outside_tenants_have_keys_of_their_own(tenant: Tenant) -> None:
    browsers = []
    for _ in range(2):
        browser = APIClient()
        browser.force_login(create_user(email=f"{uuid4().hex}@example.com", password=PASSWORD))
        browsers.append(browser)

    made = [
        browser.post("/api/v1/tenants", {"name": "New"}, headers={"Idempotency-Key": "a"}).json()["id"]
        for browser in (browsers[0], browsers[0], browsers[1])
    ]

    assert made[0] == made[1] != made[2]
    with tenant_scope(tenant.pk):
        assert not IdempotencyKey.objects.exists()
    with platform_scope():
        assert [row.tenant_id for row in IdempotencyKey.objects.all()] == [None, None]


def test_a_failed_request_of_a_person_leaves_its_key_free() -> None:
    browser = APIClient()
    browser.force_login(create_user(email="new@example.com", password=PASSWORD))

    refused = browser.post("/api/v1/tenants", {"name": " "}, headers={"Idempotency-Key": "a"})
    corrected = browser.post("/api/v1/tenants", {"name": "New"}, headers={"Idempotency-Key": "a"})

    assert (refused.status_code, corrected.status_code) == (422, 201)


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x07b", "ä"])
def test_a_bad_key_is_told(client: APIClient, tenant: Tenant, key: str) -> None:
    answer = client.post(AGENTS, AGENT, HTTP_IDEMPOTENCY_KEY=key)

    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_invalid")
    assert agents(tenant) == 0


def test_without_a_key_each_request_counts(client: APIClient, tenant: Tenant) -> None:
    client.post(AGENTS, AGENT)
    client.post(AGENTS, AGENT)

    assert agents(tenant) == 2


def test_a_key_is_kept_for_a_day(client: APIClient, tenant: Tenant) -> None:
    start = timezone.now()

    def post_at(hours: float) -> Any:
        with time_machine.travel(start + timedelta(hours=hours)):
            return client.post(AGENTS, AGENT, headers={"Idempotency-Key": "a"})

    first = post_at(0)
    assert post_at(23.9).json()["id"] == first.json()["id"]
    assert post_at(24.1).json()["id"] != first.json()["id"]


def test_old_keys_are_purged(client: APIClient) -> None:
    start = timezone.now()
    for hours, key in ((0, "old"), (20, "new")):
        with time_machine.travel(start + timedelta(hours=hours)):
            client.post(AGENTS, AGENT, headers={"Idempotency-Key": key})

    with time_machine.travel(start + timedelta(hours=25)):
        assert purge_idempotency_keys() == 1
        assert purge_idempotency_keys() == 0
    with platform_scope():
        assert [k.key for k in IdempotencyKey.objects.all()] == ["new"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first_status", [201, 500])
def test_a_second_request_waits_for_the_first(tenant: Tenant, first_status: int) -> None:
    """When the first succeeds the second replays it, when it fails the second does the work."""
    secret = make_key(tenant)
    started, go_on = Event(), Event()
    statuses = [first_status, 201]

    def view(request: HttpRequest) -> HttpResponse:
        number = len(statuses)
        status = statuses.pop(0)
        if number == 2:
            started.set()
            assert go_on.wait(20)
        return JsonResponse({"request": number}, status=status)

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(post, view, secret)
        assert started.wait(20)
        second = threads.submit(post, view, secret)
        wait_until_blocked()
        go_on.set()
        answers = first.result(20), second.result(20)

    assert answers[0].status_code == first_status
    assert answers[1].status_code == 201
    replayed = answers[1].get("Idempotent-Replayed")
    assert (replayed, len(statuses)) == (("true", 1) if first_status == 201 else (None, 0))


@pytest.mark.django_db(transaction=True)
def test_a_request_that_takes_too_long_is_told(tenant: Tenant) -> None:
    secret = make_key(tenant)
    started, go_on = Event(), Event()

    def slow(request: HttpRequest) -> HttpResponse:
        started.set()
        assert go_on.wait(20)
        return HttpResponse(status=201)

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(post, slow, secret)
        assert started.wait(20)
        second = threads.submit(impatient, secret).result(20)
        go_on.set()

    assert first.result(20).status_code == 201
    assert (second.status_code, second["Retry-After"]) == (409, "5")


def like_ours(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A view that gives the answer that is known already, as `ApiViewSet` does."""
    return lambda request: getattr(request, "replay", None) or view(request)


def post(view: Callable[[HttpRequest], HttpResponse], secret: str) -> HttpResponse:
    """One request through the middleware, in this thread with its own connection."""
    factory = RequestFactory(headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "a"})
    try:
        return TenantRequestMiddleware(like_ours(view))(
            factory.post(AGENTS, {}, content_type="application/json")
        )
    finally:
        connection.close()


def impatient(secret: str) -> HttpResponse:
    """`post` on a connection that waits for locks only 100 ms."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    try:
        factory = RequestFactory(headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "a"})
        request = factory.post(AGENTS, {}, content_type="application/json")
        return TenantRequestMiddleware(like_ours(lambda _: HttpResponse(status=201)))(request)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
        connection.close()


def wait_until_blocked() -> None:
    """Until a session waits for another one's transaction."""
    for _ in range(2_000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'transactionid'")
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("nobody waited")
