"""`manage.py create_api_key TENANT NAME`: the first key of a tenant, made where the program runs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.errors import DomainError
from tenants.models import Tenant, User
from tenants.permissions import ALL_PERMISSIONS
from tenants.scope import platform_scope
from tenants.services import create_api_key, create_tenant, create_user


class Command(BaseCommand):
    help = "Makes an API key and prints it once; with --owner also the tenant and its owner, if they are new."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="The tenant's slug.")
        parser.add_argument("name", help="What the key is for.")
        parser.add_argument("--owner", help="E-mail of the owner, for a tenant that is new.")
        parser.add_argument("--mode", choices=["live", "test"], default="live")
        parser.add_argument("--scope", action="append", help="A permission; again for more. Default: all.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with platform_scope():
                tenant = _tenant(options["tenant"], options["owner"])
            _, secret = create_api_key(
                tenant=tenant,
                name=options["name"],
                scopes=options["scope"] or ALL_PERMISSIONS,
                mode=options["mode"],
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(secret)


def _tenant(slug: str, owner: str | None) -> Tenant:
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is not None:
        return tenant
    if owner is None:
        raise CommandError(f"There is no tenant {slug!r}; give --owner E-MAIL to make it.")
    user = User.objects.filter(email__iexact=owner).first() or create_user(email=owner)
    return create_tenant(name=slug, slug=slug, owner=user)
