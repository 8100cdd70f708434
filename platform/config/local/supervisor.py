"""Runs services side by side: shows their output, restarts those that die, stops them in order.

One thread and one loop: the kernel ties a child's life to the thread that forked it.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .console import Console, FileTail, LineBuffer
from .errors import StartError
from .process import kill_session, spawn

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
# One that lived this long starts with the first delay again.
HEALTHY_S = 30.0
# What a second Ctrl-C leaves them.
HURRY_S = 3.0
_TICK_S = 0.1


class Service(Protocol):
    """Something with a process. `log` is the file it writes to, or None when it writes to a pipe."""

    @property
    def name(self) -> str: ...
    @property
    def log(self) -> Path | None: ...
    @property
    def process(self) -> subprocess.Popen[bytes] | None: ...
    @property
    def stop_signal(self) -> signal.Signals: ...
    @property
    def stop_limit_s(self) -> float: ...

    def start(self) -> None:
        """Starts the process without waiting for it. Raises StartError or OSError."""

    def is_ready(self) -> bool:
        """Whether it does its work."""


@dataclass
class Program:
    """A program of ours that writes to a pipe. `death_signal`: what it gets when we die."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    ready: Callable[[], bool] = lambda: True
    stop_signal: signal.Signals = signal.SIGTERM
    stop_limit_s: float = 10.0
    nice: int = 0
    death_signal: signal.Signals = signal.SIGKILL
    process: subprocess.Popen[bytes] | None = None
    log: Path | None = None

    def start(self) -> None:
        self.process = spawn(
            self.command,
            output=subprocess.PIPE,
            env=self.env,
            cwd=self.cwd,
            nice=self.nice,
            death_signal=self.death_signal,
        )

    def is_ready(self) -> bool:
        return self.process is not None and self.process.poll() is None and self.ready()


class Supervisor:
    """Services in the order of their start. Use it from the main thread only.

    `stop_requests` counts the signals SIGINT, SIGTERM and SIGHUP: the first asks for an orderly stop,
    the next one for haste. `changed` is called after every start and end of a process.
    """

    def __init__(self, console: Console, changed: Callable[[], None] = lambda: None) -> None:
        self.stop_requests = 0
        self._console = console
        self._changed = changed
        self._watched: dict[str, _Watched] = {}
        self._selector = selectors.DefaultSelector()

    def handle_signals(self) -> None:
        """Takes the signals that end a program over."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._request_stop())

    def pids(self) -> dict[str, int]:
        """The processes that run now."""
        return {
            name: watched.service.process.pid
            for name, watched in self._watched.items()
            if watched.service.process is not None and watched.service.process.poll() is None
        }

    def add(self, service: Service) -> None:
        """Takes a service over that runs already."""
        self._watched[service.name] = _Watched(service)
        self._listen(self._watched[service.name])
        self._changed()

    def start(self, service: Service) -> None:
        """Starts a service and watches it from now on."""
        service.start()
        self.add(service)

    def run(self, program: Program) -> None:
        """Runs a program to its end, its lines shown. Raises StartError when it fails."""
        self.start(program)
        process = program.process
        while process is not None and process.poll() is None and not self.stop_requests:
            self._show(_TICK_S)
        if process is not None:
            kill_session(process)
            self._finish_output(program)
        del self._watched[program.name]
        if process is not None and process.returncode and not self.stop_requests:
            raise StartError(f"The step `{program.name}` failed: its last lines above say why.")

    def wait_ready(self, limit_s: float) -> None:
        """Returns when all services are ready or a stop was asked for. Raises StartError after the limit."""
        deadline = time.monotonic() + limit_s
        waiting = [watched.service for watched in self._watched.values()]
        while waiting and not self.stop_requests:
            if time.monotonic() > deadline:
                raise StartError(
                    f"{', '.join(service.name for service in waiting)} not ready after {limit_s:.0f} s: "
                    "the lines above say why."
                )
            self.step()
            waiting = [service for service in waiting if not service.is_ready()]

    def step(self) -> None:
        """Shows what was written, notices who ended and starts those whose time has come."""
        self._show(_TICK_S)
        for watched in self._watched.values():
            process = watched.service.process
            if watched.restart_at is None and process is not None and process.poll() is not None:
                self._plan_restart(watched, _how_ended(process.returncode))
            elif watched.restart_at is not None and time.monotonic() >= watched.restart_at:
                self._restart(watched)

    def stop(self, groups: Sequence[Sequence[str]]) -> None:
        """Stops all services, one group of names after the other, and waits for each group."""
        for group in [*groups, list(self._watched)]:
            services = [self._watched.pop(name).service for name in group if name in self._watched]
            self._stop_group([service for service in services if service.process is not None])

    def _stop_group(self, services: Sequence[Service]) -> None:
        started, asked = time.monotonic(), self.stop_requests
        for service in services:
            if service.process is not None and service.process.poll() is None:
                service.process.send_signal(service.stop_signal)
        waiting = list(services)
        while waiting:
            self._show(_TICK_S / 2, services)
            if self.stop_requests > max(asked, 1):
                started, asked = time.monotonic(), self.stop_requests
                for service in waiting:
                    service.process.send_signal(signal.SIGINT)  # type: ignore[union-attr]
            for service in list(waiting):
                limit = min(service.stop_limit_s, HURRY_S) if asked > 1 else service.stop_limit_s
                over = time.monotonic() - started > limit
                if service.process is None or service.process.poll() is not None or over:
                    waiting.remove(service)
        for service in services:
            if service.process is not None:
                kill_session(service.process)
                self._finish_output(service)

    def _request_stop(self) -> None:
        self.stop_requests += 1

    def _plan_restart(self, watched: _Watched, reason: str) -> None:
        """Until then what the dead process has started may say its last words: a line its BYEs."""
        lived = time.monotonic() - watched.started_at
        watched.delay_s = FIRST_DELAY_S if lived >= HEALTHY_S else min(watched.delay_s * 2, LONGEST_DELAY_S)
        watched.restart_at = time.monotonic() + watched.delay_s
        self._console.say(
            f"{watched.service.name} ended ({reason}); starting it again in {watched.delay_s:g} s"
        )
        self._changed()

    def _restart(self, watched: _Watched) -> None:
        if watched.service.process is not None:
            kill_session(watched.service.process)
        self._finish_output(watched.service)
        watched.restart_at, watched.started_at = None, time.monotonic()
        try:
            watched.service.start()
        except (StartError, OSError) as error:
            self._plan_restart(watched, str(error))
            return
        self._listen(watched)
        self._changed()

    def _listen(self, watched: _Watched) -> None:
        """Begins to read a service's output."""
        service, process = watched.service, watched.service.process
        if service.log is not None:
            watched.tail = FileTail(service.log)
        elif process is not None and process.stdout is not None:
            os.set_blocking(process.stdout.fileno(), False)
            self._selector.register(process.stdout, selectors.EVENT_READ, (service.name, LineBuffer()))

    def _show(self, timeout_s: float, more: Sequence[Service] = ()) -> None:
        """Shows what comes within `timeout_s`; returns with the first of it."""
        for key, _ in self._selector.select(timeout_s):
            name, buffer = key.data
            data = os.read(key.fd, 65536)
            if data:
                self._console.lines(name, buffer.feed(data))
            else:
                self._console.lines(name, buffer.flush())
                self._selector.unregister(key.fileobj)
        for watched in self._watched.values():
            if watched.tail is not None:
                self._console.lines(watched.service.name, watched.tail.read())

    def _finish_output(self, service: Service) -> None:
        """Shows the last lines of a process that has ended and closes its pipe."""
        process = service.process
        if process is None or process.stdout is None or process.stdout.closed:
            return
        with suppress(KeyError):
            key = self._selector.unregister(process.stdout)
            with suppress(BlockingIOError):
                while data := os.read(key.fd, 65536):
                    self._console.lines(service.name, key.data[1].feed(data))
            self._console.lines(service.name, key.data[1].flush())
        process.stdout.close()


class _Watched:
    """A service and when to start it again."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.started_at = time.monotonic()
        self.delay_s = FIRST_DELAY_S / 2
        self.restart_at: float | None = None
        self.tail: FileTail | None = None


def _how_ended(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
