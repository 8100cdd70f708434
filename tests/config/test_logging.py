"""Which requests get a line in the log."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest

from config.logging import logging_settings, worth_a_line


def record(message: Any, level: int = logging.INFO) -> logging.LogRecord:
    return logging.LogRecord("django_structlog", level, "", 0, message, None, None)


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ({"event": "request_started", "request": "GET /api/v1/calls"}, False),
        ({"event": "request_finished", "request": "GET /api/v1/calls"}, True),
        ({"event": "request_finished", "request": "POST /internal/v1/nodes/heartbeat"}, False),
        ({"event": "call_ended", "request": "POST /internal/v1/nodes/heartbeat"}, True),
        ("a library's line", True),
    ],
)
def test_a_request_has_one_line_and_a_heartbeat_none(message: Any, kept: bool) -> None:
    assert worth_a_line(record(message)) is kept


def test_a_heartbeat_that_fails_is_shown() -> None:
    failed = {"event": "request_finished", "request": "POST /internal/v1/nodes/heartbeat"}
    assert worth_a_line(record(failed, logging.WARNING))


@pytest.mark.parametrize(
    ("request_line", "shown"),
    [
        ("GET /api/v1/calls?from_number=%2B12025550100", "GET /api/v1/calls"),
        ("POST /api/v1/join/mailed-secret", "POST /api/v1/join/..."),
        ("GET /verify-email/mailed:secret", "GET /verify-email/..."),
        ("GET /password/reset/mailed-secret?next=/", "GET /password/reset/..."),
        ("GET /password/forgot", "GET /password/forgot"),
        ("GET /api/v1/share/secret/recording", "GET /api/v1/share/.../recording"),
        ("GET /share/secret", "GET /share/..."),
        ("GET /api/v1/recordings/secret", "GET /api/v1/recordings/..."),
    ],
)
def test_a_request_is_shown_without_its_query_and_without_secrets(request_line: str, shown: str) -> None:
    event: Any = {"event": "request_finished", "request": request_line}
    for step in logging_settings(json_lines=True)["formatters"]["structured"]["foreign_pre_chain"]:
        event = step(logging.getLogger("x"), "info", event)

    assert event["request"] == shown


@pytest.mark.parametrize("json_lines", [True, False])
def test_a_traceback_does_not_hold_local_variables(json_lines: bool) -> None:
    settings = logging_settings(json_lines=json_lines)["formatters"]["structured"]
    formatter = settings.pop("()")(**settings)
    broken = record("it broke", logging.ERROR)
    try:
        fail_with("open" + "sesame")
    except ZeroDivisionError:
        broken.exc_info = sys.exc_info()

    line = formatter.format(broken)

    assert "ZeroDivisionError" in line
    assert "fail_with" in line
    assert "opensesame" not in line


def fail_with(secret: str) -> float:
    return len(secret) / 0
