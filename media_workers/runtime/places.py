"""How many calls a line may carry, and how many it does. Event loop only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

LOOK_AGAIN_S = 0.25


class Places:
    """A line's places for calls. `occupied` tells how many the SIP endpoint still holds: it frees a
    call's slot a moment after the call has ended."""

    def __init__(self, capacity: int, occupied: Callable[[], int]) -> None:
        self.capacity = capacity
        self.busy = 0
        self._occupied = occupied
        self._given = asyncio.Event()

    @property
    def free(self) -> bool:
        """There is room for one more call."""
        return self.busy < self.capacity and self._occupied() < self.capacity

    def take(self) -> bool:
        """Takes a place for a call whose SIP leg exists already (inbound); False: all are taken."""
        if self.busy >= self.capacity:
            return False
        self.busy += 1
        return True

    def take_free(self) -> bool:
        """Takes a place for a call that is yet to be dialed."""
        return self.free and self.take()

    def give(self) -> None:
        """A call is over."""
        self.busy -= 1
        self._given.set()

    async def wait_free(self) -> None:
        """Returns when there may be room: soon after a place was given back."""
        if self.busy >= self.capacity:
            self._given.clear()
            await self._given.wait()
        else:
            await asyncio.sleep(LOOK_AGAIN_S)
