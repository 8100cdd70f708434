"""`manage.py carriers [--used DAY]`: our trunks at carriers, made or put right; or what was used there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from telephony.carriers.base import CarrierDown, CarrierRefused, NumberCarrier
from telephony.carriers.keeping import keep_trunks
from telephony.carriers.registry import SELLERS


class Command(BaseCommand):
    help = "Sets up our trunk at each carrier that sells numbers, and says what it had to change."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--used",
            metavar="DAY",
            type=date.fromisoformat,
            help="Says instead what the account used on the day (2026-11-30, UTC) and what that costs.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not SELLERS:
            raise CommandError("No carrier that sells numbers is set up (docs/guides/carriers.md).")
        if options["used"] is not None:
            for seller in SELLERS.values():
                self._show_usage(seller, options["used"])
            return
        self._keep()

    def _show_usage(self, seller: NumberCarrier, day: date) -> None:
        self.stdout.write(f"{seller.label}, {day}")
        try:
            lines = seller.usage(day)
        except (CarrierRefused, CarrierDown) as error:
            raise CommandError(str(error)) from error
        for line in lines:
            cost = Decimal(line.cost_micros) / 1_000_000
            self.stdout.write(f"  {line.category}: {line.quantity} {line.unit}, {cost:f} {line.currency}")
        if not lines:
            self.stdout.write("  nothing")

    def _keep(self) -> None:
        failed = 0
        for name, trunk in keep_trunks().items():
            self.stdout.write(f"{SELLERS[name].label}")
            if isinstance(trunk, str):
                failed += 1
                self.stdout.write(f"  {trunk}")
                continue
            self.stdout.write(f"  trunk {trunk.id} at {trunk.domain}, user name {trunk.username}")
            self.stdout.write(f"  calls come in by {', '.join(trunk.origination) or 'nothing'}")
            self.stdout.write(f"  {'encrypted' if trunk.secure else 'NOT encrypted'}")
            for words in trunk.repaired:
                self.stdout.write(f"  changed: {words}")
        if failed:
            raise CommandError("Not every carrier could be set up.")
