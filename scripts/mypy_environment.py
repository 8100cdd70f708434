"""A mypy plugin that does nothing but let settings be imported with no server running.

The Django plugin reads the settings to learn the models; it connects to nothing.
"""

from __future__ import annotations

import base64
import os

from mypy.plugin import Plugin

os.environ.setdefault("DATABASE_URL", "postgresql://nobody@127.0.0.1/none")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1/0")
os.environ.setdefault("SECRET_KEY", "never used")
os.environ.setdefault("FIELD_ENCRYPTION_KEYS", base64.urlsafe_b64encode(bytes(32)).decode())


def plugin(version: str) -> type[Plugin]:
    """mypy's way in."""
    return Plugin
