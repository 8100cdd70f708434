from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine does not cost a connection that a test counts."""
    monkeypatch.setattr("media_workers.providers.tts.contexts.ROOM_LIMIT_S", 30.0)
