"""Calling hours that laws and regulators set, each with its source."""

from __future__ import annotations

PRESETS: dict[str, object] = {}
