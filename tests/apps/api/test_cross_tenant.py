"""Every endpoint of the public API, asked by its owner, by a member who may not, and by a stranger.

The endpoints come from the URL configuration: a new one without a case here fails the test.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from tenants.ids import new_id, to_public
from tenants.permissions import ALL_PERMISSIONS, Access, Role, permissions_of
from tenants.rest import ApiViewSet, PersonViewSet, TenantViewSet
from tenants.scope import tenant_scope
from tests.apps.api.endpoint_cases import CASES
from tests.apps.api.world import World, make_world
from tests.tenancy import key_client, make_key, make_member, rows_of_a_module

pytestmark = pytest.mark.django_db

PUBLIC = {"schema", "docs", "asyncapi"}
"""Endpoints that answer everybody and belong to nobody."""

COLLECTIONS = ("agents", "numbers", "trunks", "calls", "members", "invitations", "api-keys")


@dataclass(frozen=True)
class Endpoint:
    """One action of a viewset and its address."""

    name: str
    action: str
    method: str
    pattern: URLPattern
    view: type[ApiViewSet]

    @property
    def permission(self) -> str:
        return self.view.required_permissions[self.action]

    def url(self, **path: str) -> str:
        return reverse(self.pattern.name, kwargs=path)  # type: ignore[arg-type]


def patterns(resolver: Any, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        else:
            yield route, entry


def endpoints(base: type[ApiViewSet]) -> list[Endpoint]:
    found = []
    for route, pattern in patterns(get_resolver()):
        if not route.startswith("api/v1/") or pattern.name in PUBLIC:
            continue
        for method, action in pattern.callback.actions.items():
            name = pattern.callback.initkwargs["basename"]
            found.append(Endpoint(name, action, method, pattern, pattern.callback.cls))
    assert all(issubclass(e.view, TenantViewSet | PersonViewSet) for e in found)
    return [e for e in found if issubclass(e.view, base)]


def roles_without(endpoint: Endpoint) -> list[Role]:
    """The roles that may not use `endpoint`, the lowest first."""
    if endpoint.permission == Access.MEMBER:
        return []
    return [role for role in reversed(Role) if endpoint.permission not in permissions_of(role)]


ENDPOINTS = endpoints(TenantViewSet)
PERSONAL = [e for e in endpoints(PersonViewSet) if e.permission == Access.PERSON]
each_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: f"{e.name}-{e.action}")
each_permission = pytest.mark.parametrize(
    "endpoint", [e for e in ENDPOINTS if e.permission != Access.MEMBER], ids=lambda e: f"{e.name}-{e.action}"
)
each_personal = pytest.mark.parametrize("endpoint", PERSONAL, ids=lambda e: f"{e.name}-{e.action}")
each_row = pytest.mark.parametrize(
    "endpoint",
    [e for e in ENDPOINTS if "id" in e.pattern.pattern.regex.groupindex],
    ids=lambda e: f"{e.name}-{e.action}",
)


@pytest.fixture(scope="module")
def worlds(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[World, World]]:
    with rows_of_a_module(django_db_blocker):
        with django_db_blocker.unblock():
            made = make_world("+12025557001"), make_world("+12025557002")
        yield made


def as_made(world: World) -> World:
    """Without the download that an earlier test began and never read."""
    cache.delete(f"export:{world.tenant.pk.hex}")
    return copy.deepcopy(world)


@pytest.fixture
def ours(worlds: tuple[World, World]) -> World:
    return as_made(worlds[0])


@pytest.fixture
def theirs(worlds: tuple[World, World]) -> World:
    return as_made(worlds[1])


def browser(world: World, role: str) -> APIClient:
    """A member with `role`, logged in."""
    client = APIClient(raise_request_exception=False)
    client.force_login(make_member(world.tenant, role))
    return client


def ask(client: APIClient, endpoint: Endpoint, world: World, row_id: str = "") -> Any:
    """The request of `endpoint` about what `world` has, or about `row_id`."""
    case = CASES[endpoint.name, endpoint.action]
    with tenant_scope(world.tenant.pk):
        path = {name: value if isinstance(value, str) else value(world) for name, value in case.path.items()}
        if case.row is not None:
            path["id"] = row_id or case.row(world).public_id
    return getattr(client, endpoint.method)(endpoint.url(**path), case.body(world) or None)


def test_every_endpoint_has_a_case_and_every_case_an_endpoint() -> None:
    assert {(e.name, e.action) for e in ENDPOINTS} == set(CASES)


@each_endpoint
def test_the_owner_is_served(endpoint: Endpoint, ours: World) -> None:
    case = CASES[endpoint.name, endpoint.action]

    client = browser(ours, "owner") if case.in_person else key_client(make_key(ours.tenant))

    answer = ask(client, endpoint, ours)

    assert answer.status_code == case.status, answer.content


@pytest.mark.parametrize(
    "endpoint", [e for e in ENDPOINTS if roles_without(e)], ids=lambda e: f"{e.name}-{e.action}"
)
def test_a_role_without_the_permission_is_refused(endpoint: Endpoint, ours: World) -> None:
    client = browser(ours, roles_without(endpoint)[0])

    answer = ask(client, endpoint, ours)

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@each_permission
def test_a_key_of_all_other_scopes_is_refused(endpoint: Endpoint, ours: World) -> None:
    needed = endpoint.permission
    client = key_client(make_key(ours.tenant, ALL_PERMISSIONS - {needed}))

    answer = ask(client, endpoint, ours)

    assert answer.status_code == 403
    assert needed in answer.json()["detail"]


@pytest.mark.parametrize(
    "endpoint",
    [e for e in ENDPOINTS if CASES[e.name, e.action].in_person and issubclass(e.view, TenantViewSet)],
    ids=lambda e: f"{e.name}-{e.action}",
)
def test_what_only_people_may_is_refused_to_a_key_of_all_scopes(endpoint: Endpoint, ours: World) -> None:
    answer = ask(key_client(make_key(ours.tenant)), endpoint, ours)

    assert (answer.status_code, answer.json()["code"]) == (403, "person_required")


@each_endpoint
def test_nobody_is_asked_to_log_in(endpoint: Endpoint, ours: World) -> None:
    assert ask(APIClient(), endpoint, ours).status_code == 401


@each_personal
def test_what_is_about_a_person_is_refused_to_keys(endpoint: Endpoint, ours: World) -> None:
    url = endpoint.url(**dict.fromkeys(endpoint.pattern.pattern.regex.groupindex, "x"))

    answer = getattr(key_client(make_key(ours.tenant)), endpoint.method)(url, {})

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert getattr(APIClient(), endpoint.method)(url, {}).status_code == 401


@each_row
def test_a_stranger_finds_nothing_and_changes_nothing(endpoint: Endpoint, ours: World, theirs: World) -> None:
    owner, stranger = key_client(make_key(theirs.tenant)), key_client(make_key(ours.tenant))
    before = snapshot(owner)

    answer = ask(stranger, endpoint, theirs)

    nowhere = ask(stranger, endpoint, theirs, to_public(endpoint.view.id_prefix, new_id()))
    assert answer.status_code == 404
    assert answer.json() == nowhere.json()
    kept = snapshot(owner)
    assert {key: kept[key] for key in before} == before
    shown = ask(owner, endpoint, theirs)
    assert shown.streaming or shown.content != answer.content


def snapshot(client: APIClient) -> dict[str, Any]:
    """Everything a tenant has, by id."""
    pages = [client.get(f"/api/v1/{name}").json() for name in COLLECTIONS]
    return {
        row["id"]: {k: v for k, v in row.items() if k != "last_used_at"}
        for page in pages
        for row in page["results"]
    }


@pytest.mark.parametrize("name", COLLECTIONS)
def test_a_list_holds_ones_own_only(name: str, ours: World, theirs: World) -> None:
    mine, other = (
        {row["id"] for row in key_client(make_key(world.tenant)).get(f"/api/v1/{name}").json()["results"]}
        for world in (ours, theirs)
    )

    assert mine
    assert other
    assert not mine & other


@pytest.mark.parametrize("reference", ["agent", "agent_version"])
def test_another_tenants_rows_cannot_be_referred_to(reference: str, ours: World, theirs: World) -> None:
    with tenant_scope(theirs.tenant.pk):
        foreign = {
            "agent": theirs.agent.public_id,
            "agent_version": theirs.agent.versions.first().public_id,
        }[reference]
    client = key_client(make_key(ours.tenant))

    changed = client.patch(f"/api/v1/numbers/{ours.number.public_id}", {reference: foreign})
    placed = client.post(
        "/api/v1/calls",
        {"from_number": ours.number.e164, "to_number": "+12025550101", reference: foreign},
    )

    for answer in (changed, placed):
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == reference


def test_another_tenants_number_cannot_be_taken_or_called_from(ours: World, theirs: World) -> None:
    client = key_client(make_key(ours.tenant))

    taken = client.post("/api/v1/numbers", {"carrier": "sandbox", "e164": theirs.number.e164})
    placed = client.post("/api/v1/calls", {"from_number": theirs.number.e164, "to_number": "+12025550101"})

    assert (taken.status_code, taken.json()["errors"][0]["detail"]) == (422, "This number is not available.")
    assert placed.status_code == 422
    assert theirs.tenant.name not in taken.content.decode() + placed.content.decode()
