"""The running program as people meet it: its pages, its mail, and quick ways to be somebody."""

from __future__ import annotations

import email
import email.policy
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.browser.console import Console
from tests.fakes.github_server import GithubServer
from tests.fakes.oidc_server import OidcServer
from tests.fakes.stripe_server import StripeServer
from tests.fakes.twilio_server.server import TwilioServer
from tests.journeys.client import Client
from tests.journeys.stack import Stack
from tests.sip.wait import until

PASSWORD = "correct horse battery"

MAKE_PERSON = """
import json, sys
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from tenants.models import Membership, Tenant, User
from tenants.permissions import ALL_PERMISSIONS
from tenants.scope import platform_scope, tenant_scope
from tenants.services import add_member, create_api_key, create_tenant, create_user
wish = {wish!r}
with platform_scope():
    user = User.objects.filter(email=wish["email"]).first()
    if user is None:
        user = create_user(email=wish["email"], password={password!r}, full_name=wish["name"])
        EmailAddress.objects.update_or_create(
            user=user, email=user.email, defaults={{"verified": True, "primary": True}}
        )
    tenant = Tenant.objects.filter(slug=wish["tenant"]).first()
    if tenant is None:
        tenant = create_tenant(name=wish["tenant"].title(), slug=wish["tenant"])
with tenant_scope(tenant.pk):
    add_member(tenant=tenant, user=user, role=wish["role"])
    key = create_api_key(tenant=tenant, name="tests", scopes=ALL_PERMISSIONS, created_by=user)[1]
session = SessionStore()
session[SESSION_KEY] = str(user.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = user.get_session_auth_hash()
session.save()
print(json.dumps({{"cookie": settings.SESSION_COOKIE_NAME, "session": session.session_key, "key": key}}))
"""


@dataclass(frozen=True)
class Person:
    """Somebody with an account and a role in the tenant `tenant` (its slug)."""

    email: str
    tenant: str
    role: str
    cookie: dict[str, str]
    api: Client


@dataclass
class Product:
    stack: Stack
    mail: Path
    console: Console
    google: OidcServer
    github: GithubServer
    stripe: StripeServer
    twilio: TwilioServer

    @property
    def url(self) -> str:
        return self.stack.web_url

    def person(self, name: str, *, tenant: str, role: str = "owner") -> Person:
        """An account with a verified address and a session, without walking through the pages."""
        wish = {"email": f"{name}@example.com", "name": name.title(), "tenant": tenant, "role": role}
        found: dict[str, Any] = json.loads(self.console.run(MAKE_PERSON.format(wish=wish, password=PASSWORD)))
        cookie = {"name": found["cookie"], "value": found["session"], "url": self.url}
        return Person(wish["email"], tenant, role, cookie, Client.open(self.url, found["key"]))

    def link_in_mail(self, to: str, path: str) -> str:
        """The newest link to `path` (a prefix) that was mailed to `to`, once it has come."""
        return until(lambda: self._newest_link(to, path), f"a mail to {to} with {path}", 60, every_s=0.2)

    def _newest_link(self, to: str, path: str) -> str | None:
        pattern = re.compile(rf"{re.escape(self.url)}{re.escape(path)}[^\s\"<>]+")
        files = sorted(self.mail.glob("*"), key=lambda file: file.stat().st_mtime, reverse=True)
        for message in (m for file in files for m in reversed(_messages(file))):
            body = message.get_body(("plain",)) if message["To"] == to else None
            found = pattern.search(body.get_content()) if body is not None else None
            if found:
                return found.group()
        return None


def _messages(file: Path) -> list[email.message.EmailMessage]:
    """The mails in one file of Django's file backend, which draws a line of dashes after each."""
    texts = re.split(rb"^-{70,}$", file.read_bytes(), flags=re.MULTILINE)
    return [email.message_from_bytes(t.lstrip(), policy=email.policy.default) for t in texts if t.strip()]
