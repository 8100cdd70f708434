"""Who is behind a socket, found out again and again: a key may be revoked, a person log out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from tenants.models import User
from tenants.principals import AuthenticationRefused, Principal
from tenants.selectors import bearer_token, live_session, principal_for_api_key, principal_for_user

Who = Callable[[], Principal]
"""Asks the database; raises AuthenticationRefused."""


def credentials_of(scope: Mapping[str, Any]) -> Who | None:
    """How to find out who opened the socket, each time it is asked; None when they have not said."""
    headers = {name.decode("latin-1").title(): value.decode("latin-1") for name, value in scope["headers"]}
    token = bearer_token(headers)
    if token is not None:
        return partial(principal_for_api_key, token)
    user = scope.get("user")
    if user is None or not user.is_authenticated:
        return None
    return partial(_member, user, scope["session"].session_key, query_of(scope, "tenant"))


def query_of(scope: Mapping[str, Any], name: str) -> str:
    """A parameter of the socket's address; empty when it is not there."""
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get(name, [""])[0]


def _member(user: User, session_key: str, tenant: str) -> Principal:
    session = live_session(session_key, user)
    if session is None:
        raise AuthenticationRefused("You have been logged out.", "logged_out")
    return principal_for_user(user, tenant, session=session)
