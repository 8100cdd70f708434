"""Keeps a running Kamailio true to the database: tables written and reloaded, devices told of.

Nothing here ends a call: dialogs are held by the messages themselves, and reloads touch tables only.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import structlog
from django.db import DatabaseError

from telephony.edge.kamailio.config import EdgeConfig
from telephony.edge.kamailio.content import EdgeContent, fingerprint, read_content
from telephony.edge.kamailio.devices import registered, save_devices
from telephony.edge.kamailio.reload import reload
from telephony.edge.kamailio.render import CONFIG, TLS_CONFIG, check, render, write
from telephony.edge.kamailio.rpc import KamailioRpc, RpcFailed
from telephony.edge.kamailio.tables import DISPATCHER

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0
READ_ALL_EVERY_S = 60.0
DEVICES_EVERY_S = 5.0


class EdgeAgent:
    """Call `prepare` before Kamailio starts, then `step` often; `step` never raises."""

    def __init__(self, config: EdgeConfig) -> None:
        self._config = config
        self._rpc = KamailioRpc(config.folder)
        self._seen: Any = None
        self._content = EdgeContent()
        self._certificate = self._certificate_files()
        self._stale: set[str] = set()
        self._look_at = self._read_at = self._devices_at = 0.0
        self._database_down = False

    def prepare(self) -> None:
        """Writes the configuration and has Kamailio read it. Raises EdgeRefused. Without the database
        the tables are those of the last time."""
        self._read(time.monotonic())
        files = render(self._config, self._content)
        if self._database_down and (self._config.folder / DISPATCHER).exists():
            files = {name: text for name, text in files.items() if name in (CONFIG, TLS_CONFIG)}
        write(self._config.folder, files)
        check(self._config.folder)

    def step(self) -> None:
        """Looks, when it is time, for what has changed."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY_S
        if self._read(now):
            files = render(self._config, self._content)
            files.pop(CONFIG)
            self._stale |= set(write(self._config.folder, files))
        if (certificate := self._certificate_files()) != self._certificate:
            self._certificate = certificate
            self._stale.add(TLS_CONFIG)
        self._reload()
        if now >= self._devices_at:
            self._devices_at = now + DEVICES_EVERY_S
            self._tell_devices()

    def answers(self) -> bool:
        """Whether Kamailio runs and listens."""
        try:
            return bool(self._rpc.call("core.uptime"))
        except RpcFailed:
            return False

    def close(self) -> None:
        """Gives the socket back."""
        self._rpc.close()

    def _read(self, now: float) -> bool:
        """Whether the content was read anew."""
        try:
            seen = fingerprint()
            if seen == self._seen and now - self._read_at < READ_ALL_EVERY_S:
                return False
            self._content = read_content(self._config.digest_algorithm)
        except DatabaseError as error:
            if not self._database_down:
                log.warning("edge_database_down", error=type(error).__name__)
            self._database_down = True
            return False
        self._seen, self._read_at, self._database_down = seen, now, False
        return True

    def _reload(self) -> None:
        """What fails is tried again at the next look: Kamailio may be starting."""
        for name in sorted(self._stale):
            try:
                reload(self._rpc, name, self._content)
            except RpcFailed as error:
                log.warning("edge_reload_failed", table=name, error=str(error))
                return
            self._stale.discard(name)
            log.info("edge_reloaded", table=name)

    def _tell_devices(self) -> None:
        slugs = [trunk.slug for trunk in self._content.trunks if trunk.registration == "inbound"]
        try:
            save_devices(self._config.name, registered(self._rpc, slugs, self._config.sip_domain))
        except (RpcFailed, DatabaseError) as error:
            log.warning("edge_devices_unknown", error=str(error) or type(error).__name__)

    def _certificate_files(self) -> tuple[tuple[int, int], ...]:
        paths = (self._config.tls_certificate, self._config.tls_key)
        return tuple(_version(Path(path)) for path in paths if path)


def _version(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:  # it is being replaced
        return 0, 0
    return stat.st_mtime_ns, stat.st_size
