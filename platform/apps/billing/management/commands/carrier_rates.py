"""`manage.py carrier_rates CARRIER COUNTRY...`: rates by what the carrier itself says that it takes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.billing.models import CURRENCY
from apps.billing.prices import with_margin
from apps.billing.services.importing_rates import import_rates
from telephony.carriers.base import CarrierDown, CarrierRefused
from telephony.carriers.registry import SELLERS
from telephony.carriers.values import CallPrice
from tenants.errors import InvalidInput
from tenants.scope import platform_scope


class Command(BaseCommand):
    help = (
        "Asks a carrier what minutes to and on numbers of countries cost, and sells them from now on with a "
        "margin. Where its price depends on who calls, or on the kind of number, the dearest one counts."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("carrier", help=f"One of {', '.join(SELLERS) or 'those that are set up'}.")
        parser.add_argument("country", nargs="+", help="ISO 3166-1 alpha-2, like US.")
        parser.add_argument("--margin", type=int, default=settings.VENDOR_MARGIN_PERCENT, help="In percent.")
        parser.add_argument(
            "--step", type=int, default=60, help="Seconds that are paid at least, and then again."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["margin"] < 0:
            raise CommandError("Give a margin of 0 or more.")
        prices = list(_asked(options["carrier"], options["country"]))
        lines = _csv(prices, margin=options["margin"], step=options["step"])
        try:
            with platform_scope():
                done = import_rates(carrier=options["carrier"], lines=lines, effective_from=timezone.now())
        except InvalidInput as error:
            raise CommandError(f"Nothing was imported. {error}") from error
        self.stdout.write(f"{done.rates} rates, {done.closed} of before have ended.")


def _asked(name: str, countries: Iterable[str]) -> Iterable[CallPrice]:
    try:
        carrier = SELLERS[name]
    except KeyError as error:
        raise CommandError(f"There is no carrier {name!r} that is set up here.") from error
    for country in countries:
        try:
            found = carrier.call_prices(country.upper())
        except (CarrierRefused, CarrierDown) as error:
            raise CommandError(f"{country}: {error}") from error
        if not found:
            raise CommandError(f"{name} knows no country {country!r}.")
        if foreign := {price.currency for price in found} - {CURRENCY}:
            raise CommandError(f"{country}: {name} tells prices in {', '.join(foreign)}, not in {CURRENCY}.")
        yield from found


def _csv(prices: Iterable[CallPrice], *, margin: int, step: int) -> io.StringIO:
    """As a file of rates, the dearest price of each direction and prefix."""
    dearest: dict[tuple[str, str], CallPrice] = {}
    for price in prices:
        key = (price.direction, price.prefix)
        if key not in dearest or price.micros_per_minute > dearest[key].micros_per_minute:
            dearest[key] = price
    file = io.StringIO(newline="")
    rows = csv.writer(file)
    rows.writerow(["prefix", "price", "cost", "first_s", "step_s", "name", "direction"])
    for (direction, prefix), price in sorted(dearest.items()):
        micros, of = with_margin(price.micros_per_minute, 1, margin)
        sold, cost = _units(-(-micros // of)), _units(price.micros_per_minute)
        rows.writerow([prefix, sold, cost, step, step, price.words[:200], direction])
    file.seek(0)
    return file


def _units(micros: int) -> str:
    return f"{Decimal(micros) / 10**6:f}"
