"""Ports for tests, below the range that the kernel takes the ports of outgoing connections from."""

from __future__ import annotations

import random
import socket
import threading
from collections import deque

SINGLE = range(19_000, 21_000)
BLOCKS = range(15_000, 19_000)

_choosing = threading.Lock()
_given: deque[int] = deque(maxlen=40)
"""Not given again so soon: who asked may not have taken it yet."""


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody uses now, for UDP and TCP."""
    with _choosing:
        port = next(p for p in random.sample(SINGLE, len(SINGLE)) if p not in _given and _is_free(host, p))
        _given.append(port)
    return port


def free_block(width: int = 20) -> int:
    """The first of `width` free ports in a row on 127.0.0.1."""
    starts = BLOCKS[::width]
    with _choosing:
        for first in random.sample(starts, len(starts)):
            new = not any(first <= port < first + width for port in _given)
            if new and all(_is_free("127.0.0.1", first + offset) for offset in range(width)):
                _given.append(first)
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
