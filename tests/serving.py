"""The tests' servers and their migrated database once for several test runs:

    python -m tests.serving COMMAND ...

The database is migrated while the command's first part, which may have no use for it, already runs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.local.environment import BASE_DIR, local_secrets
from config.local.servers import LocalServers

FOLDER = "TEST_SERVERS"
"""The environment variable that names the folder of servers that run already."""


@contextmanager
def servers() -> Iterator[None]:
    """Starts those that the environment does not name, and names them there for child processes."""
    folder = Path(tempfile.mkdtemp(prefix="trunkline-test-"))
    folder.chmod(0o711)  # PostgreSQL runs as another user when we are root
    wanted = {"postgres": not os.environ.get("DATABASE_URL"), "valkey": not os.environ.get("REDIS_URL")}
    try:
        with LocalServers(folder, durable=False, **wanted) as running:
            os.environ.update(running.environment)
            os.environ["DATA_DIR"] = str(folder)
            for name, value in local_secrets(os.environ).items():
                os.environ.setdefault(name, value)
            os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
            yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    with servers():
        os.environ[FOLDER] = os.environ["DATA_DIR"]
        with subprocess.Popen([sys.executable, "-m", "tests.template"], cwd=BASE_DIR) as migrating:
            try:
                return subprocess.run(sys.argv[1:], cwd=BASE_DIR, check=False).returncode
            finally:
                migrating.terminate()


if __name__ == "__main__":
    sys.exit(main())
