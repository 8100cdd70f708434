"""A file as it was uploaded, unpacked while it is read and never beyond a bound."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from apps.campaigns.importing.errors import FileRefused

MAX_RATIO = 200
"""Tables of telephone numbers shrink by 3 to 20 times; deflate cannot do better than about 1000."""
RATIO_FROM_BYTES = 10 * 1024 * 1024
"""A small file that shrinks well harms nobody."""
GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"


class Bounded(io.RawIOBase):
    """`inner`, which is refused once it has given more than `limit` bytes, or, of a packed file, more than
    `MAX_RATIO` times `packed` bytes."""

    def __init__(self, inner: IO[bytes], *, limit: int, packed: int | None) -> None:
        self._inner = inner
        self._limit = limit
        self._most = limit if packed is None else min(limit, max(RATIO_FROM_BYTES, packed * MAX_RATIO))
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._inner.read(len(buffer))
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise FileRefused("damaged", "The packed file is damaged and cannot be unpacked.") from error
        self.given += len(data)
        if self.given > self._most:
            self._refuse()
        buffer[: len(data)] = data
        return len(data)

    def _refuse(self) -> None:
        if self._most < self._limit:
            raise FileRefused(
                "zip_bomb", f"The packed file grows to more than {MAX_RATIO} times its size: it is not read."
            )
        megabytes = self._limit // 1024 // 1024
        raise FileRefused("too_large", f"The file is larger than {megabytes} MB when it is unpacked.")


@contextmanager
def unpacked(file: IO[bytes], *, size: int, limit: int) -> Iterator[io.BufferedReader]:
    """The CSV in `file` (plain, gzip, or the one member of a zip) of `size` bytes; at most `limit` come out.
    FileRefused, also while it is read."""
    head = file.read(4)
    file.seek(0)
    if head.startswith(GZIP):
        with gzip.GzipFile(fileobj=file, mode="rb") as inner:
            yield io.BufferedReader(Bounded(cast(IO[bytes], inner), limit=limit, packed=size), 1 << 18)
    elif head.startswith(ZIP):
        with _only_member(file) as member:
            yield io.BufferedReader(Bounded(member, limit=limit, packed=size), 1 << 18)
    else:
        yield io.BufferedReader(Bounded(file, limit=limit, packed=None), 1 << 18)


@contextmanager
def _only_member(file: IO[bytes]) -> Iterator[IO[bytes]]:
    try:
        archive = zipfile.ZipFile(file)
        members = [one for one in archive.infolist() if not one.is_dir() and not _of_a_mac(one.filename)]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise FileRefused("damaged", "The zip file is damaged and cannot be opened.") from error
    if len(members) != 1:
        raise FileRefused("not_one_file", f"A zip file has one CSV in it; this one has {len(members)} files.")
    try:
        member = archive.open(members[0])
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise FileRefused("damaged", "The zip file is damaged or has a password.") from error
    with archive, member:
        yield member


def _of_a_mac(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.endswith(".DS_Store")
