"""`manage.py edge`: runs the SIP edge, a Kamailio that follows the database."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from config.local.console import Console
from config.local.errors import StartError
from config.local.supervisor import Program, Supervisor
from telephony.edge.kamailio.agent import EdgeAgent
from telephony.edge.kamailio.config import config_to_run
from telephony.edge.kamailio.process import command
from telephony.edge.kamailio.render import EdgeRefused

LINES_A_SECOND = 50
READY_LIMIT_S = 30.0


class Command(BaseCommand):
    help = "Runs Kamailio in front of the media nodes and keeps it true to trunks and nodes; Ctrl-C stops it."

    def handle(self, *args: Any, **options: Any) -> None:
        config = config_to_run()
        agent = EdgeAgent(config)
        try:
            agent.prepare()
        except EdgeRefused as error:
            raise CommandError(str(error)) from error
        supervisor = Supervisor(QuietConsole())
        supervisor.handle_signals()
        environment = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
        kamailio = Program("kamailio", command(config.folder), environment, config.folder)
        kamailio.ready = agent.answers
        kamailio.death_signal = signal.SIGTERM  # its own children would not hear of a SIGKILL
        try:
            supervisor.start(kamailio)
            supervisor.wait_ready(READY_LIMIT_S)
            while not supervisor.stop_requests:
                supervisor.step()
                agent.step()
                close_old_connections()
        except (StartError, OSError) as error:
            raise CommandError(str(error)) from error
        finally:
            supervisor.stop(())
            agent.close()


class QuietConsole(Console):
    """Kamailio tells of every message that it cannot read, and strangers decide how many those are."""

    def __init__(self) -> None:
        super().__init__(sys.stdout)
        self._second, self._shown, self._left_out = 0, 0, 0

    def lines(self, name: str, lines: Iterable[str]) -> None:
        """So many a second; then how many were left out."""
        second = int(time.monotonic())
        if second != self._second:
            if self._left_out:
                super().lines(name, [f"({self._left_out} lines left out)"])
            self._second, self._shown, self._left_out = second, 0, 0
        lines = list(lines)
        room = max(0, LINES_A_SECOND - self._shown)
        self._shown += min(room, len(lines))
        self._left_out += max(0, len(lines) - room)
        super().lines(name, lines[:room])
