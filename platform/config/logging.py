"""Logs: structured everywhere; one JSON object a line, or readable lines (LOG_FORMAT=console)."""

from __future__ import annotations

import logging
import logging.config
import re
from typing import Any

import structlog

# Links that need no credentials, from e-mails and to shared calls: whoever reads a log could use them.
_LINK = re.compile(r"(/(?:join|verify-email|password/reset|share|recordings)/)[^/]+")


def without_query(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    """A request's line without its query: filters hold telephone numbers, and strangers anything.

    The secret part of a link becomes three dots.
    """
    if isinstance(event.get("request"), str):
        event["request"] = _LINK.sub(r"\1...", event["request"].partition("?")[0])
    return event


# What both our own log calls and those of libraries pass through.
_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    without_query,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]
# Never with local variables, structlog's default: they hold passwords, keys and what callers said.
_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


# A node asks every few seconds: a line each would hide the lines that matter.
_QUIET_REQUESTS = ("POST /internal/v1/nodes/heartbeat", "GET /internal/v1/ping", "GET /healthz")


def worth_a_line(record: logging.LogRecord) -> bool:
    """Whether a request's record is kept: its end is enough, and a node's heartbeat only when it fails."""
    event = record.msg if isinstance(record.msg, dict) else {}
    if record.levelno > logging.INFO or event.get("event") not in ("request_started", "request_finished"):
        return True
    return event["event"] == "request_finished" and event.get("request") not in _QUIET_REQUESTS


def logging_settings(*, json_lines: bool) -> dict[str, Any]:
    """The `logging.config` dictionary: everything to standard error through one formatter."""
    final: list[Any] = (
        [_TRACEBACKS, structlog.processors.JSONRenderer()]
        if json_lines
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
            }
        },
        "filters": {"worth_a_line": {"()": lambda: worth_a_line}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "structured",
                "filters": ["worth_a_line"],
            }
        },
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            # Its lines repeat those of django_structlog's request middleware.
            "django.server": {"level": "WARNING"},
            "uvicorn.access": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            # Four lines each time a task of every few seconds has run as it should.
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "django_structlog.celery.receivers": {"level": "WARNING"},
        },
    }


def configure_logging(settings: dict[str, Any]) -> None:
    """Apply `settings` and send structlog's loggers the same way."""
    logging.config.dictConfig(settings)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
