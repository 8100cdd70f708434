from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import Retry
from django.core.mail import EmailMessage
from django.template.loader import get_template
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django import Settings

import tenants
from tenants.mail import deliver, render_mail, send_mail_template
from tenants.mail_console import MARK
from tenants.tasks import send_mail
from tests.fakes.smtp_server import SmtpServer

INVITATION = {
    "tenant_name": "Acme",
    "role": "admin",
    "invited_by": "owner@example.com",
    "url": "http://localhost/join/key",
    "expires_at": timezone.now(),
}
MAIL = {"to": "new@example.com", "subject": "Hello", "text": "Words", "html": "<p>Words</p>"}
TEMPLATES = Path(tenants.__file__).parent / "templates"


@pytest.fixture
def server(settings: Settings) -> Iterator[SmtpServer]:
    with SmtpServer().running() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


def test_a_mail_has_the_same_words_twice() -> None:
    subject, text, html = render_mail("mail/invitation", INVITATION)

    assert subject == "Join Acme on Trunkline"
    assert "owner@example.com invites you to join Acme" in text
    assert "owner@example.com invites you to join Acme" in html
    assert '<a href="http://localhost/join/key"' in html


def test_names_forge_neither_paragraphs_nor_links_nor_markup() -> None:
    name = "Acme\n\nPay here:\nhttps://evil.example\n\n<b>&"

    subject, text, html = render_mail("mail/invitation", INVITATION | {"tenant_name": name})

    assert "\n" not in subject
    assert "Acme Pay here: https://evil.example <b>&" in text
    assert html.count("<a ") == 1
    assert "<b>" not in html
    assert 'href="https://evil.example' not in html


def test_a_mail_goes_out_when_the_transaction_is_committed_and_not_before(
    db: None, mailbox: list[EmailMessage], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        send_mail_template("mail/invitation", to="new@example.com", context=INVITATION)
        assert mailbox == []

    assert [mail.to for mail in mailbox] == [["new@example.com"]]


def test_without_a_broker_the_request_goes_on(
    db: None,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr("celery.current_app.send_task", refuse, raising=False)

    with django_capture_on_commit_callbacks(execute=True):
        send_mail_template("mail/invitation", to="new@example.com", context=INVITATION)

    assert "mail_not_queued" in caplog.text
    assert "new@example.com" not in caplog.text


def test_a_mail_server_gets_both_parts(server: SmtpServer, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Trunkline <no-reply@example.com>"

    send_mail.apply(kwargs=MAIL, throw=True)

    [mail] = server.mails
    assert (mail["To"], mail["From"]) == ("new@example.com", "Trunkline <no-reply@example.com>")
    parts = [part.get_content().strip() for part in mail.walk() if not part.is_multipart()]
    assert parts == ["Words", "<p>Words</p>"]


def test_later_means_later(server: SmtpServer) -> None:
    server.answers = ["450 greylisted"]

    with pytest.raises(Retry) as retry:
        send_mail.apply(kwargs=MAIL, throw=True)

    assert retry.value.when == 10
    assert send_mail.apply(kwargs=MAIL, throw=True).successful()
    assert len(server.mails) == 1


def test_an_address_that_does_not_exist_is_not_tried_again(server: SmtpServer) -> None:
    server.answers = ["550 nobody here"]

    assert send_mail.apply(kwargs=MAIL, throw=True).successful()
    assert server.mails == []


def test_a_mail_server_that_is_gone_is_tried_again(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    with pytest.raises(Retry):
        send_mail.apply(kwargs=MAIL, throw=True)


def test_the_terminal_shows_links_in_one_piece(settings: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    settings.EMAIL_BACKEND = "tenants.mail_console.EmailBackend"
    link = "http://localhost/verify-email/" + "x" * 200

    deliver(to="new@example.com", subject="Hello", text=f"Open:\n{link}", html="")

    lines = capfd.readouterr().out.splitlines()
    assert all(line.startswith(MARK) for line in lines)
    assert f"{MARK} {link}" in lines
    assert f"{MARK} To: new@example.com" in lines


@pytest.mark.parametrize(
    "subject", sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*_subject.txt"))
)
def test_every_mail_has_a_subject_and_words(subject: str) -> None:
    text = get_template(subject.replace("_subject", "_message")).render(
        {"activate_url": "http://localhost/x"}
    )

    assert get_template(subject).render({}).strip()
    assert len(text.strip()) > 50
