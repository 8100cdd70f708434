"""The Celery application of the workers and of beat: ``celery -A config.celery worker``."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging, worker_process_init

from .local.process import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("trunkline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _keep_our_logging(**_: object) -> None:
    """Settings have configured logging; a receiver of this signal stops Celery from doing it again."""


@worker_process_init.connect
def _die_with_the_worker(**_: object) -> None:
    """A pool process in the middle of a job would outlive a worker that is killed."""
    die_with_parent(os.getppid())
