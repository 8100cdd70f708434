"""Lets a test move the time of pjsip's timers forward: two hours of session refreshes in seconds.

pjsip's timers, and nothing else of it, ask `pj_gettickcount` for the time. Its first bytes are replaced
by a jump to a function of ours. x86-64 only, as is pjsua2's wheel.
"""

from __future__ import annotations

import ctypes
import mmap
import platform
import time

from media_workers.sip.endpoint import library

_PROTECTION = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_long * 2))


class PjsipClock:
    """From its creation on it is the clock of this process's pjsip timers. One a process, for good."""

    def __init__(self) -> None:
        assert platform.machine() == "x86_64", "the jump is written in machine code"
        self._ahead_s = 0
        self._callback = _CALLBACK(self._now)
        target = ctypes.cast(self._callback, ctypes.c_void_p).value
        function = ctypes.cast(library().pj_gettickcount, ctypes.c_void_p).value
        assert target
        assert function
        page = function & -mmap.PAGESIZE
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mprotect(ctypes.c_void_p(page), ctypes.c_size_t(2 * mmap.PAGESIZE), _PROTECTION) != 0:
            raise OSError(ctypes.get_errno(), "pjsip's code cannot be made writable")
        jump = b"\x48\xb8" + target.to_bytes(8, "little") + b"\xff\xe0"  # mov rax, target; jmp rax
        ctypes.memmove(function, jump, len(jump))

    def jump(self, seconds: int) -> None:
        """All timers due within `seconds` are due now."""
        self._ahead_s += seconds

    def _now(self, answer: ctypes.Array[ctypes.c_long]) -> int:
        """Fills a pj_time_val: seconds and milliseconds."""
        now_ns = time.monotonic_ns()
        answer[0][0] = now_ns // 1_000_000_000 + self._ahead_s
        answer[0][1] = now_ns // 1_000_000 % 1_000
        return 0
