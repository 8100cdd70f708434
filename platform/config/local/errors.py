"""The one error of this package."""

from __future__ import annotations

import errno
from pathlib import Path


class StartError(Exception):
    """Why the program cannot start (or stopped), in one sentence that says what to do."""


def disk_full(folder: Path) -> StartError:
    """The disk of `folder` has no room, however that came to light."""
    return StartError(
        f"The disk that holds {folder} is full: free some space or set DATA_DIR to another disk."
    )


def from_os_error(error: OSError, folder: Path) -> StartError:
    """What an operating system error met while writing to `folder` means to a person."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(folder)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        where = error.filename or folder
        return StartError(
            f"{where} cannot be written: change its owner or set DATA_DIR to a folder of your own."
        )
    return StartError(f"Trunkline could not be started: {error}.")
