"""What nobody may read or hear afterwards: the values of sensitive slots, keys while they are pressed, and
the tools' secrets. One object per call; everything that leaves the call passes it.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel

HIDDEN = "[secret]"
SHORTEST_SECRET = 4
"""Characters; what is shorter is in every text by chance."""

SEPARATORS = r"[\s.,;:/_()-]{0,3}"
"""Between the digits of a number that is read out."""

B = TypeVar("B", bound=BaseModel)


class Secrecy:
    """Any thread. `hiding`: sensitive keys are being pressed, or a sensitive value is being spoken."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pattern: re.Pattern[str] | None = None
        self._secrets: set[str] = set()
        self._values: set[str] = set()
        self._hiding = 0
        self.names: set[str] = set()
        """Slots that hold sensitive values."""

    # --- what is known to be secret ---------------------------------------------------------------

    def keep(self, name: str, value: str) -> None:
        """The slot `name` holds the sensitive `value`."""
        with self._lock:
            self.names.add(name)
            self._values.add(value.strip())
            self._compile()

    def keep_secrets(self, secrets: Mapping[str, str | None]) -> None:
        """The tools' secrets."""
        with self._lock:
            self._secrets.update(s for s in secrets.values() if s and len(s) >= SHORTEST_SECRET)
            self._compile()

    def _compile(self) -> None:
        patterns = [re.escape(secret) for secret in self._secrets] + [_read_out(v) for v in self._values if v]
        patterns.sort(key=len, reverse=True)
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None

    # --- while it comes in ------------------------------------------------------------------------

    @property
    def hiding(self) -> bool:
        return self._hiding > 0

    def begin(self) -> None:
        """From now on the caller's side is not to be heard or read. `end` must follow."""
        with self._lock:
            self._hiding += 1

    def end(self) -> None:
        with self._lock:
            self._hiding = max(0, self._hiding - 1)

    # --- what leaves the call ---------------------------------------------------------------------

    def mask(self, text: str) -> str:
        """`text` with a star for each character of a sensitive value, and without secrets."""
        pattern = self._pattern
        return text if pattern is None or not text else pattern.sub(self._star, text)

    def masked(self, body: B) -> B:
        """`body` with all of its texts masked, however deep."""
        if self._pattern is None:
            return body
        changed = _deep(body, self.mask)
        return body if changed is body else changed

    def _star(self, match: re.Match[str]) -> str:
        found = match.group()
        return HIDDEN if found in self._secrets else re.sub(r"\w", "*", found)


def _read_out(value: str) -> str:
    """As it is; digits also one by one."""
    if re.fullmatch(r"[0-9*#]+", value):
        return rf"(?<![0-9]){SEPARATORS.join(map(re.escape, value))}(?![0-9])"
    return rf"(?<!\w){re.escape(value)}(?!\w)"


def _deep(value, mask):  # type: ignore[no-untyped-def]
    """`value` itself when nothing in it changes."""
    if isinstance(value, str):
        return mask(value) if type(value) is str else value
    if isinstance(value, BaseModel):
        fields = {name: getattr(value, name) for name in type(value).model_fields}
        changed = {name: new for name, old in fields.items() if (new := _deep(old, mask)) is not old}
        return value.model_copy(update=changed) if changed else value
    if isinstance(value, dict):
        items = {mask(k) if isinstance(k, str) else k: _deep(v, mask) for k, v in value.items()}
        return items if items != value else value
    if isinstance(value, list | tuple):
        parts = [_deep(v, mask) for v in value]
        return type(value)(parts) if parts != list(value) else value
    return value
