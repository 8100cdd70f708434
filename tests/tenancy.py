"""Tenants, people, keys and API clients for tests."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, Literal
from uuid import uuid4

from django.db import transaction
from pytest_django import DjangoDbBlocker
from rest_framework.test import APIClient

from apps.agents.configuration import parse_config
from media_workers.contract.agent import AgentConfig
from tenants.models import Tenant, User
from tenants.permissions import ALL_PERMISSIONS
from tenants.services import add_member, create_api_key, create_tenant, create_user

PASSWORD = "a long enough passphrase"
_count = itertools.count(1)

SCRIPT: dict[str, Any] = {
    "first_message": "Hello, {{name}}.",
    "model": {
        "provider": "script",
        "nodes": {"start": {"expect": [{"phrases": ["goodbye"], "reply": "Bye.", "action": "end_call"}]}},
    },
}


def make_tenant(name: str = "Acme") -> Tenant:
    return create_tenant(name=name, slug=f"{name.lower()}-{next(_count)}")


def make_member(tenant: Tenant, role: str = "owner") -> User:
    user = create_user(email=f"{uuid4().hex}@example.com", password=PASSWORD)
    add_member(tenant=tenant, user=user, role=role)
    return user


def make_key(
    tenant: Tenant,
    scopes: Collection[str] = ALL_PERMISSIONS,
    mode: Literal["live", "test"] = "live",
) -> str:
    """The secret of a new API key."""
    return create_api_key(tenant=tenant, name="test", scopes=scopes, mode=mode)[1]


def key_client(secret: str) -> APIClient:
    """A program that holds `secret`; a server error is an answer to it, as it is over HTTP."""
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def script_config(**changes: Any) -> AgentConfig:
    return parse_config(SCRIPT | changes)


@contextmanager
def rows_of_a_module(blocker: DjangoDbBlocker) -> Iterator[None]:
    """For a fixture of a module (with `django_db_setup`): what is written around its `yield` is there for
    each of its tests, which undo what they do as ever, and is undone itself at the end.

    Give the tests copies of what they could change (`copy.deepcopy`).
    """
    outer = transaction.atomic()
    outer._from_testcase = True  # type: ignore[attr-defined]  # durable blocks may be inside
    with blocker.unblock():
        outer.__enter__()
    try:
        yield
    finally:
        with blocker.unblock():
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)
