"""A line: one pjsua2 endpoint, the thread that owns it, and the commands that other threads post to it.

A datagram to the line's own SIP port, too short for pjsip to take it for a message, wakes the owner
thread, so that an idle line can sleep for half a second at a time.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from media_workers.contract.calls import DialTarget
from media_workers.sip.dial import bracketed, checked_headers, invite_addresses
from media_workers.sip.leg import PjsuaLeg
from media_workers.sip.switchboard import Switchboard
from media_workers.sip.types import Destination, Leg, LegHandler, LineConfig, LineHandler

log = logging.getLogger(__name__)

IDLE_WAIT_MS = 500
BUSY_WAIT_MS = 20
"""While a call is up: digits come from pjsip's own threads and do not wake us."""

HOUSEKEEPING_S = 1.0
STOP_PATIENCE_S = 2.0
"""How long the calls that a stop hangs up may take to say goodbye."""

SWITCH_INTERVAL_S = 0.001
CLOCK_NICENESS = -10
START_LIMIT_S = 15.0
STOP_LIMIT_S = 5.0


class PjsuaLine:
    """Implements `types.Line`. One at a time in a process: pjsua2 has one endpoint."""

    def __init__(self, config: LineConfig, handler: LineHandler) -> None:
        self.config = config
        self.capacity = 0
        self.port = config.port
        self._handler = handler
        self._commands: deque[Callable[[], None]] = deque()
        self._board: Switchboard | None = None
        self._bell: socket.socket | None = None
        self._thread = threading.Thread(target=self._run, name=f"sip-{config.port}", daemon=True)
        self._started = threading.Event()
        self._start_error: BaseException | None = None
        self._stopping = False

    def start(self) -> None:
        """Binds and starts the owner thread. Raises `OSError` naming the address that is busy."""
        self._thread.start()
        if not self._started.wait(START_LIMIT_S):
            raise TimeoutError(f"the SIP endpoint did not start within {START_LIMIT_S:.0f} s")
        if self._start_error is not None:
            self._thread.join()
            raise self._start_error

    def dial(
        self,
        target: DialTarget,
        handler: LegHandler,
        *,
        headers: Sequence[tuple[str, str]] = (),
        to: Destination | None = None,
    ) -> Leg:
        """INVITE to the first gateway. `ValueError`: the target or a header cannot be sent;
        `RuntimeError`: the line is not running."""
        board = self._board
        if board is None or self._stopping:
            raise RuntimeError("the line is not running")
        edge = self.config.edge
        us = edge.name if edge is not None else f"{bracketed(self.config.public_address)}:{self.port}"
        addresses = invite_addresses(target, us)
        extra = [*addresses.headers, *checked_headers(headers)]
        timeout_s = self.config.media_timeout_s
        leg = PjsuaLeg(board, inbound=False, media_timeout_s=timeout_s, policy=target.leg)
        leg.set_handler(handler)
        board.legs.append(leg)
        self._post(lambda: board.dial(leg, target, addresses, extra, to))
        return leg

    def active(self) -> int:
        """Calls that hold, or are about to take, one of pjsip's slots."""
        board = self._board
        return len(board.legs) if board is not None else 0

    @property
    def turned_away(self) -> dict[str, int]:
        """Requests that were refused or dropped before any handler heard of them, by reason."""
        board = self._board
        return dict(board.door.turned_away) if board is not None else {}

    def stop(self) -> None:
        """Hangs up what is left and frees the endpoint. Harmless twice, or on a line never started."""
        if self._thread.ident is None:
            return
        self._post(self._begin_stop)
        self._thread.join(STOP_LIMIT_S)
        if self._thread.is_alive():
            log.error("the SIP endpoint did not stop within %.0f s", STOP_LIMIT_S)

    def _post(self, command: Callable[[], None]) -> None:
        self._commands.append(command)
        bell = self._bell
        if bell is not None and threading.current_thread() is not self._thread:
            try:
                bell.send(b"\r\n")
            except OSError:
                log.debug("nobody hears the bell: the command waits for the next turn of the loop")

    # --- the owner thread -----------------------------------------------------------------------

    def _run(self) -> None:
        prefer_this_thread()
        try:
            board = Switchboard(self.config, self._handler, self._post)
        except BaseException as error:
            self._start_error = error
            self._started.set()
            return
        self.capacity, self.port = board.capacity, board.port
        self._bell = self._hang_bell()
        self._board = board
        self._started.set()
        try:
            self._loop(board)
        except Exception:
            log.exception("the SIP endpoint's thread failed")
        self._board = None
        board.close()
        if self._bell is not None:
            self._bell.close()

    def _loop(self, board: Switchboard) -> None:
        housekeeping_at = 0.0
        give_up_at = None
        while True:
            board.handle_events(BUSY_WAIT_MS if board.legs or self._bell is None else IDLE_WAIT_MS)
            while self._commands:
                self._commands.popleft()()
            now = time.monotonic()
            board.settle(now)
            if now >= housekeeping_at:
                housekeeping_at = now + HOUSEKEEPING_S
                board.housekeep(now)
            if self._stopping:
                give_up_at = give_up_at or now + STOP_PATIENCE_S
                if not board.legs or now > give_up_at:
                    return

    def _begin_stop(self) -> None:
        self._stopping = True
        if self._board is not None:
            self._board.hang_up_all("the line is stopping")

    def _hang_bell(self) -> socket.socket | None:
        if "udp" not in self.config.transports:
            return None
        anywhere = self.config.bind_address in ("", "0.0.0.0")
        bell = socket.socket(socket.AF_INET6 if self.config.ipv6 else socket.AF_INET, socket.SOCK_DGRAM)
        bell.connect(("127.0.0.1" if anywhere else self.config.bind_address, self.port))
        return bell


def prefer_this_thread() -> None:
    """Lets the calling thread, and pjsip's threads that it will start, run before others.

    A media clock that is late once costs its calls 20 ms for good: jitter buffers grow at once and
    hardly shrink. Raising the priority needs a privilege and is done where it is granted; the shorter
    turns of Python's threads need none.
    """
    sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_INTERVAL_S))
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), CLOCK_NICENESS)
