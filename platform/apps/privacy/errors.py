"""Why something cannot be held, deleted or told now."""

from __future__ import annotations

from tenants.errors import Conflict


class Held(Conflict):
    """A legal hold keeps what was to be deleted."""

    code = "legal_hold"


class MustWait(Exception):
    """A person's request cannot be answered yet; the words say why."""


class HeldBack(Exception):
    """A legal hold keeps a person's data; the words say which."""


class StillThere(Exception):
    """Something of the number is left; the words say what."""
