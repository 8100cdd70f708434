"""`manage.py demo`: starts the program, plays the demo's calls, leaves it running (or stops: --once).

manage.py runs it before any settings are read, because `up` makes the servers that they name.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.demo.shop import PORT_VARIABLE, open_shop
from config.local.console import FileTail
from config.local.environment import BASE_DIR, LocalConfig, given_environment
from config.local.process import spawn, stop
from config.local.stack import STATE_FILE
from tenants.mail_console import MARK

START_LIMIT_S = 600.0
STOP_LIMIT_S = 90.0
LOG_FILE = "demo.log"
# What is done once, in words; the details are in the log.
STEPS = {"migrate": "preparing the database ...", "register": "registering the media node ..."}


class Command(BaseCommand):
    help = "Starts Trunkline in demo mode and plays real calls in and out over the sandbox phone network."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Stop after the calls.")

    def handle(self, *args: Any, **options: Any) -> None:
        # In order with what the calls print, also when all of it goes into a file.
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True)
        data_dir = LocalConfig.from_environment(given_environment()).data_dir
        data_dir.mkdir(parents=True, exist_ok=True)
        log = data_dir / LOG_FILE
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        with log.open("wb") as output:
            self.stdout.write(f"Starting Trunkline (its log: {log}) ...")
            up = spawn(
                [sys.executable, BASE_DIR / "manage.py", "up"],
                output=output.fileno(),
                env={**os.environ, "DEMO_MODE": "1"},
                cwd=BASE_DIR,
                death_signal=signal.SIGTERM,
            )
        code = 1
        try:
            if self._wait_ready(up, data_dir / STATE_FILE, log):
                code = self._play()
                if not options["once"]:
                    self.stdout.write(f"Trunkline keeps running; Ctrl-C stops it. Its log: {log}")
                    self.stdout.write("Mails that it sends (to confirm an address, to invite) appear here.")
                    code = self._follow(up, log)
        except KeyboardInterrupt:
            code = 130
        finally:
            if up.poll() is None:
                self.stdout.write("Stopping Trunkline ...")
            stop(up, signal.SIGTERM, STOP_LIMIT_S)
        sys.exit(code)

    def _wait_ready(self, up: subprocess.Popen[bytes], state: Path, log: Path) -> bool:
        """Shows what `up` says of itself until it is ready; its last words when it gives up."""
        deadline, shown, steps = time.monotonic() + START_LIMIT_S, 0, set[str]()
        while time.monotonic() < deadline:
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            for line in lines[shown:]:
                name, _, text = (part.strip() for part in line.partition("|"))
                if name == "up" and text:
                    self.stdout.write(f"  {text}")
                elif name in STEPS and name not in steps:
                    steps.add(name)
                    self.stdout.write(f"  {STEPS[name]}")
            shown = len(lines)
            if up.poll() is not None:
                self.stderr.write(self.style.ERROR("\n".join(lines[-3:]) or "Trunkline did not start."))
                return False
            if _is_ready(state, up.pid):
                return True
            time.sleep(0.2)
        self.stderr.write(
            self.style.ERROR(f"Trunkline was not ready after {START_LIMIT_S:.0f} s: see {log}.")
        )
        return False

    def _follow(self, up: subprocess.Popen[bytes], log: Path) -> int:
        """Shows the mails in the log until `up` ends; its exit code. A fresh machine has no mail server."""
        tail = FileTail(log)
        while up.poll() is None:
            for line in tail.read():
                _, mark, text = line.partition(f"| {MARK}")
                if mark:
                    self.stdout.write(text.removeprefix(" "))
            time.sleep(0.2)
        return int(up.returncode)

    def _play(self) -> int:
        """Plays the calls in a process of its own: only now are there servers for the settings to name."""
        command = [sys.executable, str(BASE_DIR / "manage.py"), "demo_calls"]
        env = {**os.environ, "DEMO_MODE": "1", PORT_VARIABLE: str(open_shop())}
        return subprocess.run(command, cwd=BASE_DIR, env=env, check=False).returncode


def _is_ready(state: Path, pid: int) -> bool:
    try:
        content = json.loads(state.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(content["ready"] and content["pid"] == pid)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
