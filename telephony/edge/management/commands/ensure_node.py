"""`manage.py ensure_node NAME`: registers a media node and its token."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from telephony.edge.services import InvalidNode, ensure_node, new_token


class Command(BaseCommand):
    help = "Registers a media node. Its token is NODE_TOKEN, or a new one that is printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="The node's NODE_NAME.")

    def handle(self, *args: Any, **options: Any) -> None:
        given = settings.NODE_TOKEN
        token = given or new_token()
        try:
            ensure_node(options["name"], token)
        except InvalidNode as error:
            raise CommandError(str(error)) from error
        if not given:
            self.stdout.write(f"NODE_TOKEN={token}")
