"""Networks of our own: namespaces, joined by virtual cables, with NAT by nftables between them.

All of it lives in a user namespace, so that an ordinary user may make it where the kernel lets him.
What it holds disappears with its processes. Nothing leaves it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType

TOOLS = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}
"""An ordinary user's PATH has not got ip and nft."""

LIFETIME_S = 600
"""Should the tests be killed, the namespaces go by themselves."""


class NoNamespaces(Exception):
    """They cannot be made here; the text says why."""


class Networks:
    """A context manager. Each name given becomes a namespace with nothing but loopback."""

    def __init__(self, *names: str) -> None:
        missing = [
            tool
            for tool in ("unshare", "nsenter", "ip", "nft")
            if shutil.which(tool, path=TOOLS["PATH"]) is None
        ]
        if missing:
            raise NoNamespaces(f"{', '.join(missing)} not installed")
        self._holders: list[subprocess.Popen[bytes]] = []
        self._pids: dict[str, int] = {}
        owner = self._hold(["unshare", "--user", "--map-root-user", "--net"])
        for name in names:
            enter = ["nsenter", "--target", str(owner), "--user", "--net", "--preserve-credentials"]
            self._pids[name] = self._hold([*enter, "unshare", "--net"])
            self.run(name, "ip", "link", "set", "lo", "up")

    def __enter__(self) -> Networks:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends what holds the namespaces."""
        for holder in self._holders:
            holder.kill()
            holder.wait()

    def inside(self, name: str) -> list[str]:
        """The beginning of a command: what follows runs in that namespace."""
        target = str(self._pids[name])
        return ["nsenter", "--target", target, "--user", "--net", "--preserve-credentials", "--"]

    def run(self, name: str, *command: str, stdin: str = "") -> str:
        """Runs a command in that namespace; what it printed."""
        full = [*self.inside(name), *command]
        done = subprocess.run(
            full, input=stdin, capture_output=True, text=True, env=TOOLS, timeout=20, check=False
        )
        if done.returncode != 0:
            raise NoNamespaces(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    def cable(self, one: tuple[str, str], other: tuple[str, str]) -> None:
        """Joins two namespaces, given as name and address with its prefix length."""
        (name, address), (peer, peer_address) = one, other
        at, far = f"to-{peer}"[:15], f"to-{name}"[:15]
        pid = str(self._pids[peer])
        self.run(name, "ip", "link", "add", at, "type", "veth", "peer", "name", far, "netns", pid)
        for where, device, own in ((name, at, address), (peer, far, peer_address)):
            self.run(where, "ip", "address", "add", own, "dev", device)
            self.run(where, "ip", "link", "set", device, "up")

    def route(self, name: str, via: str) -> None:
        """Everything else goes this way."""
        self.run(name, "ip", "route", "add", "default", "via", via)

    def _hold(self, command: list[str]) -> int:
        holder = subprocess.Popen([*command, "sleep", str(LIFETIME_S)], env=TOOLS, stderr=subprocess.PIPE)
        self._holders.append(holder)
        deadline = time.monotonic() + 20
        while not _runs_sleep(holder.pid):
            if holder.poll() is not None or time.monotonic() > deadline:
                why = holder.stderr.read().decode().strip() if holder.poll() is not None else "not in time"
                self.close()
                raise NoNamespaces(f"{command[0]}: {why}")
            time.sleep(0.02)
        return holder.pid


def _runs_sleep(pid: int) -> bool:
    """Each tool has become the next one: the namespaces are there when the last one runs."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip() == "sleep"
    except OSError:
        return False
