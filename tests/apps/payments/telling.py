"""What of payments is mailed, for tests."""

from __future__ import annotations

from typing import Any

import pytest


def mails(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The templates of what is mailed, as it is."""
    sent: list[str] = []
    monkeypatch.setattr(
        "apps.payments.telling.mail_to_payers", lambda template, *_, **__: sent.append(template)
    )
    return sent


def contexts(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The contexts of what is mailed, as it is."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "apps.payments.telling.mail_to_payers", lambda _, context, **__: sent.append(dict(context))
    )
    return sent
