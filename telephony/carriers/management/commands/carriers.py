"""`manage.py carriers`: which carriers are set up, and their trunks, made or put right."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from telephony.carriers.keeping import keep_trunks
from telephony.carriers.registry import SELLERS


class Command(BaseCommand):
    help = "Sets up our trunk at each carrier that sells numbers, and says what it had to change."

    def handle(self, *args: Any, **options: Any) -> None:
        if not SELLERS:
            raise CommandError("No carrier that sells numbers is set up (docs/guides/carriers.md).")
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
