"""The list of vendors of one kind, and how far down it a call has come."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from media_workers.contract.vendors import Kind
from media_workers.providers.base import ProviderError, Usage

logger = logging.getLogger(__name__)

T = TypeVar("T")

AGAIN_AFTER_S = 0.25
"""Before the same vendor is asked again."""


@dataclass(frozen=True, slots=True)
class Option(Generic[T]):
    """A vendor in its place of the list. `subject`: what serves, or why it cannot be had. It is passed over
    when nothing has come for `patience_ms` and there is another; alone it has `limit_ms`, which is also
    the longest silence in the middle. `account`: under which name its failures are counted, where that is
    not the vendor's."""

    vendor: str
    subject: T | ProviderError
    patience_ms: int = 2_500
    limit_ms: int = 10_000
    account: str = ""

    def served(self) -> T:
        """Raises `ProviderError` when it cannot be had."""
        if isinstance(self.subject, ProviderError):
            raise copied(self.subject, retryable=False)
        return self.subject


class Watch:
    """Who hears of what a composite does by itself. Each is called on the loop; until somebody sets them
    they do nothing.

    `passed_over(error, after_ms)`: a vendor failed, `after_ms` after it was asked, and another (or the
    same again) is asked. `spent(usage)`: of an answer that ended before the vendor told its usage,
    estimated.
    """

    def __init__(self) -> None:
        self.passed_over: Callable[[ProviderError, int], None] = lambda error, after_ms: None
        self.spent: Callable[[Usage], None] = lambda usage: None


class Breaker(Protocol):
    """Whether a vendor is worth asking. Never raises."""

    async def allows(self, kind: Kind, vendor: str) -> bool: ...

    def failed(self, kind: Kind, vendor: str) -> None: ...

    def succeeded(self, kind: Kind, vendor: str) -> None: ...


class AlwaysAllows:
    """Of a list that nobody keeps count of."""

    async def allows(self, kind: Kind, vendor: str) -> bool:
        return True

    def failed(self, kind: Kind, vendor: str) -> None: ...

    def succeeded(self, kind: Kind, vendor: str) -> None: ...


class Chain(Generic[T]):
    """Event loop only. A run through the list asks each vendor once, those whose breaker is open last,
    and a single one twice; it ends when one has served or all have failed. Who has taken over comes first
    in the runs of the next `stays_s`.
    """

    def __init__(
        self,
        kind: Kind,
        options: Sequence[Option[T]],
        breaker: Breaker | None,
        *,
        stays_s: float = math.inf,
    ) -> None:
        self._options = list(options)
        self._kind = kind
        self._breaker = breaker or AlwaysAllows()
        self._stays_s = stays_s
        self._running = False
        self._left: deque[Option[T]] = deque()
        self._tripped: deque[Option[T]] = deque()
        self._current: Option[T] | None = None
        self._failed: Option[T] | None = None
        self._heir: Option[T] | None = None
        self._until = 0.0

    async def current(self) -> Option[T]:
        """Who is to be asked now."""
        if not self._running:
            self._begin(self._order())
        if self._current is None:
            self._current = await self._next()
        return self._current

    def _order(self) -> list[Option[T]]:
        if len(self._options) == 1:
            return self._options * 2
        if self._heir is None or asyncio.get_running_loop().time() > self._until:
            return self._options
        return [self._heir, *(o for o in self._options if o is not self._heir)]

    def _begin(self, options: Sequence[Option[T]]) -> None:
        self._running = True
        self._left, self._tripped = deque(options), deque()
        self._current = None

    async def _next(self) -> Option[T]:
        while self._left:
            option = self._left.popleft()
            if option is self._failed:
                await asyncio.sleep(AGAIN_AFTER_S)
                return option
            if len(self._options) == 1 or await self._breaker.allows(
                self._kind, option.account or option.vendor
            ):
                return option
            self._tripped.append(option)
        return self._tripped.popleft()

    @property
    def first_limit_ms(self) -> int:
        """How long the current one may take until it gives something. Who cannot be had, for want of a key,
        is nobody to give it up for."""
        option = self._current or self._options[0]
        left = [o for o in (*self._left, *self._tripped) if not isinstance(o.subject, ProviderError)]
        others = any(o is not option for o in left)
        return min(option.patience_ms, option.limit_ms) if others else option.limit_ms

    def failed(self, option: Option[T], error: ProviderError) -> bool:
        """Whether there is another to ask. It may have served before it failed."""
        self._breaker.failed(self._kind, option.account or option.vendor)
        if not self._running:
            self._begin([o for o in self._options if o is not option] or [option])
        self._current, self._failed = None, option
        if not error.retryable:
            self._left = deque(o for o in self._left if o is not option)
        self._running = bool(self._left or self._tripped)
        return self._running

    def served(self, option: Option[T]) -> None:
        self._breaker.succeeded(self._kind, option.account or option.vendor)
        if option is not (self._heir or self._options[0]):
            self._heir = option
            self._until = asyncio.get_running_loop().time() + self._stays_s
        self._running = False
        self._current = self._failed = None


def copied(error: ProviderError, *, retryable: bool) -> ProviderError:
    return ProviderError(error.component, error.provider, error.detail, retryable=retryable)


def slow(kind: Kind, vendor: str, limit_ms: int) -> ProviderError:
    """Not worth asking again."""
    return ProviderError(kind, vendor, f"gave nothing for {limit_ms} ms", retryable=False)


def broken(kind: Kind, vendor: str, error: Exception) -> ProviderError:
    """A mistake in an adapter, or something no adapter was prepared for."""
    logger.error("the adapter of %s (%s) failed", vendor, kind, exc_info=error)
    return ProviderError(kind, vendor, f"could not be understood ({type(error).__name__})")
