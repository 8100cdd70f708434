"""Tenants, people, keys and API clients for tests."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from typing import Any, Literal
from uuid import uuid4

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
