"""Writes of identity providers, and what a login through one may do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from tenants.errors import Conflict, InvalidInput
from tenants.models import ClaimedDomain, SingleSignOn, SsoProtocol, User
from tenants.permissions import Role
from tenants.scope import current_tenant_id
from tenants.selectors import verified_emails
from tenants.sso.documents import check_certificate, check_discovery, check_url, read_metadata
from tenants.sso.domains import PUBLIC_MAIL
from tenants.sso.reach import provider_id
from tenants.sso.selectors import domain_of, own_domains, own_single_sign_on

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")
OIDC_FIELDS = ("server_url", "client_id", "client_secret")
SAML_FIELDS = ("idp_metadata_url", "idp_entity_id", "idp_sso_url", "idp_certificate")
# Whoever answers under another one of these is another identity provider.
IDENTITY = ("protocol", "server_url", "client_id", "idp_entity_id")


def save_single_sign_on(
    *,
    person: User | None,
    protocol: str,
    email_domains: Iterable[str],
    default_role: str,
    enforced: bool = False,
    client_secret: str | None = None,
    **provider: str,
) -> SingleSignOn:
    """Set the identity provider of the tenant in force, in place of the present one.

    `provider` holds the fields of its protocol; a `client_secret` of None keeps the present one, if the
    server and the client stay the same. `person` is who asks: new domains must be theirs. InvalidInput
    for what cannot be used (the provider's own document is read), Conflict for another tenant's domain.
    """
    if default_role not in set(Role) - {Role.OWNER}:
        raise InvalidInput("Choose a role other than owner.", field="default_role")
    domains = _checked_domains(email_domains, person)
    row = own_single_sign_on(lock=True) or SingleSignOn()
    before = _identity(row)
    fields = dict.fromkeys((*OIDC_FIELDS, *SAML_FIELDS), "")
    if protocol == SsoProtocol.OIDC:
        fields |= _oidc(row, client_secret, **provider)
    else:
        fields |= _saml(**provider)
    for name, value in (fields | {"protocol": protocol}).items():
        setattr(row, name, value)
    row.default_role, row.enforced = default_role, enforced
    row.save()
    if _identity(row) != before:
        _forget_identities()
    _claim(domains)
    return row


def remove_single_sign_on() -> None:
    """Take the identity provider of the tenant in force away; its people log in by other means."""
    SingleSignOn.objects.all().delete()
    ClaimedDomain.objects.all().delete()
    _forget_identities()


def _oidc(
    row: SingleSignOn, client_secret: str | None, *, server_url: str = "", client_id: str = "", **others: str
) -> dict[str, str]:
    _refuse(others, "oidc")
    if not client_id:
        raise InvalidInput("Give the client id that the identity provider knows us by.", field="client_id")
    kept = (row.server_url, row.client_id) == (server_url, client_id)
    if client_secret is None and not kept:
        raise InvalidInput("Give the secret of this client.", field="client_secret")
    check_discovery(server_url)
    secret = row.client_secret if client_secret is None else client_secret
    return {"server_url": server_url, "client_id": client_id, "client_secret": secret}


def _saml(
    *,
    idp_metadata_url: str = "",
    idp_entity_id: str = "",
    idp_sso_url: str = "",
    idp_certificate: str = "",
    **others: str,
) -> dict[str, str]:
    _refuse(others, "saml")
    if idp_metadata_url:
        found = read_metadata(idp_metadata_url, idp_entity_id)
        idp_entity_id, idp_sso_url, idp_certificate = found.entity_id, found.sso_url, found.certificate
    elif not idp_entity_id:
        raise InvalidInput("Give the entity id, or an address of metadata.", field="idp_entity_id")
    return {
        "idp_metadata_url": idp_metadata_url,
        "idp_entity_id": idp_entity_id,
        "idp_sso_url": check_url(idp_sso_url, "idp_sso_url"),
        "idp_certificate": check_certificate(idp_certificate),
    }


def _refuse(others: dict[str, str], protocol: str) -> None:
    for name, value in others.items():
        if value:
            raise InvalidInput(f"This has no meaning with {protocol}.", field=name)


def _identity(row: SingleSignOn) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in IDENTITY)


def _forget_identities() -> None:
    """Another identity provider may use the same names for other people."""
    SocialAccount.objects.filter(provider=provider_id(current_tenant_id())).delete()


def _checked_domains(domains: Iterable[str], person: User | None) -> list[str]:
    """The domains in lower case. A new one is accepted from somebody with a confirmed address there."""
    wanted = sorted({domain.strip().lower().rstrip(".") for domain in domains})
    if not wanted:
        raise InvalidInput("Name at least one e-mail domain.", field="email_domains")
    theirs = {domain_of(email) for email in verified_emails(person)} if person else set()
    present = set(own_domains())
    for domain in wanted:
        if len(domain) > 253 or not _DOMAIN.fullmatch(domain):
            raise InvalidInput(f"{domain} is not a domain.", field="email_domains")
        if domain in PUBLIC_MAIL:
            raise InvalidInput(f"Anybody can have an address at {domain}.", field="email_domains")
        if domain not in present and domain not in theirs:
            raise InvalidInput(
                f"To claim {domain}, log in as somebody with a confirmed address there.",
                field="email_domains",
            )
    return wanted


def _claim(domains: list[str]) -> None:
    present = set(own_domains())
    ClaimedDomain.objects.exclude(domain__in=domains).delete()
    for domain in domains:
        if domain in present:
            continue
        try:
            with transaction.atomic():
                ClaimedDomain.objects.create(domain=domain)
        except IntegrityError as error:
            raise Conflict(f"Another tenant uses {domain}; write to us.", field="email_domains") from error
