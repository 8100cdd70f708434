"""Mails that tests can read."""

from __future__ import annotations

import pytest
from celery import current_app
from django.core import mail
from django.core.mail import EmailMessage


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
    """Mails sent so far, oldest first; the task that sends them runs at once instead of in a worker.

    They are sent on commit: the test needs ``django_db(transaction=True)`` or
    `django_capture_on_commit_callbacks`.
    """
    from tenants.tasks import send_mail

    sent: list[EmailMessage] = []
    monkeypatch.setattr(mail, "outbox", sent, raising=False)

    def run(name: str, *, kwargs: dict[str, str]) -> None:
        assert name == send_mail.name
        send_mail.apply(kwargs=kwargs, throw=True)

    monkeypatch.setattr(current_app, "send_task", run, raising=False)
    return sent
