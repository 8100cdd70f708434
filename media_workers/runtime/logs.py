"""Structured logs of a media node on stdout: JSON, or readable lines with LOG_FORMAT=console.

Personal data (numbers, names, what was said) goes into fields named for it, never into the event.
"""

from __future__ import annotations

import logging
import os
import sys

import structlog


def configure(**fields: object) -> None:
    """Sets this process's logging up; `fields` (node, line) are in every record.

    What our own and other libraries log through `logging` (warnings and worse) looks the same.
    """
    readable = os.environ.get("LOG_FORMAT") == "console"
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([] if readable else [structlog.processors.format_exc_info]),
    ]
    render: structlog.typing.Processor = structlog.processors.JSONRenderer()
    if readable:
        render = structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**fields)


def get() -> structlog.typing.FilteringBoundLogger:
    """The logger of the calling module."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger
