"""The whole program on one machine: servers, then database, then the processes, then a table."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping

from .console import Console
from .environment import (
    BASE_DIR,
    LOCAL_ENV,
    LocalConfig,
    given_environment,
    local_secrets,
    read_env_file,
    write_env_file,
)
from .errors import StartError, from_os_error
from .lock import only_one
from .ports import check_ports
from .ready import node_registered, sip_answers, web_answers
from .servers import LocalServers, check_space
from .supervisor import Program, Supervisor

READY_LIMIT_S = 90.0
# Jobs can wait a moment; the audio of the calls on the same machine cannot.
BACKGROUND_NICE = 5
# A request to a tenant's server may take 10 s.
WEBHOOKS_STOP_LIMIT_S = 15.0
STATE_FILE = "up.json"
QUEUES = "dial,after_call,billing"
# What the media plane has no business to know.
CONTROL_ONLY = ("DATABASE_URL", "SECRET_KEY", "FIELD_ENCRYPTION_KEYS")
# The node first: its calls still need the others while it drains.
STOP_ORDER = (
    ("node",),
    ("edge", "sandbox", "beat", "celery", "celery-webhooks"),
    ("web",),
    ("valkey",),
    ("postgres",),
)


class Stack:
    """What `manage.py up` runs. `run` returns the exit code, and raises StartError with a sentence."""

    def __init__(self, *, sandbox: bool = True, console: Console | None = None) -> None:
        self._given = given_environment()
        self._config = LocalConfig.from_environment(self._given)
        self._sandbox = sandbox
        self._console = console or Console()
        self._supervisor = Supervisor(self._console, self._write_state)
        self._ready = False

    def run(self) -> int:
        """Starts everything, runs until a signal asks to stop, and stops everything."""
        self._supervisor.handle_signals()
        try:
            self._config.data_dir.mkdir(parents=True, exist_ok=True)
            check_space(self._config.data_dir)
            with only_one(self._config.data_dir):
                try:
                    self._start()
                    while not self._supervisor.stop_requests:
                        self._supervisor.step()
                    self._console.say("stopping: calls in progress may finish; Ctrl-C again to end them")
                finally:
                    self._stop()
        except OSError as error:
            raise from_os_error(error, self._config.data_dir) from error
        return 0

    def _start(self) -> None:
        check_ports(self._config, sandbox=self._sandbox)
        env, servers = self._start_servers()
        if self._supervisor.stop_requests:
            return
        self._prepare_database(env, servers)
        for program in self._programs(env):
            self._supervisor.start(program)
        self._supervisor.wait_ready(READY_LIMIT_S)
        if not self._supervisor.stop_requests:
            self._ready = True
            self._write_state()
            self._console.table(self._addresses())

    def _start_servers(self) -> tuple[dict[str, str], LocalServers]:
        """Starts those that the environment does not name, and tells everybody where they are."""
        path = self._config.data_dir / LOCAL_ENV
        local = local_secrets(read_env_file(path))
        servers = LocalServers(
            self._config.data_dir,
            postgres="DATABASE_URL" not in self._given,
            valkey="REDIS_URL" not in self._given,
        )
        local |= servers.start()
        for server in servers.servers:
            self._supervisor.add(server)
            self._console.say(f"{server.name} listens on 127.0.0.1:{server.port}, its data in {server.home}")
        write_env_file(path, local)
        env = {**local, **self._given, "DATA_DIR": str(self._config.data_dir), "PYTHONUNBUFFERED": "1"}
        env.setdefault("LOG_FORMAT", "console")
        return env, servers

    def _prepare_database(self, env: Mapping[str, str], servers: LocalServers) -> None:
        """Migrates and registers the node, unless this very cluster had both already."""
        done = servers.postgres_home / "prepared" if servers.postgres_home else None
        wanted = _digest(_schema_digest(), env["NODE_TOKEN"], self._config.node_name)
        if done is not None and done.exists() and done.read_text(encoding="ascii") == wanted:
            return
        self._supervisor.run(self._manage("migrate", env, "migrate", "--no-input", "-v", "1"))
        if not self._supervisor.stop_requests:
            self._supervisor.run(self._manage("register", env, "ensure_node", self._config.node_name))
        if done is not None and not self._supervisor.stop_requests:
            done.write_text(wanted, encoding="ascii")

    def _programs(self, env: Mapping[str, str]) -> Iterator[Program]:
        """In the order of their start: what takes longest to be ready comes first."""
        config = self._config
        web = self._python(
            "web", env, "-m", "uvicorn", "config.asgi:application", "--no-access-log",
            "--host", config.web_host, "--port", str(config.web_port), "--timeout-graceful-shutdown", "5",
        )  # fmt: skip
        web.ready = lambda: web_answers(config.web_url)
        yield web
        media_env = {name: value for name, value in env.items() if name not in CONTROL_ONLY}
        if config.edge is not None:
            host, port = config.edge
            media_env.setdefault("SIP_EDGE", f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        node = self._python("node", media_env, "-m", "media_workers.runtime")
        node.stop_limit_s = config.drain_limit_s + 10.0
        registered = node_registered(env["DATABASE_URL"], config.node_name)
        node.ready = lambda: registered() and sip_answers(config.sip_host, config.sip_port)
        yield node
        if config.edge is not None:
            edge = self._manage("edge", env, "edge")
            # Strangers hear nothing of it: what answers is asked as the node, once it is known.
            edge.ready = lambda: sip_answers(host, port, source=config.sip_host)
            yield edge
        if self._sandbox:
            sandbox = self._python("sandbox", media_env, "-m", "media_workers.sandbox", "serve")
            sandbox.ready = lambda: sip_answers(config.sandbox_host, config.sandbox_port)
            yield sandbox
        yield self._celery("celery", env, "worker", "-Q", QUEUES, "--concurrency", "2",
                           "--without-gossip", "--without-mingle")  # fmt: skip
        # Threads: one of them sends all deliveries at once, asynchronously; what is on its way may come home.
        webhooks = self._celery("celery-webhooks", env, "worker", "-Q", "webhooks", "--pool", "threads",
                                "--concurrency", "4", "--hostname", "webhooks@%h",
                                "--without-gossip", "--without-mingle")  # fmt: skip
        webhooks.stop_limit_s = WEBHOOKS_STOP_LIMIT_S
        yield webhooks
        yield self._celery("beat", env, "beat", "--schedule", str(config.data_dir / "celerybeat-schedule"),
                           "--pidfile", "")  # fmt: skip

    def _celery(self, name: str, env: Mapping[str, str], *arguments: str) -> Program:
        program = self._python(
            name, env, "-W", "ignore:You're running the worker with superuser", "-m", "celery",
            "-A", "config.celery", "--quiet", *arguments, "--loglevel", "INFO",
        )  # fmt: skip
        program.nice = BACKGROUND_NICE
        return program

    def _manage(self, name: str, env: Mapping[str, str], *arguments: str) -> Program:
        return self._python(name, env, str(BASE_DIR / "manage.py"), *arguments)

    def _python(self, name: str, env: Mapping[str, str], *arguments: str) -> Program:
        return Program(name, [sys.executable, *arguments], env, BASE_DIR)

    def _addresses(self) -> list[tuple[str, str]]:
        config = self._config
        rows = [
            ("dashboard", config.web_url),
            ("API", f"{config.web_url}/api/v1/ (reference: {config.web_url}/api/v1/docs)"),
            ("SIP", f"sip:{config.sip_host}:{config.sip_port} (UDP and TCP)"),
        ]
        if config.edge is not None:
            host, port = config.edge
            rows.append(("SIP edge", f"sip:{host}:{port} (all of it: EDGE_LISTEN)"))
        if self._sandbox:
            rows.append(("sandbox phones", f"sip:{config.sandbox_host}:{config.sandbox_port}"))
        return [*rows, ("data", str(config.data_dir))]

    def _write_state(self) -> None:
        """What others read to learn whether it is ready, and which processes there are."""
        path = self._config.data_dir / STATE_FILE
        draft = path.with_suffix(".new")
        state = {"pid": os.getpid(), "ready": self._ready, "processes": self._supervisor.pids()}
        draft.write_text(json.dumps(state), encoding="utf-8")
        draft.replace(path)

    def _stop(self) -> None:
        self._ready = False
        self._supervisor.stop(STOP_ORDER)
        (self._config.data_dir / STATE_FILE).unlink(missing_ok=True)


def _schema_digest() -> str:
    """Changes with every migration of ours and with every version of a package that brings some."""
    files = [*(BASE_DIR / "requirements").glob("*.txt")]
    for folder in ("platform/apps", "platform/config", "tenants", "telephony"):
        files += (BASE_DIR / folder).rglob("migrations/*.py")
    return _digest(
        *(f"{file.relative_to(BASE_DIR)}\0{file.read_text(encoding='utf-8')}" for file in sorted(files))
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


__all__ = ["STATE_FILE", "Stack", "StartError"]
