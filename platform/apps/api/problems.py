"""Errors as problem documents (RFC 9457, application/problem+json).

``{type, title, status, detail, code, errors: [{field, code, detail}]}``: `errors` is there when
fields of the request are at fault, with their dotted place (``config.model.nodes.start.expect.0``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpResponse
from drf_standardized_errors import handler as standardized
from drf_standardized_errors.formatter import ExceptionFormatter
from psycopg.errors import QueryCanceled
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from tenants import errors as domain

log = structlog.get_logger(__name__)

Fault = dict[str, str | None]
"""field, code, detail; the field is None for the body as a whole."""

CONTENT_TYPE = "application/problem+json"
BODY_TOO_LARGE = "The body is larger than 2 MB."
INVALID = "The request has invalid values; `errors` says where."

_STATUS: list[tuple[type[domain.DomainError], int]] = [
    (domain.InvalidInput, 422),
    (domain.NotFound, 404),
    (domain.Gone, 410),
    (domain.Stale, 412),
    (domain.Conflict, 409),
    (domain.PaymentRequired, 402),
    (domain.NotAllowed, 403),
    (domain.LimitReached, 429),
    (domain.Unavailable, 503),
]


class DomainProblem(exceptions.APIException):
    """A `DomainError` on its way to a problem document."""

    def __init__(self, error: domain.DomainError) -> None:
        super().__init__(detail=error.detail, code=error.code)
        self.status_code = next((s for kind, s in _STATUS if isinstance(error, kind)), 400)
        self.wait = getattr(error, "retry_after_s", None)
        parts = error.errors if isinstance(error, domain.InvalidFields) else [error]
        self.problem_code = error.code
        self.members = error.members
        self.fields: list[Fault] = [
            {"field": p.field, "code": p.code, "detail": p.detail} for p in parts if p.field
        ]


def problem(status: int, detail: str, code: str, errors: Sequence[Fault] = ()) -> dict[str, Any]:
    """The members of a problem document; `type` is about:blank: `code` is what programs switch on."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    return document | ({"errors": list(errors)} if errors else {})


def problem_response(
    status: int, detail: str, code: str, headers: dict[str, str] | None = None
) -> HttpResponse:
    """A problem from outside DRF: middleware and Django's own error handlers."""
    body = json.dumps(problem(status, detail, code))
    return HttpResponse(body, status=status, content_type=CONTENT_TYPE, headers=headers or {})


def database_trouble(error: OperationalError) -> domain.Unavailable:
    """What to tell of a database that gave up on a statement, or that cannot be reached."""
    if isinstance(error.__cause__, QueryCanceled):
        return domain.Unavailable(
            f"The database was still at it after {settings.WEB_STATEMENT_TIMEOUT_S} s. Ask for less at once "
            "(a shorter time, fewer filters), or try again later.",
            code="took_too_long",
            retry_after_s=5,
        )
    return domain.Unavailable("The database cannot be reached; try again.", retry_after_s=5)


class BodyTooLarge(exceptions.APIException):
    """A body beyond DATA_UPLOAD_MAX_MEMORY_SIZE."""

    status_code = 413
    default_detail = BODY_TOO_LARGE
    default_code = "body_too_large"


class ProblemFormatter(ExceptionFormatter):
    """The body for any exception that reaches DRF."""

    def run(self) -> dict[str, Any]:
        exc = self.exc
        if isinstance(exc, DomainProblem):
            detail = INVALID if exc.status_code == 422 and exc.fields else str(exc.detail)
            return problem(exc.status_code, detail, exc.problem_code, exc.fields) | dict(exc.members)
        found = self.get_errors()
        if isinstance(exc, exceptions.ValidationError):
            fields: list[Fault] = [
                {"field": _place(e.attr), "code": e.code or "invalid", "detail": e.detail} for e in found
            ]
            return problem(exc.status_code, INVALID, "invalid", fields)
        first = found[0]
        return problem(exc.status_code, first.detail, first.code)


def _place(attr: str | None) -> str | None:
    """The field's dotted name; None for the body as a whole."""
    if attr is None:
        return None
    return attr.removesuffix(api_settings.NON_FIELD_ERRORS_KEY).removesuffix(".") or None


class ProblemHandler(standardized.ExceptionHandler):
    """Domain errors get their status; validation errors are 422 (400 is for what cannot be parsed)."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, domain.DomainError):
            return DomainProblem(exc)
        if isinstance(exc, OperationalError):
            log.error("database_failed", exc_info=exc)
            return DomainProblem(database_trouble(exc))
        if isinstance(exc, RequestDataTooBig):
            return BodyTooLarge()
        if isinstance(exc, exceptions.ValidationError):
            exc.status_code = 422
        converted: Exception = super().convert_known_exceptions(exc)
        return converted

    def get_response(self, exc: exceptions.APIException, data: dict[str, Any]) -> Response:
        response: Response = super().get_response(exc, data)
        response.content_type = CONTENT_TYPE
        return response


def exception_handler(exc: Exception, context: Any) -> Response | None:
    """DRF's EXCEPTION_HANDLER."""
    response: Response | None = standardized.exception_handler(exc, context)
    return response
