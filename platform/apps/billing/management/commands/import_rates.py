"""`manage.py import_rates CARRIER FILE`: what minutes and messages of a carrier cost from a day on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.billing.services.importing_rates import COLUMNS, RatesRefused, import_rates
from tenants.errors import InvalidInput
from tenants.scope import platform_scope


class Command(BaseCommand):
    help = "Takes rates of a carrier from a CSV file, all or none. Columns: " + "; ".join(
        f"{name}: {what}" for name, what in COLUMNS.items()
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("carrier", help="Its name in the platform, like twilio.")
        parser.add_argument("file", type=Path)
        parser.add_argument("--from", dest="effective_from", default="", help="2026-12-01; now without it.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open(encoding="utf-8-sig", newline="") as lines, platform_scope():
                done = import_rates(
                    carrier=options["carrier"], lines=lines, effective_from=_time(options["effective_from"])
                )
        except RatesRefused as error:
            raise CommandError("Nothing was imported.\n" + "\n".join(error.rows)) from error
        except (InvalidInput, OSError, UnicodeDecodeError) as error:
            raise CommandError(f"Nothing was imported. {error}") from error
        self.stdout.write(f"{done.rates} rates, {done.closed} of before end when they begin.")


def _time(text: str) -> datetime:
    if not text:
        return timezone.now()
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no date; write it like 2026-12-01.") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)
