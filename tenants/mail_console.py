"""The mail server of a machine that has none: mails on standard output, as text, links in one piece.

Django's own console backend prints MIME, whose encodings cut long links apart. Every line begins with
`MARK`, by which `manage.py demo` finds them in the log.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from threading import Lock

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

MARK = "mail |"
_lock = Lock()


class EmailBackend(BaseEmailBackend):
    """Prints the text part of each message."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            head = [f"To: {', '.join(message.to)}", f"Subject: {message.subject}", ""]
            lines = ["-" * 72, *head, *str(message.body).splitlines(), "-" * 72]
            with _lock:
                # Not sys.stdout: in its processes Celery turns that into log records.
                out = sys.__stdout__ or sys.stdout
                out.write("".join(f"{MARK} {line}\n" for line in lines))
                out.flush()
        return len(email_messages)
