"""A migrated PostgreSQL and a Valkey of a benchmark's own, and Django in this process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def database(**environment: str) -> Iterator[dict[str, str]]:
    """Gives the environment with which other processes reach the same. `environment` wins."""
    sys.path.insert(0, str(ROOT / "platform"))
    from config.local.environment import local_secrets
    from config.local.servers import LocalServers

    before = dict(os.environ)
    folder = Path(tempfile.mkdtemp(prefix="trunkline-bench-"))
    folder.chmod(0o711)  # PostgreSQL runs as another user when we are root
    servers = LocalServers(folder, durable=False)
    try:
        os.environ |= {**servers.start(), "DATA_DIR": str(folder)}
        os.environ |= local_secrets(os.environ) | environment
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        subprocess.run([sys.executable, ROOT / "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
        import django

        django.setup()
        yield dict(os.environ)
        from django.db import connections

        connections.close_all()
    finally:
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)
        os.environ.clear()
        os.environ.update(before)
