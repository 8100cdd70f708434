"""`manage.py plan SLUG CODE`: puts a tenant on a plan, from now on."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.billing.services.rates import put_on_plan
from tenants.errors import InvalidInput
from tenants.models import Tenant
from tenants.scope import platform_scope, tenant_scope


class Command(BaseCommand):
    help = "Puts a tenant on a plan, from now on. Whoever pays for it by subscription changes it there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="The tenant's slug.")
        parser.add_argument("plan", help="The plan's code.")

    def handle(self, *args: Any, **options: Any) -> None:
        with platform_scope():
            tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}.")
        try:
            with tenant_scope(tenant.pk):
                row = put_on_plan(code=options["plan"], at=timezone.now())
        except InvalidInput as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"{tenant.name}: {row.plan.name} since {row.since:%Y-%m-%d %H:%M} UTC.")
