"""Who may use the internal API: a media node, by its token; and how its bodies are read and answered."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from pydantic import BaseModel, ValidationError

from apps.api.problems import DomainProblem, problem_response
from telephony.edge.models import MediaNode
from telephony.edge.selectors import node_by_token
from tenants.errors import DomainError, NotAllowed
from tenants.selectors import bearer_token

log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 32 * 1024 * 1024
"""Of a JSON body: a batch of 500 events, each with a SIP message of 64 KB, at most."""

M = TypeVar("M", bound=BaseModel)
View = Callable[..., HttpResponse]


class BadBody(Exception):
    """The body is not what the contract says; the text names the place."""


def node_endpoint(*methods: str) -> Callable[[View], View]:
    """Makes a view of `view(request, node, ...)`: token checked, errors answered as problem documents."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, **arguments: Any) -> HttpResponse:
            if request.method not in methods:
                allowed = {"Allow": ", ".join(methods)}
                return problem_response(405, f"Use {' or '.join(methods)}.", "method_not_allowed", allowed)
            node = node_by_token(bearer_token(request.headers) or "")
            if node is None:
                challenge = {"WWW-Authenticate": 'Bearer realm="trunkline nodes"'}
                return problem_response(
                    401, "This is not the token of a media node.", "not_a_node", challenge
                )
            structlog.contextvars.bind_contextvars(node=node.name)
            try:
                return view(request, node, **arguments)
            except BadBody as error:
                return problem_response(422, str(error), "invalid")
            except DomainError as error:
                status = DomainProblem(error).status_code
                log.warning("node_refused", status=status, code=error.code, path=request.path)
                return problem_response(status, error.detail, error.code)

        return answer

    return decorate


def read(request: HttpRequest, model: type[M]) -> M:
    """The body as `model`. Raises BadBody."""
    data = request.read(MAX_BODY_BYTES + 1)
    if len(data) > MAX_BODY_BYTES:
        raise BadBody(f"A body may have at most {MAX_BODY_BYTES} bytes; send fewer events at once.")
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadBody(f"{place}: {first['msg']}") from error


def own(node: MediaNode, name: str) -> None:
    """The node that a body names must be the token's. Raises NotAllowed."""
    if name != node.name:
        raise NotAllowed(
            f"node: this token belongs to the node {node.name!r}, the body speaks for {name!r}",
            code="other_node",
        )


def answer_with(model: BaseModel) -> HttpResponse:
    """200 with `model` as JSON."""
    return HttpResponse(model.model_dump_json(), content_type="application/json")
