"""Background work of accounts and tenants."""

from __future__ import annotations

from importlib import import_module
from smtplib import SMTPException, SMTPRecipientsRefused

import structlog
from allauth.usersessions.models import UserSession
from celery import Task, shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef

from tenants.mail import SEND_MAIL, deliver
from tenants.services.delete_tenant import JOB, delete_left

log = structlog.get_logger(__name__)


# Ten tries over about two hours: a mail server that greylists, or is restarted, gets it.
@shared_task(bind=True, name=SEND_MAIL, ignore_result=True, max_retries=10)
def send_mail(self: Task[..., None], *, to: str, subject: str, text: str, html: str) -> None:
    """Sends one mail; tries again while the mail server cannot be reached or says "later"."""
    try:
        deliver(to=to, subject=subject, text=text, html=html)
    except SMTPRecipientsRefused as error:
        if any(code < 500 for code, _ in error.recipients.values()):
            raise self.retry(exc=error, countdown=_pause(self)) from error
        log.warning("mail_refused", codes=[code for code, _ in error.recipients.values()])
    except (SMTPException, OSError) as error:
        raise self.retry(exc=error, countdown=_pause(self)) from error


@shared_task(name=JOB, ignore_result=True)
def delete_left_tenants() -> int:
    """Deletes the tenants whose owners have left. Asked for by each of them, and by beat."""
    return delete_left()


@shared_task(name="tenants.clear_sessions", ignore_result=True)
def clear_sessions() -> None:
    """Removes sessions that have expired, also those of half-done single sign-ons. Twice does no harm."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.filter(~Exists(alive)).delete()


def _pause(task: Task[..., None]) -> int:
    return int(min(10 * 2**task.request.retries, 1800))
