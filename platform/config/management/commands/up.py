"""`manage.py up`: the whole program in one terminal. manage.py runs it before any settings are read."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.local.errors import StartError
from config.local.stack import Stack


class Command(BaseCommand):
    help = (
        "Starts PostgreSQL and Valkey (unless DATABASE_URL and REDIS_URL name others), web, Celery, "
        "a media node and the sandbox phones; Ctrl-C stops them in order."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-sandbox", action="store_true", help="Leave the sandbox phones out.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            code = Stack(sandbox=not options["no_sandbox"]).run()
        except StartError as error:
            self.stderr.write(self.style.ERROR(str(error)))
            code = 1
        sys.exit(code)
