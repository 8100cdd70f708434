"""Jobs that tests can read."""

from __future__ import annotations

from typing import Any

import pytest
from celery import current_app

Sent = list[tuple[str, Any]]


@pytest.fixture
def sent_tasks(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """Jobs that were given to workers, oldest first: (name, arguments)."""
    sent: Sent = []

    def send(name: str, args: Any = None, kwargs: Any = None, **_: Any) -> None:
        sent.append((name, kwargs or args))

    monkeypatch.setattr(current_app, "send_task", send, raising=False)
    return sent
