"""Answers that are made when the request's transaction is over, since a carrier is asked for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, JsonResponse

from apps.api.afterwards import Afterwards
from apps.api.problems import CONTENT_TYPE, INVALID, DomainProblem, problem
from tenants.errors import DomainError


def afterwards(make: Callable[[], Any]) -> Afterwards:
    """What `make` returns, as JSON; its domain errors as problems."""
    return Afterwards(lambda: _answer(make))


def _answer(make: Callable[[], Any]) -> HttpResponse:
    try:
        return JsonResponse(make())
    except DomainError as error:
        return _problem(DomainProblem(error))


def _problem(told: DomainProblem) -> HttpResponse:
    named = told.status_code == 422 and bool(told.fields)
    detail = INVALID if named else str(told.detail)
    body = problem(told.status_code, detail, told.problem_code, told.fields) | dict(told.members)
    headers = {} if told.wait is None else {"Retry-After": str(told.wait)}
    return HttpResponse(json.dumps(body), status=told.status_code, content_type=CONTENT_TYPE, headers=headers)
