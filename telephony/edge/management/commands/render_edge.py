"""`manage.py render_edge`: writes the edge's configuration from trunks and live media nodes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from telephony.edge.kamailio.config import edge_config
from telephony.edge.kamailio.content import read_content
from telephony.edge.kamailio.render import EdgeRefused, check, render, write


class Command(BaseCommand):
    help = "Writes kamailio.cfg and its tables; a running edge does this by itself."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", help="The folder; default: DATA_DIR/edge.")
        parser.add_argument("--check", action="store_true", help="Have Kamailio read what was written.")

    def handle(self, *args: Any, **options: Any) -> None:
        config = edge_config(**({"folder": Path(options["out"]).resolve()} if options["out"] else {}))
        content = read_content(config.digest_algorithm)
        changed = write(config.folder, render(config, content))
        if options["check"]:
            try:
                check(config.folder)
            except EdgeRefused as error:
                raise CommandError(str(error)) from error
        self.stdout.write(
            f"{config.folder}: {len(content.lines)} lines, {len(content.trunks)} trunks,"
            f" {len(content.users)} users; changed: {', '.join(changed) or 'nothing'}"
        )
