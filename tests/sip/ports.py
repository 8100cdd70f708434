"""Ports for tests, below the range that the kernel takes the ports of outgoing connections from."""

from __future__ import annotations

import random
import socket

SINGLE = range(19_000, 21_000)
BLOCKS = range(15_000, 19_000)


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody uses now, for UDP and TCP."""
    return next(port for port in random.sample(SINGLE, len(SINGLE)) if _is_free(host, port))


def free_block(width: int = 20) -> int:
    """The first of `width` free ports in a row on 127.0.0.1."""
    starts = BLOCKS[::width]
    for first in random.sample(starts, len(starts)):
        if all(_is_free("127.0.0.1", first + offset) for offset in range(width)):
            return first
    raise OSError(f"no {width} free ports in a row in {BLOCKS}")


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(family, kind) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True
