"""Keeps our mistakes out of pjsip: an exception that left one of its callbacks would end the process."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, TypeVar

log = logging.getLogger(__name__)

Callback = TypeVar("Callback", bound=Callable[..., Any])


def guarded(callback: Callback) -> Callback:
    """`callback` with its exceptions logged and ended here; it returns None then."""

    @functools.wraps(callback)
    def call(*args: Any) -> Any:
        try:
            return callback(*args)
        except Exception:
            log.exception("%s failed", callback.__qualname__)
            return None

    return call  # type: ignore[return-value]
