"""`manage.py credit SLUG AMOUNT`: adds money to a tenant's wallet."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.billing.services import credit
from tenants.errors import DomainError
from tenants.models import Tenant
from tenants.scope import platform_scope


class Command(BaseCommand):
    help = "Adds money to a tenant's wallet; prints the balance."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="The tenant's slug.")
        parser.add_argument("amount", help="In whole units and parts of the wallet's currency, like 12.50.")
        parser.add_argument("--why", default="Credit by staff", help="What its members read.")

    def handle(self, *args: Any, **options: Any) -> None:
        with platform_scope():
            tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}.")
        try:
            wallet = credit(tenant=tenant, amount_micros=_micros(options["amount"]), why=options["why"])
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{Decimal(wallet.balance_micros) / 1_000_000} {wallet.currency}")


def _micros(text: str) -> int:
    """CommandError for what is no number, or finer than a micro-unit."""
    try:
        micros = Decimal(text) * 1_000_000
        whole = int(micros)
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise CommandError(f"{text!r} is no amount; write it like 12.50.") from error
    if whole != micros:
        raise CommandError("At most six digits after the point.")
    return whole
