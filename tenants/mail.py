"""E-mails: rendered from templates, sent after commit by a Celery task, so that no request waits for SMTP.

A mail `mail/invitation` has two templates, `mail/invitation_subject.txt` and `mail/invitation_message.txt`.
The HTML part is made of the same words in the frame `mail/frame.html`: blank lines separate paragraphs, and
a paragraph whose last line is one of the context's addresses (names that end in `url`) becomes a button
that bears the lines before it. No other text becomes a link, whatever a person has put into a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

SEND_MAIL = "tenants.send_mail"


def send_mail_template(template: str, *, to: str, context: Mapping[str, Any]) -> None:
    """Send the mail `template` to `to` once the transaction in force is committed.

    Never fails for want of a mail server: the task tries again, and the log says what got lost.
    """
    subject, text, html = render_mail(template, context)
    transaction.on_commit(lambda: _enqueue(template, to, subject, text, html), robust=True)


def render_mail(template: str, context: Mapping[str, Any]) -> tuple[str, str, str]:
    """Subject, text and HTML of the mail `template`. TemplateDoesNotExist for one that is unknown."""
    values = {"product": settings.PRODUCT_NAME, "public_url": settings.PUBLIC_URL} | {
        name: _one_line(value) if isinstance(value, str) else value for name, value in context.items()
    }
    subject = _one_line(render_to_string(f"{template}_subject.txt", values))
    text = render_to_string(f"{template}_message.txt", values).strip()
    addresses = {str(value) for name, value in values.items() if name.endswith("url")}
    html = render_to_string(
        "mail/frame.html", {**values, "subject": subject, "blocks": _blocks(text, addresses)}
    )
    return subject, text, html


def deliver(*, to: str, subject: str, text: str, html: str) -> None:
    """Hand one mail to the mail server of EMAIL_URL; its errors are the caller's."""
    message = EmailMultiAlternatives(subject, text, to=[to])
    message.attach_alternative(html, "text/html")
    message.send()


def _enqueue(template: str, to: str, subject: str, text: str, html: str) -> None:
    mail = {"to": to, "subject": subject, "text": text, "html": html}
    try:
        current_app.send_task(SEND_MAIL, kwargs=mail)
    except (OperationalError, OSError) as error:
        log.error("mail_not_queued", template=template, error=str(error))


def _one_line(text: str) -> str:
    """Names and subjects on one line: a line break in one would forge paragraphs or headers."""
    return " ".join(text.split())


def _blocks(text: str, addresses: set[str]) -> list[dict[str, str]]:
    """The paragraphs of a text: ``{"text"}``, or ``{"label", "url"}`` for a button."""
    blocks = []
    for paragraph in text.split("\n\n"):
        *lines, last = paragraph.strip().splitlines() or [""]
        if lines and last.strip() in addresses:
            blocks.append({"label": _one_line(" ".join(lines)).rstrip(":"), "url": last.strip()})
        elif last:
            blocks.append({"text": _one_line(paragraph)})
    return blocks
