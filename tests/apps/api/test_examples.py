"""Every example of the OpenAPI document is sent as it stands, and must be served.

Only the ids in it are replaced, by those of rows that exist.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings
from django.test.utils import override_settings
from drf_spectacular.generators import SchemaGenerator
from pytest_django import DjangoDbBlocker

from tests.apps.agents.api.test_tools import TrialNode
from tests.apps.agents.api.test_voices import beats
from tests.apps.api.rows import Rows, make_rows
from tests.fakes.stripe_server import stripe_server
from tests.tenancy import rows_of_a_module

pytestmark = pytest.mark.django_db

_ID = re.compile(r"([a-z]+_)[0-9a-f]{32}")
ELSEWHERE = {"/api/v1/sso"}
"""Examples that need a server on the internet; tests/tenants/sso has one of its own."""


def _examples() -> list[Any]:
    document = SchemaGenerator().get_schema(request=None, public=True)
    return [
        pytest.param(method, path, name, example["value"], id=f"{method} {path} {name}")
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        for name, example in _request_examples(operation).items()
    ]


def _request_examples(operation: dict[str, Any]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    found: dict[str, Any] = content.get("application/json", {}).get("examples", {})
    return found


def _with_ids(value: Any, ids: dict[str, str]) -> Any:
    """`value` with each id replaced by the one in `ids` with its prefix."""
    if isinstance(value, dict):
        return {k: _with_ids(v, ids) for k, v in value.items()}
    if isinstance(value, list):
        return [_with_ids(v, ids) for v in value]
    match = _ID.fullmatch(value) if isinstance(value, str) else None
    return ids[match[1]] if match else value


def test_every_body_has_an_example() -> None:
    document = SchemaGenerator().get_schema(request=None, public=True)
    without = [
        (method, path)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
        and not _request_examples(operation)
    ]
    assert without == []


@pytest.fixture(scope="module")
def all_rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Rows]:
    with rows_of_a_module(django_db_blocker):
        with django_db_blocker.unblock():
            made = make_rows()
        yield made


@pytest.fixture(scope="module", autouse=True)
def _payments() -> Iterator[None]:
    with stripe_server() as stripe, override_settings(**stripe.settings):
        yield


@pytest.mark.parametrize(("method", "path", "name", "body"), _examples())
def test_an_example_is_served(
    method: str, path: str, name: str, body: dict[str, Any], all_rows: Rows
) -> None:
    if path in ELSEWHERE:
        pytest.skip("needs an identity provider")
    redis.Redis.from_url(settings.REDIS_URL).ping()
    rows = copy.deepcopy(all_rows)

    with TrialNode() as node:
        beats("node-1", node.url)
        answer = getattr(rows.owner, method)(rows.path(path), _with_ids(body, rows.ids))

    assert 200 <= answer.status_code < 300, answer.content
