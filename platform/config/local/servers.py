"""PostgreSQL and Valkey together, for `manage.py up` and for tests.

with LocalServers(folder) as servers:
    os.environ.update(servers.environment)
"""

from __future__ import annotations

import shutil
from pathlib import Path
from types import TracebackType

from .environment import read_env_file, write_env_file
from .errors import StartError, disk_full, from_os_error
from .placement import place_postgres
from .ports import free_port
from .postgres import PostgresServer
from .valkey import ValkeyServer

# A new cluster with its first write-ahead log takes about 40 MB; the rest is room to work.
FREE_SPACE_NEEDED = 200 * 1024 * 1024

Server = PostgresServer | ValkeyServer


class LocalServers:
    """The embedded servers of one data folder; those that are not wanted are left out.

    Ports and Valkey's password stay the same from one start to the next where the ports are still
    free. `durable=False` is for throw-away data: nothing waits for the disk.
    """

    def __init__(
        self, data_dir: Path, *, postgres: bool = True, valkey: bool = True, durable: bool = True
    ) -> None:
        self.data_dir = data_dir
        self.servers: list[Server] = []
        self._wanted = (postgres, valkey)
        self._durable = durable

    @property
    def environment(self) -> dict[str, str]:
        """DATABASE_URL and REDIS_URL of the servers that run here."""
        names = {PostgresServer: "DATABASE_URL", ValkeyServer: "REDIS_URL"}
        return {names[type(server)]: server.url for server in self.servers}

    @property
    def postgres_home(self) -> Path | None:
        """The folder of the cluster, when there is one here."""
        return next((server.home for server in self.servers if isinstance(server, PostgresServer)), None)

    def start(self) -> dict[str, str]:
        """Starts both, side by side, and returns `environment` once they answer.

        Raises StartError, with nothing left running, when one cannot start.
        """
        try:
            self._prepare()
            for server in self.servers:
                server.start()
            for server in self.servers:
                server.wait_ready()
        except OSError as error:
            self.stop()
            raise from_os_error(error, self.data_dir) from error
        except BaseException:
            self.stop()
            raise
        return self.environment

    def stop(self) -> None:
        """Ends what runs, Valkey first."""
        for server in reversed(self.servers):
            server.stop()

    def __enter__(self) -> LocalServers:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _prepare(self) -> None:
        self.data_dir.mkdir(parents=True, exist_ok=True)
        check_space(self.data_dir)
        postgres, valkey = self._wanted
        path = self.data_dir / "servers.env"
        known = read_env_file(path)
        if postgres:
            port = free_port(int(known.get("POSTGRES_PORT", 0)))
            placement = place_postgres(self.data_dir)
            check_space(placement.home)
            self.servers.append(PostgresServer(placement, port, durable=self._durable))
            known["POSTGRES_PORT"] = str(port)
        if valkey:
            server = ValkeyServer(
                self.data_dir / "valkey",
                free_port(int(known.get("VALKEY_PORT", 0))),
                known.get("VALKEY_PASSWORD"),
            )
            self.servers.append(server)
            known |= {"VALKEY_PORT": str(server.port), "VALKEY_PASSWORD": server.password}
        write_env_file(path, known)


def check_space(folder: Path) -> None:
    """Raises StartError when the folder's disk is as good as full."""
    if shutil.disk_usage(folder).free < FREE_SPACE_NEEDED:
        raise disk_full(folder)


__all__ = ["LocalServers", "StartError", "check_space"]
